// SPDX-License-Identifier: MIT
// A separate program, because cglab is static and starts quickly: libsystemd
// exists only as a shared library, and only hosts with systemd need it. It
// requests from systemd a transient scope with Delegate=yes for a process.
#include <fmt/format.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Arguments = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

constexpr const char* service = "org.freedesktop.systemd1";
constexpr const char* object = "/org/freedesktop/systemd1";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";
constexpr std::chrono::seconds timeout(20);

class BusFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct BusDeleter {
  void operator()(sd_bus* bus) const noexcept { sd_bus_flush_close_unref(bus); }
};
struct MessageDeleter {
  void operator()(sd_bus_message* message) const noexcept {
    sd_bus_message_unref(message);
  }
};
struct SlotDeleter {
  void operator()(sd_bus_slot* slot) const noexcept { sd_bus_slot_unref(slot); }
};
using Bus = std::unique_ptr<sd_bus, BusDeleter>;
using Message = std::unique_ptr<sd_bus_message, MessageDeleter>;
using Slot = std::unique_ptr<sd_bus_slot, SlotDeleter>;

/// The error reply of a call on the bus.
class BusError {
 public:
  BusError() = default;
  ~BusError() { sd_bus_error_free(&error_); }
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;

  sd_bus_error* get() noexcept { return &error_; }
  std::string text(int result) const {
    return error_.message ? error_.message : std::strerror(-result);
  }

 private:
  sd_bus_error error_{};
};

int check(int result, const char* what) {
  if (result >= 0) return result;
  throw BusFailure(fmt::format("{}: {}", what, std::strerror(-result)));
}

/// The private socket of systemd, for hosts without a bus daemon.
std::string private_address(bool user) {
  const std::string folder =
      user ? fmt::format("/run/user/{}/systemd", ::geteuid()) : "/run/systemd";
  return fmt::format("unix:path={}/private", folder);
}

/// Also for sessions without XDG_RUNTIME_DIR, as after `su`.
int open_user_bus(sd_bus** bus) {
  ::setenv("XDG_RUNTIME_DIR", fmt::format("/run/user/{}", ::geteuid()).c_str(),
           0);
  return sd_bus_open_user(bus);
}

int open_private_bus(bool user, sd_bus** result) {
  sd_bus* opened = nullptr;
  check(sd_bus_new(&opened), "make a bus");
  Bus bus(opened);
  check(sd_bus_set_address(opened, private_address(user).c_str()),
        "set the bus address");
  const int started = sd_bus_start(opened);
  if (started >= 0) *result = bus.release();
  return started;
}

Bus open_bus(bool user) {
  sd_bus* bus = nullptr;
  const int result = user ? open_user_bus(&bus) : sd_bus_open_system(&bus);
  if (result >= 0 || open_private_bus(user, &bus) >= 0) return Bus(bus);
  throw BusFailure(fmt::format("connect to the {} bus: {}",
                               user ? "user" : "system",
                               std::strerror(-result)));
}

/// The job to wait for.
struct Job {
  std::string path;    ///< empty until systemd has replied
  std::string result;  ///< empty until it has ended
};

int on_job_removed(sd_bus_message* message, void* data, sd_bus_error*) {
  Job& job = *static_cast<Job*>(data);
  std::uint32_t id = 0;
  const char* path = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  const int read =
      sd_bus_message_read(message, "uoss", &id, &path, &unit, &result);
  if (read >= 0 && job.path == path) job.result = result;
  return 0;
}

Slot watch_jobs(sd_bus* bus, Job& job) {
  sd_bus_slot* slot = nullptr;
  check(sd_bus_match_signal(bus, &slot, nullptr, object, manager, "JobRemoved",
                            on_job_removed, &job),
        "watch systemd's jobs");
  // Without a subscriber systemd sends no signals to a bus; it sends them on
  // its own socket anyway, where this call fails.
  sd_bus_call_method(bus, service, object, manager, "Subscribe", nullptr,
                     nullptr, nullptr);
  return Slot(slot);
}

