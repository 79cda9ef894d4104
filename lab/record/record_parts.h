// SPDX-License-Identifier: MIT
#pragma once

#include "lab/record/record.h"
#include "lab/record/record_node.h"

/// The parts of a record, read from its JSON.
namespace lab::reading {

void read(const Node& node, cgroupfs::Version& value);
void read(const Node& node, Order& value);
void read(const Node& node, EventKind& value);
void read(const Node& node, Status& value);
void read(const Node& node, LimitOwner& value);
void read(const Node& node, cgroupfs::MemoryEvents& events);
void read(const Node& node, Counters& counters);
void read(const Node& node, Peak& peak);
void read(const Node& node, Event& event);
void read(const Node& node, LimitRecord& limit);
void read(const Node& node, Rejection& rejection);
void read(const Node& node, Ancestor& ancestor);
void read(const Node& node, Victim& victim);
void read(const Node& node, Membership& membership);
void read(const Node& node, CourseRecord& course);
void read(const Node& node, PidsRecord& pids);
void read(const Node& node, StageGroupRecord& group);
void read(const Node& node, ActorRecord& actor);
void read(const Node& node, Reading& reading);
void read(const Node& node, ClaimRecord& claim);
void read(const Node& node, ScenarioRecord& scenario);
void read(const Node& node, Samples& samples);

/// Fails on `node` when the columns have not as many items as each other.
void require_equal(const Node& node, std::size_t a, std::size_t b);

/// Fails on `node` when a time is before the one ahead of it.
void require_rising(const Node& node, const std::vector<std::int64_t>& times);

/// A number of tasks; nullopt for "max", the kernel's own word for no limit.
std::optional<std::uint64_t> tasks(const Node& node);

}  // namespace lab::reading
