// SPDX-License-Identifier: MIT
#include "lab/inspect/network.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "cgroupfs/error.h"

namespace lab {
namespace {

using Wire = std::string_view;

[[noreturn]] void refuse_message() {
  throw cgroupfs::ParseError("a whole message of rtnetlink", "");
}

/// The struct at the start of `bytes`, which need not be aligned.
template <typename Struct>
Struct head_of(Wire bytes) {
  if (bytes.size() < sizeof(Struct)) refuse_message();
  Struct head;
  std::memcpy(&head, bytes.data(), sizeof(head));
  return head;
}

template <typename Struct>
Wire after_head(Wire bytes) {
  const std::size_t size = NLMSG_ALIGN(sizeof(Struct));
  return bytes.substr(std::min(size, bytes.size()));
}

/// Without its first `size` bytes, and the padding after them.
Wire after(Wire bytes, std::size_t size) {
  return bytes.substr(std::min<std::size_t>(NLMSG_ALIGN(size), bytes.size()));
}

using Attributes = std::map<unsigned short, Wire>;

/// rtattr; of equal ones the first.
Attributes attributes_in(Wire bytes) {
  Attributes attributes;
  while (bytes.size() >= sizeof(rtattr)) {
    const auto head = head_of<rtattr>(bytes);
    if (head.rta_len < sizeof(rtattr) || head.rta_len > bytes.size()) {
      refuse_message();
    }
    attributes.emplace(
        static_cast<unsigned short>(head.rta_type & NLA_TYPE_MASK),
        bytes.substr(sizeof(rtattr), head.rta_len - sizeof(rtattr)));
    bytes = after(bytes, head.rta_len);
  }
  return attributes;
}

template <typename Number>
std::optional<Number> number_of(const Attributes& attributes,
                                unsigned short type) {
  const auto found = attributes.find(type);
  if (found == attributes.end()) return std::nullopt;
  return head_of<Number>(found->second);
}

std::optional<std::string> text_of(const Attributes& attributes,
                                   unsigned short type) {
  const auto found = attributes.find(type);
  if (found == attributes.end()) return std::nullopt;
  return std::string(found->second.substr(0, found->second.find('\0')));
}

std::optional<std::string> address_in(Wire bytes, int family) {
  const std::size_t size = family == AF_INET6 ? 16 : 4;
  if (family != AF_INET && family != AF_INET6) return std::nullopt;
  if (bytes.size() < size) refuse_message();
  std::array<char, INET6_ADDRSTRLEN> text{};
  std::array<char, 16> address{};
  std::memcpy(address.data(), bytes.data(), size);
  if (!::inet_ntop(family, address.data(), text.data(), text.size())) {
    return std::nullopt;
  }
  return std::string(text.data());
}

std::optional<std::string> address_of(const Attributes& attributes,
                                      unsigned short type, int family) {
  const auto found = attributes.find(type);
  if (found == attributes.end()) return std::nullopt;
  return address_in(found->second, family);
}

void add_link(Wire bytes, NetworkState& network) {
  const auto head = head_of<ifinfomsg>(bytes);
  const Attributes attributes = attributes_in(after_head<ifinfomsg>(bytes));
  Interface link;
  link.index = head.ifi_index;
  link.name = text_of(attributes, IFLA_IFNAME).value_or("");
  link.up = (head.ifi_flags & IFF_UP) != 0;
  link.carrier = (head.ifi_flags & IFF_LOWER_UP) != 0;
  network.interfaces.push_back(std::move(link));
}

/// Of a point-to-point link IFA_ADDRESS is that of the peer.
void add_address(Wire bytes, NetworkState& network) {
  const auto head = head_of<ifaddrmsg>(bytes);
  const Attributes attributes = attributes_in(after_head<ifaddrmsg>(bytes));
  auto address = address_of(attributes, IFA_LOCAL, head.ifa_family);
  if (!address) address = address_of(attributes, IFA_ADDRESS, head.ifa_family);
  const auto link =
      std::find_if(network.interfaces.begin(), network.interfaces.end(),
                   [&](const Interface& each) {
                     return each.index == static_cast<int>(head.ifa_index);
                   });
  if (!address || link == network.interfaces.end()) return;
  link->addresses.push_back({*address, head.ifa_prefixlen});
}

/// RTA_VIA: a gateway of another family.
std::optional<std::string> via_of(const Attributes& attributes) {
  const auto found = attributes.find(RTA_VIA);
  if (found == attributes.end()) return std::nullopt;
  const auto family = head_of<unsigned short>(found->second);
  return address_in(found->second.substr(sizeof(family)), family);
}

void add_hop(const Attributes& attributes, DefaultRoute& route) {
  const int family = route.is_v6 ? AF_INET6 : AF_INET;
  route.gateway = address_of(attributes, RTA_GATEWAY, family);
  if (!route.gateway) route.gateway = via_of(attributes);
}

/// Of several hops the first.
void add_first_hop(Wire bytes, DefaultRoute& route) {
  const auto head = head_of<rtnexthop>(bytes);
  if (head.rtnh_len < sizeof(rtnexthop) || head.rtnh_len > bytes.size()) {
    refuse_message();
  }
  route.interface = head.rtnh_ifindex;
  add_hop(attributes_in(bytes.substr(sizeof(rtnexthop),
                                     head.rtnh_len - sizeof(rtnexthop))),
          route);
}

/// Only the default route of the main table.
void add_route(Wire bytes, NetworkState& network) {
  const auto head = head_of<rtmsg>(bytes);
  const Attributes attributes = attributes_in(after_head<rtmsg>(bytes));
  const auto table =
      number_of<std::uint32_t>(attributes, RTA_TABLE).value_or(head.rtm_table);
  const bool is_default = head.rtm_dst_len == 0 &&
                          head.rtm_type == RTN_UNICAST &&
                          table == RT_TABLE_MAIN;
  const bool is_ip = head.rtm_family == AF_INET || head.rtm_family == AF_INET6;
  if (!is_default || !is_ip) return;
  DefaultRoute route;
  route.is_v6 = head.rtm_family == AF_INET6;
  route.interface = number_of<int>(attributes, RTA_OIF);
  route.metric = number_of<std::uint32_t>(attributes, RTA_PRIORITY);
  add_hop(attributes, route);
  const auto hops = attributes.find(RTA_MULTIPATH);
  if (hops != attributes.end()) add_first_hop(hops->second, route);
  network.routes.push_back(std::move(route));
}

/// An nlmsgerr begins with the number, and the end of a dump may have one.
void throw_error(Wire bytes) {
  if (bytes.size() < sizeof(int)) return;
  const int error = head_of<int>(bytes);
  if (error < 0) throw cgroupfs::FileError(-error, "ask", "rtnetlink");
}

void add_message(unsigned short type, Wire bytes, NetworkState& network) {
  switch (type) {
    case RTM_NEWLINK:
      return add_link(bytes, network);
    case RTM_NEWADDR:
      return add_address(bytes, network);
    case RTM_NEWROUTE:
      return add_route(bytes, network);
    case NLMSG_ERROR:
    case NLMSG_DONE:
      return throw_error(bytes);
    default:
      return;
  }
}

}  // namespace

DumpStep add_datagram(std::string_view datagram, std::uint32_t sequence,
                      NetworkState& network) {
  DumpStep step;
  while (!datagram.empty() && !step.last) {
    const auto head = head_of<nlmsghdr>(datagram);
    if (head.nlmsg_len < sizeof(nlmsghdr) || head.nlmsg_len > datagram.size()) {
      refuse_message();
    }
    const Wire body =
        datagram.substr(sizeof(nlmsghdr), head.nlmsg_len - sizeof(nlmsghdr));
    datagram = after(datagram, head.nlmsg_len);
    if (head.nlmsg_seq != sequence) continue;
    if ((head.nlmsg_flags & NLM_F_DUMP_INTR) != 0) step.interrupted = true;
    step.last = head.nlmsg_type == NLMSG_DONE || head.nlmsg_type == NLMSG_ERROR;
    add_message(head.nlmsg_type, body, network);
  }
  return step;
}

}  // namespace lab
