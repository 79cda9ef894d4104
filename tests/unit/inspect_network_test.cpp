// SPDX-License-Identifier: MIT
#include "lab/inspect/network.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "cgroupfs/error.h"

namespace lab {
namespace {

using cgroupfs::ParseError;

template <typename Struct>
std::string bytes_of(const Struct& value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string aligned(std::string bytes) {
  bytes.resize(NLMSG_ALIGN(bytes.size()));
  return bytes;
}

std::string attribute(unsigned short type, const std::string& value) {
  const rtattr head{static_cast<unsigned short>(sizeof(rtattr) + value.size()),
                    type};
  return aligned(bytes_of(head) + value);
}

std::string message(unsigned short type, const std::string& body,
                    unsigned short flags = NLM_F_MULTI) {
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(sizeof head + body.size());
  head.nlmsg_type = type;
  head.nlmsg_flags = flags;
  return aligned(bytes_of(head) + body);
}

std::string address(int family, const char* text) {
  std::string bytes(family == AF_INET6 ? 16 : 4, '\0');
  EXPECT_EQ(::inet_pton(family, text, bytes.data()), 1);
  return bytes;
}

std::string link(int index, const std::string& name, unsigned flags) {
  ifinfomsg head{};
  head.ifi_index = index;
  head.ifi_flags = flags;
  return message(RTM_NEWLINK, bytes_of(head) +
                                  attribute(IFLA_MTU, bytes_of(1500)) +
                                  attribute(IFLA_IFNAME, name + '\0'));
}

std::string address_message(unsigned index, unsigned char family,
                            const std::string& attributes) {
  ifaddrmsg head{};
  head.ifa_family = family;
  head.ifa_prefixlen = 24;
  head.ifa_index = index;
  return message(RTM_NEWADDR, bytes_of(head) + attributes);
}

rtmsg default_route(unsigned char family = AF_INET) {
  rtmsg head{};
  head.rtm_family = family;
  head.rtm_table = RT_TABLE_MAIN;
  head.rtm_type = RTN_UNICAST;
  return head;
}

std::string route(const rtmsg& head, const std::string& attributes) {
  return message(RTM_NEWROUTE, bytes_of(head) + attributes);
}

DumpStep add(std::string_view datagram, NetworkState& network) {
  return add_datagram(datagram, 0, network);
}

const std::string done = message(NLMSG_DONE, bytes_of(0));

TEST(Network, has_links_with_their_addresses) {
  NetworkState network;
  EXPECT_EQ(add(link(1, "lo", IFF_UP | IFF_LOWER_UP) + link(7, "eth0", IFF_UP) +
                    link(8, "tap", 0),
                network),
            (DumpStep{false, false}));
  EXPECT_EQ(add(done, network), (DumpStep{true, false}));
  add(address_message(7, AF_INET,
                      attribute(IFA_ADDRESS, address(AF_INET, "10.0.0.1")) +
                          attribute(IFA_LOCAL, address(AF_INET, "10.0.0.2"))) +
          address_message(7, AF_INET6,
                          attribute(IFA_ADDRESS, address(AF_INET6, "fe80::1"))),
      network);
  add(address_message(99, AF_INET, attribute(IFA_LOCAL, "abcd")), network);
  ASSERT_EQ(network.interfaces.size(), 3u);
  EXPECT_EQ(network.interfaces[0], (Interface{1, "lo", true, true, {}}));
  EXPECT_EQ(
      network.interfaces[1],
      (Interface{7, "eth0", true, false, {{"10.0.0.2", 24}, {"fe80::1", 24}}}));
  EXPECT_FALSE(network.interfaces[2].up);
}

TEST(Network, has_only_default_routes_of_the_main_table) {
  NetworkState network;
  const std::string gateway =
      attribute(RTA_GATEWAY, address(AF_INET, "10.0.0.1")) +
      attribute(RTA_OIF, bytes_of(7)) +
      attribute(RTA_PRIORITY, bytes_of(std::uint32_t{100}));
  rtmsg narrow = default_route();
  narrow.rtm_dst_len = 24;
  rtmsg unreachable = default_route(AF_INET6);
  unreachable.rtm_type = RTN_UNREACHABLE;
  add(route(narrow, gateway) + route(unreachable, "") +
          route(default_route(),
                gateway + attribute(RTA_TABLE, bytes_of(std::uint32_t{1234}))) +
          route(default_route(), gateway) +
          route(default_route(AF_INET6), attribute(RTA_OIF, bytes_of(8))),
      network);
  ASSERT_EQ(network.routes.size(), 2u);
  EXPECT_EQ(network.routes[0], (DefaultRoute{false, "10.0.0.1", 7, 100u}));
  EXPECT_EQ(network.routes[1],
            (DefaultRoute{true, std::nullopt, 8, std::nullopt}));
}

TEST(Network, has_the_first_hop_of_several_and_gateways_of_v6) {
  NetworkState network;
  const std::string inside =
      attribute(RTA_GATEWAY, address(AF_INET, "10.0.0.9"));
  rtnexthop hop{};
  hop.rtnh_len = static_cast<unsigned short>(sizeof hop + inside.size());
  hop.rtnh_ifindex = 5;
  const std::string via = bytes_of(static_cast<unsigned short>(AF_INET6)) +
                          address(AF_INET6, "fe80::2");
  add(route(default_route(), attribute(RTA_MULTIPATH, bytes_of(hop) + inside)) +
          route(default_route(), attribute(RTA_VIA, via)),
      network);
  ASSERT_EQ(network.routes.size(), 2u);
  EXPECT_EQ(network.routes[0].gateway, "10.0.0.9");
  EXPECT_EQ(network.routes[0].interface, 5);
  EXPECT_EQ(network.routes[1].gateway, "fe80::2");
}

TEST(Network, notes_an_interrupted_dump_wherever_it_is_marked) {
  NetworkState network;
  const std::string marked =
      message(NLMSG_DONE, bytes_of(0), NLM_F_MULTI | NLM_F_DUMP_INTR);
  EXPECT_EQ(add(link(1, "lo", 0) + marked, network), (DumpStep{true, true}));
  EXPECT_EQ(add(message(RTM_NEWNEIGH, "", NLM_F_DUMP_INTR), network),
            (DumpStep{false, true}));
}

TEST(Network, reports_the_error_of_the_kernel) {
  NetworkState network;
  for (const unsigned short type : {NLMSG_ERROR, NLMSG_DONE}) {
    try {
      add(message(type, bytes_of(-EPERM)), network);
      FAIL();
    } catch (const cgroupfs::FileError& error) {
      EXPECT_EQ(error.code().value(), EPERM);
    }
  }
}

TEST(Network, refuses_messages_that_are_cut_off) {
  const std::string whole = link(1, "lo", 0);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    NetworkState network;
    EXPECT_THROW(add(whole.substr(0, size), network), ParseError) << size;
  }
  NetworkState network;
  EXPECT_THROW(add(message(RTM_NEWLINK, std::string(3, '\0')), network),
               ParseError);
  EXPECT_THROW(
      add(route(default_route(), attribute(RTA_GATEWAY, "ab")), network),
      ParseError);
}

/// Answers to earlier requests.
TEST(Network, ignores_messages_of_other_sequences) {
  NetworkState network;
  EXPECT_EQ(add_datagram(link(1, "lo", 0) + done, 7, network), DumpStep{});
  EXPECT_TRUE(network.interfaces.empty());
}

std::string numbered(std::string message, std::uint32_t sequence) {
  std::memcpy(message.data() + offsetof(nlmsghdr, nlmsg_seq), &sequence,
              sizeof sequence);
  return message;
}

Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

bool has_interface(const NetworkState& network, const std::string& name) {
  return std::any_of(network.interfaces.begin(), network.interfaces.end(),
                     [&](const Interface& each) { return each.name == name; });
}

/// As root inside of the network namespace can.
TEST(AskNetwork, ignores_what_others_send_to_its_socket) {
  const cgroupfs::UniqueFd asking(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  const cgroupfs::UniqueFd forging(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  ASSERT_EQ(::bind(asking.get(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof address),
            0);
  socklen_t size = sizeof address;
  ASSERT_EQ(
      ::getsockname(asking.get(), reinterpret_cast<sockaddr*>(&address), &size),
      0);
  const std::string forged =
      numbered(link(99, "forged", IFF_UP), 1) + numbered(done, 1);
  if (::sendto(forging.get(), forged.data(), forged.size(), 0,
               reinterpret_cast<const sockaddr*>(&address), size) < 0) {
    GTEST_SKIP() << "CAP_NET_ADMIN: " << std::strerror(errno);
  }
  const NetworkState network = ask_network(asking, in(std::chrono::seconds(2)));
  EXPECT_FALSE(has_interface(network, "forged"));
  EXPECT_TRUE(has_interface(network, "lo"));
}

/// However much is sent meanwhile.
TEST(AskNetwork, ends_at_its_deadline) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends.data()),
            0);
  const cgroupfs::UniqueFd asking(ends[0]);
  const cgroupfs::UniqueFd other(ends[1]);
  const std::string forged = numbered(link(99, "forged", IFF_UP), 1);
  for (int i = 0; i < 5; ++i) {
    ASSERT_GT(::send(other.get(), forged.data(), forged.size(), 0), 0);
  }
  try {
    ask_network(asking, in(std::chrono::milliseconds(20)));
    FAIL();
  } catch (const cgroupfs::FileError& error) {
    EXPECT_EQ(error.code().value(), ETIMEDOUT);
  }
}

}  // namespace
}  // namespace lab
