// SPDX-License-Identifier: MIT
#include "lab/doctor/doctor.h"

#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/command/render_target.h"
#include "lab/doctor/doctor_report.h"
#include "lab/os/signal_fd.h"

namespace lab {
namespace {

std::vector<std::string> doctor_formats() {
  auto names = document_formats();
  names.emplace_back("json");
  return names;
}

Description describe_doctor(const Command&) {
  Description description{
      .about = {"Checks whether this host can run the lab, and shows how to "
                "fix what is missing. Creates an empty cgroup for a moment "
                "where a run would."},
      .options = render_options(doctor_formats()),
      .exit_statuses = {{"0", "'cglab oom' runs here"},
                        {"2", "usage error"},
                        {"77", "it does not"}},
  };
  add(description.options, view_options());
  return description;
}

int doctor(const Command&, const CommandLine& line) {
  const RenderTarget target = read_render_target(line, doctor_formats());
  const View view = read_view(line);
  // A signal must not leave the cgroup behind.
  const SignalFd signals;
  const bool json = target.format == "json";
  const Diagnosis diagnosis = diagnose(json ? Language::en : view.language);
  write_rendered(
      target, json ? doctor_json(diagnosis)
                   : render_document(doctor_document(diagnosis), target, view));
  return diagnosis.oom_runs ? exit_expected : exit_unavailable;
}

const CommandRegistration doctor_registration(
    {"doctor", "check whether this host can run the lab", describe_doctor,
     doctor});

}  // namespace
}  // namespace lab
