// SPDX-License-Identifier: MIT
#pragma once

#include "lab/record.h"
#include "lab/record_node.h"

/// The parts of a record, read from its JSON.
namespace lab::reading {

void read(const Node& node, cgroupfs::Version& value);
void read(const Node& node, Order& value);
void read(const Node& node, EventKind& value);
void read(const Node& node, Status& value);
void read(const Node& node, LimitOwner& value);
void read(const Node& node, cgroupfs::MemoryEvents& value);
void read(const Node& node, Counters& value);
void read(const Node& node, Peak& value);
void read(const Node& node, Event& value);
void read(const Node& node, LimitRecord& value);
void read(const Node& node, Rejection& value);
void read(const Node& node, Ancestor& value);
void read(const Node& node, Victim& value);
void read(const Node& node, Membership& membership);
void read(const Node& node, CourseRecord& value);
void read(const Node& node, PidsRecord& value);
void read(const Node& node, StageGroupRecord& value);
void read(const Node& node, ActorRecord& value);
void read(const Node& node, Reading& value);
void read(const Node& node, ClaimRecord& value);
void read(const Node& node, ScenarioRecord& value);
void read(const Node& node, Samples& value);

/// Fails on `node` when the columns have not as many items as each other.
void require_equal(const Node& node, std::size_t a, std::size_t b);

/// Fails on `node` when a time is before the one ahead of it.
void require_rising(const Node& node, const std::vector<std::int64_t>& times);

/// A number of tasks; nullopt for "max", the kernel's own word for no limit.
std::optional<std::uint64_t> tasks(const Node& node);

}  // namespace lab::reading
