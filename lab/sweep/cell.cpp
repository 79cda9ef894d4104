// SPDX-License-Identifier: MIT
#include "lab/sweep/cell.h"

#include <fmt/format.h>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "lab/base/errors.h"
#include "lab/base/visible.h"
#include "lab/record/json_values.h"

namespace lab {
namespace {

constexpr const char* cell_schema = "cglab.cell/1";

/// The name space of cells; a random UUID.
constexpr boost::uuids::uuid name_space{{0x7b, 0x0d, 0x5c, 0x41, 0x96, 0x2e,
                                         0x4f, 0x3a, 0x8d, 0x17, 0x52, 0xe0,
                                         0xb4, 0x6c, 0x9a, 0xd3}};

Json content_of(const Cell& cell) {
  return {{"schema", cell_schema},
          {"case", cell.of.label},
          {"experiment", cell.of.experiment},
          {"arguments", cell.of.arguments},
          {"repetition", cell.repetition}};
}

std::string id_of(const Cell& cell) {
  const boost::uuids::name_generator_sha1 generate(name_space);
  return to_string(generate(compact(content_of(cell))));
}

}  // namespace

Cell make_cell(const BenchCase& of, std::size_t repetition) {
  Cell cell{"", of, repetition};
  try {
    // Other bytes would be replaced, and another command be run.
    static_cast<void>(content_of(cell).dump());
  } catch (const Json::type_error&) {
    throw UsageError(fmt::format(
        "{}: a plan is in UTF-8, and an argument is not", of.label));
  }
  cell.id = id_of(cell);
  return cell;
}

Json json_of(const Cell& cell) {
  Json json = content_of(cell);
  json["id"] = cell.id;
  return json;
}

std::string line_of(const Cell& cell) {
  return compact(json_of(cell)) + "\n";
}

Cell cell_in(const Json& json, const std::string& where) {
  const auto refuse = [&](const std::string& why) {
    return RunError(fmt::format("{}: {}", where, visible_line(why)));
  };
  if (!json.is_object()) throw refuse("not a line of a plan");
  Cell cell;
  try {
    const std::string found = json.at("schema");
    if (found != cell_schema) {
      throw refuse(
          fmt::format("schema \"{}\" instead of \"{}\", a cell that "
                      "cglab sweep plan writes",
                      found, cell_schema));
    }
    json.at("id").get_to(cell.id);
    json.at("case").get_to(cell.of.label);
    json.at("experiment").get_to(cell.of.experiment);
    json.at("arguments").get_to(cell.of.arguments);
    json.at("repetition").get_to(cell.repetition);
  } catch (const Json::exception&) {
    throw refuse("a key of a cell is missing, or has another type");
  }
  if (cell.id != id_of(cell)) {
    throw refuse(fmt::format(
        "the id {} does not belong to this cell, which was changed or "
        "damaged; make a new plan",
        cell.id));
  }
  return cell;
}

Cell parse_cell(std::string_view line, const std::string& where) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  return cell_in(json, where);
}

}  // namespace lab