/// The requested scope.
struct Scope {
  std::string unit;
  std::uint32_t pid = 0;  ///< the process to put into it
  std::string slice;      ///< empty: systemd's default
};

void append_properties(sd_bus_message* message, const Scope& scope) {
  // A failed scope is unloaded, so that its name can be used again.
  check(sd_bus_message_append(message, "(sv)(sv)(sv)(sv)",               //
                              "Description", "s",                        //
                              "cglab: a lab for memory limits",          //
                              "Delegate", "b", 1,                        //
                              "CollectMode", "s", "inactive-or-failed",  //
                              "PIDs", "au", 1, scope.pid),
        "make the request");
  if (scope.slice.empty()) return;
  check(
      sd_bus_message_append(message, "(sv)", "Slice", "s", scope.slice.c_str()),
      "make the request");
}

Message start_request(sd_bus* bus, const Scope& scope) {
  sd_bus_message* message = nullptr;
  check(sd_bus_message_new_method_call(bus, &message, service, object, manager,
                                       "StartTransientUnit"),
        "make a message");
  Message owned(message);
  check(sd_bus_message_append(message, "ss", scope.unit.c_str(), "fail"),
        "make the request");
  check(sd_bus_message_open_container(message, 'a', "(sv)"),
        "make the request");
  append_properties(message, scope);
  check(sd_bus_message_close_container(message), "make the request");
  check(sd_bus_message_append(message, "a(sa(sv))", 0), "make the request");
  return owned;
}

std::string send_request(sd_bus* bus, sd_bus_message* request) {
  BusError error;
  sd_bus_message* reply = nullptr;
  const int result = sd_bus_call(bus, request, 0, error.get(), &reply);
  const Message owned(reply);
  if (result < 0) throw BusFailure(error.text(result));
  const char* path = nullptr;
  check(sd_bus_message_read(reply, "o", &path), "read systemd's reply");
  return path;
}

void await_end(sd_bus* bus, const Job& job) {
  const auto deadline = Clock::now() + timeout;
  while (job.result.empty()) {
    const int handled = check(sd_bus_process(bus, nullptr), "listen");
    if (handled > 0) continue;
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
        deadline - Clock::now());
    if (left.count() <= 0) {
      throw BusFailure(
          fmt::format("systemd did not start it within {} s", timeout.count()));
    }
    check(sd_bus_wait(bus, static_cast<std::uint64_t>(left.count())), "wait");
  }
  if (job.result != "done") {
    throw BusFailure(fmt::format("the job ended with \"{}\"", job.result));
  }
}

/// When this returns, the scope exists and contains the process.
void start_scope(bool user, const Scope& scope) {
  const Bus bus = open_bus(user);
  Job job;
  const Slot slot = watch_jobs(bus.get(), job);
  const Message request = start_request(bus.get(), scope);
  job.path = send_request(bus.get(), request.get());
  await_end(bus.get(), job);
}

/// Checks that systemd replies, and prints its version.
void probe(bool user) {
  const Bus bus = open_bus(user);
  BusError error;
  char* text = nullptr;
  const int result = sd_bus_get_property_string(
      bus.get(), service, object, manager, "Version", error.get(), &text);
  if (result < 0) throw BusFailure(error.text(result));
  std::printf("%s\n", text);
  std::free(text);
}

int usage() {
  std::fputs(
      "Usage: cglab_scope user|system probe\n"
      "       cglab_scope user|system start UNIT PID [SLICE]\n"
      "Requests a scope with Delegate=yes for a process from systemd; called "
      "by cglab.\n",
      stderr);
  return 2;
}

int run(const Arguments& arguments) {
  if (arguments.size() < 2) return usage();
  const bool user = arguments[0] == "user";
  if (!user && arguments[0] != "system") return usage();
  if (arguments[1] == "probe" && arguments.size() == 2) {
    probe(user);
  } else if (arguments[1] == "start" &&
             (arguments.size() == 4 || arguments.size() == 5)) {
    start_scope(user, {arguments[2],
                       static_cast<std::uint32_t>(std::stoul(arguments[3])),
                       arguments.size() == 5 ? arguments[4] : ""});
  } else {
    return usage();
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(Arguments(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
