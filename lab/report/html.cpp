// SPDX-License-Identifier: MIT
#include "lab/report/html.h"

#include <set>

#include "lab/record/json_values.h"
#include "lab/record/record_json.h"
#include "lab/report/curves.h"
#include "lab/report/html/page.h"
#include "lab/report/html/without_markup.h"
#include "lab/report/record_words.h"
#include "lab/report/thin.h"
#include "lab/verdict/as_expected.h"

namespace lab {
namespace {

constexpr std::size_t most_samples = 4000;

template <typename Column>
void keep(Column& column, const std::vector<std::size_t>& kept) {
  if (column.empty()) return;
  Column result;
  result.reserve(kept.size());
  for (const std::size_t index : kept) result.push_back(column[index]);
  column = std::move(result);
}

RunRecord thinned(RunRecord record) {
  Samples& samples = record.samples;
  // What is kept for one of the curves is kept for all.
  std::set<std::size_t> of_any;
  for (const Column& usage : samples.usage) {
    const auto of_one = thin(usage, most_samples);
    of_any.insert(of_one.begin(), of_one.end());
  }
  const std::vector<std::size_t> kept(of_any.begin(), of_any.end());
  keep(samples.time_ns, kept);
  for (Column& usage : samples.usage) keep(usage, kept);
  if (samples.touched) keep(*samples.touched, kept);
  return record;
}

/// Of all curves.
std::size_t samples_in_all(const RunRecord& record) {
  std::size_t count = 0;
  for (const Curve& curve : curves_of(record)) count += curve.time_ns.size();
  return count;
}

/// The names of the interface files on both versions, for the page.
Json files_json() {
  Json files = Json::array();
  for (const cgroupfs::InterfaceFile& file : cgroupfs::interface_files()) {
    Json names = Json::array();
    for (const char* const name : {file.v2, file.v1}) {
      if (*name != '\0') names.push_back(name);
    }
    files.push_back({{"file", file.id},
                     {"names", std::move(names)},
                     {"holds_size", file.content == cgroupfs::Content::size}});
  }
  return files;
}

/// What the kinds of events are called, for the page.
Json events_json() {
  Json names = Json::object();
  std::size_t kind = 0;
  for (const std::string_view word : EnumWords<EventKind>::table) {
    names[std::string(word)] =
        event_name(static_cast<EventKind>(kind++), Language::en);
  }
  return names;
}

}  // namespace

std::string html_report(const std::vector<NamedRecord>& runs) {
  Json data{{"files", files_json()},
            {"events", events_json()},
            {"runs", Json::array()}};
  for (const NamedRecord& run : runs) {
    data["runs"].push_back(
        {{"name", run.name},
         {"as_expected", is_as_expected(run.record)},
         {"samples_in_all", samples_in_all(run.record)},
         {"record", Json::parse(to_json(thinned(run.record)))}});
  }
  const std::string text =
      data.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string page(page_before_data());
  page += without_markup(text);
  page += page_after_data();
  return page;
}

}  // namespace lab
