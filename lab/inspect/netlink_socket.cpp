// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <vector>

#include "cgroupfs/error.h"
#include "cgroupfs/unique_fd.h"
#include "lab/base/units.h"
#include "lab/inspect/network.h"

namespace lab {
namespace {

using cgroupfs::FileError;
using cgroupfs::UniqueFd;

constexpr char netlink_name[] = "an rtnetlink socket";
/// The kernel answers at once; a filter might drop the answer.
constexpr std::chrono::seconds longest_read(2);
/// A dump that changes while it is read is begun again.
constexpr int most_attempts = 5;
/// The kernel fills at most 32 KiB at a time.
constexpr std::size_t datagram_size = 64 * kibi;

/// -1 and errno when it fails.
int open_netlink() noexcept {
  return ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

/// One byte, which is the errno, and the socket where that is 0.
struct SocketMessage {
  SocketMessage() {
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
  }

  int error = 0;
  iovec part{&error, sizeof error};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
};

void send_socket(int channel, int fd, int error) noexcept {
  SocketMessage to;
  to.error = error;
  if (fd >= 0) {
    cmsghdr* const head = CMSG_FIRSTHDR(&to.message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(head), &fd, sizeof fd);
  } else {
    to.message.msg_controllen = 0;
  }
  ::sendmsg(channel, &to.message, MSG_NOSIGNAL);
}

/// Root may enter it directly; a user only from the user namespace that owns
/// it, such as that of a rootless container.
bool enter(int namespace_fd, int user_fd) noexcept {
  if (::setns(namespace_fd, CLONE_NEWNET) == 0) return true;
  const int error = errno;
  if (error != EPERM || user_fd < 0) return false;
  if (::setns(user_fd, CLONE_NEWUSER) == 0 &&
      ::setns(namespace_fd, CLONE_NEWNET) == 0) {
    return true;
  }
  errno = error;
  return false;
}

/// The child allocates nothing, and ends with its parent.
[[noreturn]] void send_socket_of(int namespace_fd, int user_fd, int channel,
                                 pid_t parent) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  const int fd = enter(namespace_fd, user_fd) ? open_netlink() : -1;
  send_socket(channel, fd, fd < 0 ? errno : 0);
  ::_exit(0);
}

UniqueFd receive_socket(int channel) {
  SocketMessage from;
  from.error = ECHILD;
  ssize_t size = 0;
  do {
    size = ::recvmsg(channel, &from.message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  const cmsghdr* const head = CMSG_FIRSTHDR(&from.message);
  UniqueFd fd;
  if (size > 0 && head && head->cmsg_type == SCM_RIGHTS) {
    int number = -1;
    std::memcpy(&number, CMSG_DATA(head), sizeof number);
    fd = UniqueFd(number);
  }
  if (fd) return fd;
  throw FileError(from.error, "enter", "the network namespace");
}

/// A socket belongs to the namespace in which it was created, whoever uses it.
UniqueFd socket_in(int namespace_fd, int user_fd) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) !=
      0) {
    cgroupfs::throw_errno("create", "a socket to a child");
  }
  const UniqueFd here(ends[0]);
  UniqueFd there(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) cgroupfs::throw_errno("fork", "a child");
  if (child == 0) send_socket_of(namespace_fd, user_fd, there.get(), parent);
  there.reset();
  // It is reaped also when this throws.
  struct Reaped {
    pid_t pid;
    ~Reaped() {
      while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  } const reaped{child};
  return receive_socket(here.get());
}

struct Request {
  unsigned short type;
  unsigned char family;
  std::size_t body;  ///< the kernel takes what is behind it for attributes
};

constexpr Request requests[] = {{RTM_GETLINK, AF_UNSPEC, sizeof(ifinfomsg)},
                                {RTM_GETADDR, AF_UNSPEC, sizeof(ifaddrmsg)},
                                {RTM_GETROUTE, AF_INET, sizeof(rtmsg)},
                                {RTM_GETROUTE, AF_INET6, sizeof(rtmsg)}};

void send_request(const UniqueFd& fd, const Request& request,
                  std::uint32_t sequence) {
  struct {
    nlmsghdr head;
    unsigned char body[sizeof(ifinfomsg)];  // the largest; its family is first
  } message{};
  const std::size_t size = sizeof(nlmsghdr) + request.body;
  message.head.nlmsg_len = static_cast<std::uint32_t>(size);
  message.head.nlmsg_type = request.type;
  message.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.head.nlmsg_seq = sequence;
  message.body[0] = request.family;
  if (::send(fd.get(), &message, size, 0) < 0) {
    cgroupfs::throw_errno("write", netlink_name);
  }
}

/// False once `deadline` has passed.
bool wait_for_answer(const UniqueFd& fd, Deadline deadline) {
  pollfd waiting{fd.get(), POLLIN, 0};
  const int ready = ::poll(&waiting, 1, milliseconds_until(deadline));
  if (ready < 0 && errno != EINTR) cgroupfs::throw_errno("poll", netlink_name);
  return ready != 0 && std::chrono::steady_clock::now() < deadline;
}

/// The next datagram into `buffer`; nullopt: it is not the kernel's, or there
/// is none.
std::optional<std::string_view> try_receive(const UniqueFd& fd,
                                            std::vector<char>& buffer) {
  sockaddr_nl sender{};
  iovec part{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_name = &sender;
  message.msg_namelen = sizeof sender;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const ssize_t size = ::recvmsg(fd.get(), &message, MSG_DONTWAIT);
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return std::nullopt;
  if (size < 0) cgroupfs::throw_errno("read", netlink_name);
  const bool of_kernel = message.msg_namelen == sizeof sender &&
                         sender.nl_family == AF_NETLINK && sender.nl_pid == 0;
  if (!of_kernel) return std::nullopt;
  if ((message.msg_flags & MSG_TRUNC) != 0) {
    throw FileError(EMSGSIZE, "read", netlink_name);
  }
  return std::string_view(buffer.data(), static_cast<std::size_t>(size));
}

/// Whether the answer is consistent.
bool try_dump(const UniqueFd& fd, const Request& request,
              std::uint32_t sequence, Deadline deadline,
              NetworkState& network) {
  std::vector<char> buffer(datagram_size);
  send_request(fd, request, sequence);
  bool consistent = true;
  while (wait_for_answer(fd, deadline)) {
    const auto datagram = try_receive(fd, buffer);
    if (!datagram) continue;
    const DumpStep step = add_datagram(*datagram, sequence, network);
    consistent = consistent && !step.interrupted;
    if (step.last) return consistent;
  }
  throw FileError(ETIMEDOUT, "read", netlink_name);
}

/// All dumps, each of which needs those before it; nullopt: not consistent.
std::optional<NetworkState> try_read_all(const UniqueFd& fd,
                                         std::uint32_t& sequence,
                                         Deadline deadline) {
  NetworkState network;
  for (const Request& request : requests) {
    if (!try_dump(fd, request, ++sequence, deadline, network)) {
      return std::nullopt;
    }
  }
  return network;
}

}  // namespace

NetworkState ask_network(const UniqueFd& socket, Deadline deadline) {
  std::uint32_t sequence = 0;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    if (auto network = try_read_all(socket, sequence, deadline)) {
      return *network;
    }
  }
  throw FileError(EAGAIN, "read consistently", netlink_name);
}

NetworkState read_network(int namespace_fd, int user_fd) {
  const UniqueFd fd = namespace_fd < 0 ? UniqueFd(open_netlink())
                                       : socket_in(namespace_fd, user_fd);
  if (!fd) cgroupfs::throw_errno("create", netlink_name);
  return ask_network(fd, std::chrono::steady_clock::now() + longest_read);
}

}  // namespace lab
