// SPDX-License-Identifier: MIT
#include "lab/record/bounded_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "lab/record/record_reader.h"

namespace lab {
namespace {

/// Deeper than any record; the parser itself has no limit.
constexpr std::size_t deepest = 32;

/// The position after `offset` characters, counted from 1.
std::string place_in(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset > 0 ? offset - 1 : 0);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t start = newline == before.npos ? 0 : newline + 1;
  return fmt::format("line {}, column {}", line, before.size() - start + 1);
}

/// Rejects documents that cannot be records before building anything from them.
class Bounds : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override {
    return count();
  }
  bool string(string_t& text) override { return has_room_for(text) && count(); }
  bool binary(binary_t&) override { return count(); }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (!has_room_for(name)) return false;
    return ++keys_.back() <= most_keys ||
           refuse(fmt::format("an object with more than {} keys", most_keys));
  }
  /// Reported by the parser.
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception&) override {
    return false;
  }

  /// The reason; empty when there is none.
  const std::string& excess() const noexcept { return excess_; }

 private:
  bool count() {
    return ++values_ <= most_values ||
           refuse(fmt::format("more than {} values", most_values));
  }
  bool has_room_for(const string_t& text) {
    return text.size() <= longest_text ||
           refuse(
               fmt::format("a string of more than {} KiB", longest_text >> 10));
  }
  bool open() {
    keys_.push_back(0);
    if (keys_.size() <= deepest) return count();
    return refuse(fmt::format("values nested deeper than {} levels", deepest));
  }
  bool close() {
    keys_.pop_back();
    return true;
  }
  bool refuse(std::string excess) {
    excess_ = std::move(excess);
    return false;
  }

  std::size_t values_ = 0;
  std::vector<std::size_t> keys_;  ///< of each open object; 0 for arrays
  std::string excess_;
};

void require_bounded(std::string_view text, const std::string& name) {
  Bounds bounds;
  Json::sax_parse(text, &bounds);
  if (bounds.excess().empty()) return;
  throw RecordError(fmt::format("{}: not a record of cglab: it has {}", name,
                                bounds.excess()));
}

}  // namespace

Json parse_bounded(std::string_view text, const std::string& name) {
  require_bounded(text, name);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw RecordError(fmt::format("{}: not JSON, or truncated, at {}", name,
                                  place_in(text, error.byte)));
  } catch (const Json::exception&) {
    throw RecordError(fmt::format("{}: contains an invalid number", name));
  }
}

}  // namespace lab
