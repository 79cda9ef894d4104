// SPDX-License-Identifier: MIT
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/command/render_target.h"
#include "lab/inspect/inspect.h"
#include "lab/inspect/inspect_document.h"
#include "lab/inspect/inspect_json.h"

namespace lab {
namespace {

std::vector<std::string> inspect_formats() {
  auto names = document_formats();
  names.emplace_back("json");
  return names;
}

Description describe_inspect(const Command&) {
  Description description{
      .about = {"Shows what limits a process, a container or a cgroup, and "
                "what happened to it: the memory limits of its cgroup and of "
                "each ancestor, and which one binds; OOM kills, swap, pids and "
                "CPU limits, pressure; its container, namespaces, network and "
                "privileges; and what could not be read. cglab itself changes "
                "nothing.",
                "PID is a process or a thread. CONTAINER is the id (at least "
                "four digits) or the name of a container, or a unit of "
                "systemd. CGROUP is a directory of the host or a path below "
                "the mounted hierarchy (one whose name is a number: ./123).",
                "For a name that no cgroup has, cglab runs podman inspect and "
                "docker inspect where they are installed; these programs may "
                "create files of their own."},
      .arguments = {"PID|CONTAINER|CGROUP", 1, directories()},
      .options = render_options(inspect_formats()),
      .examples = {"cglab inspect $$", "cglab inspect --json nginx.service"},
      .exit_statuses = {{"0", "shown"},
                        {"2", "usage error; nothing of that name"},
                        {"3", "failure"},
                        {"77", "this user may not see it"}},
  };
  add(description.options, {json_option()});
  add(description.options, view_options());
  return description;
}

RenderTarget read_inspect_target(const CommandLine& line) {
  RenderTarget target = read_render_target(line, inspect_formats());
  if (has_json(line)) target.format = "json";
  return target;
}

int inspect_command(const Command&, const CommandLine& line) {
  const RenderTarget target = read_inspect_target(line);
  const View view = read_view(line);
  if (line.positional.empty()) {
    throw UsageError("missing argument: a process id, a container or a cgroup");
  }
  const Inspection inspection = inspect(line.positional.front());
  write_rendered(
      target, target.format == "json"
                  ? inspect_json(inspection)
                  : render_document(inspect_document(inspection, view.language),
                                    target, view));
  return exit_expected;
}

const CommandRegistration inspect_registration(
    {"inspect", "show what limits a process, container or cgroup",
     describe_inspect, inspect_command});

}  // namespace
}  // namespace lab
