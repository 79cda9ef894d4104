// SPDX-License-Identifier: MIT
#include "lab/record/record_parts.h"

namespace lab::reading {

void read(const Node& node, StageGroupRecord& group) {
  take(node, "name", group.name);
  take(node, "path", group.path);
  const Node samples = node.at("samples");
  take(samples, "time_ns", group.samples.time_ns);
  take(samples, "usage", group.samples.usage);
  require_equal(samples, group.samples.time_ns.size(),
                group.samples.usage.size());
  require_rising(samples.at("time_ns"), group.samples.time_ns);
}

void read(const Node& node, ActorRecord& actor) {
  take(node, "name", actor.name);
  take(node, "group", actor.group);
  take(node, "pid", actor.pid);
  take(node, "arguments", actor.arguments);
  take(node, "exit_code", actor.exit_code);
  take(node, "signal", actor.signal);
  take(node, "ended_by_cglab", actor.ended_by_cglab);
  take(node, "touched", actor.touched);
  take(node, "output", actor.output);
}

void read(const Node& node, Reading& reading) {
  take(node, "mark", reading.mark);
  take(node, "time_ns", reading.time_ns);
  take(node, "subject", reading.subject);
  node.at("values").each_member([&](const std::string& key, const Node& value) {
    reading.values[visible(key)] =
        value.is_null() ? std::nullopt : std::optional(value.natural());
  });
}

void read(const Node& node, ClaimRecord& claim) {
  take(node, "text", claim.text);
  take(node, "what", claim.what);
  take(node, "seen", claim.seen);
  take(node, "expected", claim.expected);
  take(node, "held", claim.held);
  if (const auto decided = node.find("decided_by_knob")) {
    claim.decided_by_knob = decided->boolean();
  }
}

void read(const Node& node, ScenarioRecord& scenario) {
  take(node, "control", scenario.control);
  take(node, "question", scenario.question);
  take(node, "prediction", scenario.prediction);
  take(node, "knob", scenario.knob);
  take(node, "groups", scenario.groups);
  take(node, "actors", scenario.actors);
  take(node, "readings", scenario.readings);
  take(node, "claims", scenario.claims);
}

}  // namespace lab::reading
