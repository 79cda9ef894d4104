// SPDX-License-Identifier: MIT
// Damaged text, the same on every run: each parser returns or throws
// ParseError. Anything else (another exception, a crash, a hang, a sanitizer's
// report) fails.
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/hierarchy.h"
#include "cgroupfs/memory.h"
#include "cgroupfs/mountinfo.h"
#include "cgroupfs/pressure.h"
#include "cgroupfs/text.h"
#include "lab/inspect/cgroup_state.h"
#include "lab/inspect/network.h"
#include "lab/inspect/proc_text.h"
#include "lab/inspect/subject.h"
#include "tests/support/test_data.h"

namespace cgroupfs {
namespace {

void search_mounts(std::string_view text) {
  auto mounts = parse_mountinfo(text);
  host_mode(mounts);
  for (const Mount& mount : mounts) {
    is_reachable(mount, mounts);
    rebase(mount.mount_point, mount.root);
  }
}

/// The error that a message reports is not one of its form.
void add_to_network(std::string_view text) {
  lab::NetworkState network;
  try {
    lab::add_datagram(text, 0, network);
  } catch (const FileError&) {
  }
}

/// A link as rtnetlink describes it.
std::string link_message() {
  struct {
    nlmsghdr head{sizeof(*this), RTM_NEWLINK, 0, 1, 0};
    ifinfomsg link{};
    rtattr attribute{sizeof(rtattr) + 4, IFLA_IFNAME};
    char name[4] = "lo";
  } const message;
  return {reinterpret_cast<const char*>(&message), sizeof message};
}

using Parser = void (*)(std::string_view);

constexpr Parser parsers[] = {
    [](std::string_view text) { parse_u64(text); },
    [](std::string_view text) { parse_limit_v2(text); },
    [](std::string_view text) { parse_limit_v1(text, Bytes{4096}); },
    [](std::string_view text) { parse_flag(text); },
    [](std::string_view text) { parse_pids(text); },
    [](std::string_view text) { parse_flat_keyed(text); },
    [](std::string_view text) { parse_memberships(text); },
    [](std::string_view text) { parse_controllers(text); },
    [](std::string_view text) { parse_memory_events(text); },
    [](std::string_view text) { parse_oom_control(text); },
    [](std::string_view text) { parse_pressure(text); },
    [](std::string_view text) { split_words(unescape_octal(trim(text))); },
    search_mounts,
    [](std::string_view text) { lab::parse_status_text(text); },
    [](std::string_view text) { lab::parse_id_map(text); },
    [](std::string_view text) { lab::parse_cpu_max(text); },
    [](std::string_view text) { lab::parse_boot_time(text); },
    [](std::string_view text) { lab::root_file_system(text); },
    [](std::string_view text) { lab::names_in(text); },
    [](std::string_view text) { lab::parse_runtime_answer(std::string(text)); },
    add_to_network,
};

std::vector<std::string> sound_texts() {
  std::vector<std::string> texts = {
      "104960000\n",
      "#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t4\t57\t1\n",
      "max\n",
      "1\n22\n333\n",
      "low 0\nhigh 0\nmax 35\noom 1\noom_kill 1\noom_group_kill 0\n",
      "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
      "some avg10=12.34 avg60=5.60 avg300=0.78 total=901234\n"
      "full avg10=1.00 avg60=0.50 avg300=0.00 total=5678\n",
      "Name:\ta\nPid:\t12\nUid:\t0\t0\t0\t0\nVmRSS:\t  12 kB\n"
      "NSpid:\t12\t1\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t1\n",
      "         0     100000      65536\n",
      "50000 100000\n",
      "cpu  1 2\nbtime 1700000000\n",
      "/system.slice/kubepods-pod1f_2e.slice:cri-containerd:a\\x2d.scope",
      link_message(),
  };
  for (const auto& host :
       std::filesystem::directory_iterator(test_data("hosts"))) {
    if (!host.is_directory()) continue;
    for (const char* name : {"mountinfo", "cgroup"}) {
      auto text = try_read_file(host.path() / name);
      if (text) texts.push_back(*std::move(text));
    }
  }
  // A folder is listed in any order; the run must be the same everywhere.
  std::sort(texts.begin(), texts.end());
  return texts;
}

class Mutator {
 public:
  std::string mutate(std::string text) {
    for (std::size_t left = 1 + below(6); left > 0; --left) {
      std::size_t place = below(text.size() + 1);
      std::size_t length =
          below(std::min<std::size_t>(text.size() - place + 1, 40));
      switch (below(4)) {
        case 0:
          text.erase(place, length);
          break;
        case 1:
          text.insert(place, text.substr(place, length));
          break;
        case 2:
          text.insert(place, 1, static_cast<char>(below(256)));
          break;
        default:
          text.insert(place, hostile[below(std::size(hostile))]);
      }
    }
    return text;
  }

 private:
  static constexpr std::string_view hostile[] = {
      " - ", "\n",  ":", "\\", "\\04", "-", "99999999999999999999",
      " ",   "/..", "=", ",",  "0"};

  // The standard defines this engine's numbers, but not those of a
  // distribution.
  std::size_t below(std::size_t end) { return engine_() % end; }

  std::mt19937 engine_;
};

TEST(Mutation, makes_every_parser_return_or_throw_parse_error) {
  constexpr int rounds = 120;
  Mutator mutator;
  std::size_t returned = 0;
  std::size_t refused = 0;
  for (const std::string& sound : sound_texts()) {
    for (int round = 0; round < rounds; ++round) {
      std::string text = mutator.mutate(sound);
      for (Parser parser : parsers) {
        try {
          parser(text);
          ++returned;
        } catch (const ParseError&) {
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(returned, 1000u) << "the damage leaves nothing to parse";
  EXPECT_GT(refused, 1000u) << "the damage is too small to be refused";
}

}  // namespace
}  // namespace cgroupfs
