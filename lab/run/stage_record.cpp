// SPDX-License-Identifier: MIT
/// What the stage does after the last step.
#include <fmt/format.h>

#include "lab/place/swap.h"
#include "lab/run/counters.h"
#include "lab/run/run_steps.h"
#include "lab/run/stage_play.h"

namespace lab {

void Stage::end_actors() {
  // One that sleeps for want of memory ends by no signal while the OOM killer
  // is off.
  groups_.enable_oom_killer();
  reap_ended();
  for (Actor& actor : actors_) actor.end();
}

void Stage::fill_processes() {
  for (const Actor& actor : actors_) {
    record_.processes.push_back(actor.record());
  }
}

void Stage::finish() {
  end_actors();
  observer_.on_end();
  const cgroupfs::Memory& memory = groups_.all().front().memory;
  record_.evidence.after =
      read_counters(memory, host_swaps(record_.environment).value_or(true));
  record_.peak = read_peak(memory);
  fill_processes();
  read_victims();
  make_times_relative();
  if (!record_.peak) record_.peak = peak_of(record_.samples);
}

void Stage::read_victims() {
  lab::read_victims(record_, *log_, groups_.top_path());
}

void Stage::make_times_relative() {
  for (Event& event : record_.events) event.time_ns -= zero_ns_;
  for (Reading& reading : record_.readings) reading.time_ns -= zero_ns_;
  record_.samples = std::move(samples_);
  record_.samples.stat = stat_.take();
  for (std::int64_t& time : record_.samples.time_ns) time -= zero_ns_;
  for (std::int64_t& time : record_.samples.stat.time_ns) time -= zero_ns_;
  for (ProcessRecord& process : record_.processes) {
    if (process.last_touch_ns) *process.last_touch_ns -= zero_ns_;
  }
}

void Stage::remove() {
  groups_.enable_oom_killer();
  actors_.clear();
  groups_.remove();
}

}  // namespace lab
