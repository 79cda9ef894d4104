// SPDX-License-Identifier: MIT
#include "lab/doctor/doctor.h"

#include <fmt/format.h>

#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/command/command_line.h"
#include "lab/doctor/doctor_report.h"
#include "lab/os/signal_fd.h"

namespace lab {
namespace {

OptionList doctor_description() {
  return {
      {"json", nullptr, "print one JSON document"},
      {"color", "auto|always|never", "colours"},
      {"lang", "en|zh", "language (default: from the environment)"},
      {"help,h", nullptr, "this text"},
  };
}

void print_help() {
  write_stdout(fmt::format(
      "Usage: cglab doctor [OPTION]...\n"
      "Tells what this host has of what the lab needs, and what to do about "
      "the rest.\n"
      "An empty cgroup is made for a moment, where a run would make its "
      "own.\n\n{}\n"
      "Exit status: 0 'cglab oom' runs here, 77 it does not.\n",
      options_text(doctor_description())));
}

int doctor(const Command&, const std::vector<std::string>& arguments) {
  const CommandLine line = parse_command_line(doctor_description(), arguments);
  if (line.has("help")) {
    print_help();
    return exit_expected;
  }
  const ColorChoice color =
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic);
  const Language language =
      choose_language(value_of(line, "lang", parse_language));
  // A signal must not leave the cgroup behind.
  const SignalFd signals;
  const bool json = line.has("json");
  const Diagnosis diagnosis = diagnose(json ? Language::en : language);
  write_stdout(json ? doctor_json(diagnosis)
                    : doctor_report(diagnosis, Terminal(stdout, color)));
  return diagnosis.oom_runs ? exit_expected : exit_unavailable;
}

const CommandRegistration registration(
    {"doctor", "tell what this host has of what the lab needs", doctor});

}  // namespace
}  // namespace lab
