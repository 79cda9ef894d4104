// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/unique_fd.h"
#include "lab/os/deadline.h"

/// A network namespace as rtnetlink(7) describes it.
namespace lab {

/// "10.88.0.5/16".
struct InterfaceAddress {
  std::string address;
  unsigned prefix = 0;

  bool operator==(const InterfaceAddress&) const = default;
};

struct Interface {
  int index = 0;
  std::string name;
  bool up = false;       ///< IFF_UP
  bool carrier = false;  ///< IFF_LOWER_UP
  std::vector<InterfaceAddress> addresses;

  bool operator==(const Interface&) const = default;
};

struct DefaultRoute {
  bool is_v6 = false;
  std::optional<std::string> gateway;  ///< nullopt: directly on the link
  std::optional<int> interface;        ///< its index
  std::optional<std::uint64_t> metric;

  bool operator==(const DefaultRoute&) const = default;
};

struct NetworkState {
  std::vector<Interface> interfaces;
  std::vector<DefaultRoute> routes;  ///< only default ones
};

/// What a datagram says about the dump that it belongs to.
struct DumpStep {
  bool last = false;
  bool interrupted = false;  ///< not consistent: to be repeated

  bool operator==(const DumpStep&) const = default;
};

/// Adds the messages of a datagram from rtnetlink to `network`; those of
/// another `sequence` than that of the request, other kinds and unknown
/// attributes are ignored. Throws cgroupfs::ParseError for one that is cut off,
/// and cgroupfs::FileError for the error that it reports.
DumpStep add_datagram(std::string_view datagram, std::uint32_t sequence,
                      NetworkState& network);

/// Asks rtnetlink through `socket`. Only the kernel's answers count: root in
/// that namespace can send to the socket, too. Throws cgroupfs::FileError, with
/// ETIMEDOUT when there is no whole answer at `deadline`, and
/// cgroupfs::ParseError.
NetworkState ask_network(const cgroupfs::UniqueFd& socket, Deadline deadline);

/// The network of the namespace that `namespace_fd` (/proc/PID/ns/net) refers
/// to; -1: that of this process, which never enters another one. A child
/// process creates the socket there; `user_fd` (/proc/PID/ns/user; -1: none) is
/// the user namespace that it enters where it lacks the right otherwise. Throws
/// cgroupfs::FileError and cgroupfs::ParseError.
NetworkState read_network(int namespace_fd, int user_fd);

}  // namespace lab
