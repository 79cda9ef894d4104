// SPDX-License-Identifier: MIT
#pragma once

#include "lab/language/language.h"
#include "lab/record.h"

namespace lab {

/// Concludes from a finished run what became of it. A pure function of the
/// record: it reads no clock, no file and no verdict made before.
///
/// An OOM kill is proven only by a child reaped with SIGKILL together with an
/// oom_kill counter that rose, read after the reap; on a kernel without that
/// counter, by the kernel's own record of the victim. Whose limit it was is
/// told by the kernel's record (oom_memcg), else by the counters: `oom` of
/// memory.events.local (v2), failcnt (v1).
///
/// `language` is that of the reason; records carry the English one.
Verdict analyze(const RunRecord& record, Language language = Language::en);

/// Whether the oom_kill counter rose, and by how much; nullopt where the kernel
/// has none.
std::optional<std::uint64_t> oom_kills_in(const RunRecord& record);

}  // namespace lab
