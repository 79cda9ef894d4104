// SPDX-License-Identifier: MIT
#include "lab/place/environment.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include <array>
#include <cerrno>
#include <cstring>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "lab/os/namespaces.h"

namespace lab {
namespace {

/// Reading a PSI file fails with EOPNOTSUPP when PSI is built in but disabled.
bool psi_works() {
  const cgroupfs::UniqueFd fd(
      ::open("/proc/pressure/memory", O_RDONLY | O_CLOEXEC));
  char byte = 0;
  return fd && ::read(fd.get(), &byte, 1) == 1;
}

/// The signature of QEMU's software emulation in the CPUID leaf of hypervisors
/// (see Documentation/virt/kvm/x86/cpuid.rst). Real hypervisors with nested
/// emulation do not hide it.
std::optional<bool> is_emulated() {
#if defined(__x86_64__) || defined(__i386__)
  constexpr unsigned hypervisor_leaf = 0x40000000;
  constexpr unsigned hypervisor_bit = 1U << 31;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return std::nullopt;
  if (!(c & hypervisor_bit)) return false;
  __cpuid(hypervisor_leaf, a, b, c, d);
  std::array<char, 12> signature{};
  std::memcpy(signature.data(), &b, 4);
  std::memcpy(signature.data() + 4, &c, 4);
  std::memcpy(signature.data() + 8, &d, 4);
  return std::string_view(signature.data(), signature.size()) == "TCGTCGTCGTCG";
#else
  return std::nullopt;
#endif
}

/// Without the blanks around it.
std::optional<std::string> trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == text.npos) return std::nullopt;
  return std::string(
      text.substr(begin, text.find_last_not_of(' ') + 1 - begin));
}

/// Times of different processors are not comparable.
std::optional<std::string> cpu_model() {
#if defined(__x86_64__) || defined(__i386__)
  constexpr unsigned first_leaf = 0x80000002;
  constexpr unsigned leaves = 3;
  std::array<unsigned, 4 * leaves> brand{};
  for (unsigned i = 0; i < leaves; ++i) {
    unsigned* const part = &brand[4 * i];
    if (!__get_cpuid(first_leaf + i, part, part + 1, part + 2, part + 3)) {
      return std::nullopt;
    }
  }
  std::array<char, sizeof brand> text{};
  std::memcpy(text.data(), brand.data(), text.size());
  return trimmed({text.data(), ::strnlen(text.data(), text.size())});
#else
  const auto midr = cgroupfs::try_read_file(
      "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1");
  if (!midr) return std::nullopt;
  return trimmed(midr->substr(0, midr->find('\n')));
#endif
}

unsigned online_cpus() {
  return static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN));
}

}  // namespace

std::optional<Bytes> meminfo_value(std::string_view text,
                                   std::string_view key) {
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    if (!line.starts_with(key)) continue;
    const auto words = cgroupfs::split_words(line);
    if (words.size() < 2 || !words[0].ends_with(':') ||
        words[0].substr(0, words[0].size() - 1) != key) {
      continue;
    }
    return Bytes{cgroupfs::parse_u64(words[1]) * kibi};
  }
  return std::nullopt;
}

std::optional<std::string> chosen_word(std::string_view text) {
  const std::size_t open = text.find('[');
  const std::size_t close = text.find(']', open);
  if (open == text.npos || close == text.npos) return std::nullopt;
  return std::string(text.substr(open + 1, close - open - 1));
}

Environment read_environment(const Placement& placement) {
  Environment environment;
  struct utsname names {};
  if (::uname(&names) == 0) {
    environment.kernel = names.release;
    environment.machine = names.machine;
  }
  environment.cgroup_mode = placement.mode;
  environment.memory_version = placement.version;
  environment.memory_mount = placement.hierarchy.mount_point;
  const std::string meminfo =
      cgroupfs::try_read_file("/proc/meminfo").value_or("");
  environment.memory_total = meminfo_value(meminfo, "MemTotal");
  environment.memory_available = meminfo_value(meminfo, "MemAvailable");
  environment.swap_total = meminfo_value(meminfo, "SwapTotal");
  environment.page_size = cgroupfs::page_size();
  environment.root = ::geteuid() == 0;
  environment.initial_pid_namespace = in_initial_pid_namespace();
  return environment;
}

void read_host_details(Environment& environment) {
  const auto thp =
      cgroupfs::try_read_file("/sys/kernel/mm/transparent_hugepage/enabled");
  if (thp) environment.thp = chosen_word(*thp);
  environment.psi = psi_works();
  environment.cpus = online_cpus();
  environment.cpu_model = cpu_model();
  environment.emulated = is_emulated();
}

}  // namespace lab
