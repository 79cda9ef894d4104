// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/record/procedure.h"
#include "lab/record/record.h"

namespace lab {

/// Compares each claim with the readings of an experiment's record, in which a
/// share is one of its limit. In a run that came to an early end none is
/// judged. A pure function.
std::vector<ClaimRecord> judge(const std::vector<Claim>& claims,
                               const RunRecord& record);

/// The verdict of a record that makes claims: by them, unless it came to an
/// early end.
Verdict conclude_claims(const RunRecord& record);

/// Where a number of a cgroup that claims are on stands, with the key in that
/// file; nullopt for what is in no interface file.
std::optional<cgroupfs::KeyPlace> place_of_reading(const std::string& reading,
                                                   cgroupfs::Version version);

/// The interface file that `reading` of a group comes from, with the key where
/// that is called otherwise; empty for what is not from a file.
std::string file_of(const std::string& reading, cgroupfs::Version version);

}  // namespace lab
