// The names of all operators, and which of ModSecurity's are missing on purpose.
#include "seclang/operators/operator.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

struct Entry {
  std::string_view name;
  Made (*make)(const OperatorSource&);
};

constexpr auto kOperators = std::to_array<Entry>({
    {"beginsWith", make_begins_with},
    {"contains", make_contains},
    {"containsWord", make_contains_word},
    {"detectSQLi", make_detect_sqli},
    {"detectXSS", make_detect_xss},
    {"endsWith", make_ends_with},
    {"eq", make_eq},
    {"fuzzyHash", make_fuzzy_hash},
    {"ge", make_ge},
    {"geoLookup", make_geo_lookup},
    {"gt", make_gt},
    {"ipMatch", make_ip_match},
    {"ipMatchF", make_ip_match_from_file},
    {"ipMatchFromFile", make_ip_match_from_file},
    {"le", make_le},
    {"lt", make_lt},
    {"noMatch", make_no_match},
    {"pm", make_pm},
    {"pmf", make_pm_from_file},
    {"pmFromFile", make_pm_from_file},
    {"rbl", make_rbl},
    {"rx", make_rx},
    {"rxGlobal", make_rx_global},
    {"streq", make_streq},
    {"strmatch", make_strmatch},
    {"unconditionalMatch", make_unconditional_match},
    {"validateByteRange", make_validate_byte_range},
    {"validateDTD", make_validate_dtd},
    {"validateSchema", make_validate_schema},
    {"validateUrlEncoding", make_validate_url_encoding},
    {"validateUtf8Encoding", make_validate_utf8_encoding},
    {"verifyCC", make_verify_cc},
    {"verifyCPF", make_verify_cpf},
    {"verifySSN", make_verify_ssn},
    {"verifySVNR", make_verify_svnr},
    {"within", make_within},
});

struct LeftOut {
  std::string_view name;
  std::string_view why;
};

constexpr auto kLeftOut = std::to_array<LeftOut>({
    {"gsbLookup", "it asks a service that no longer exists; ModSecurity 3 refuses it too"},
    {"inspectFile",
     "it runs a program or a Lua script for each value, which this engine never does"},
    {"rsub", "ModSecurity 3 refuses it too"},
    {"validateHash", "ModSecurity 3 refuses it too"},
});

template <typename Table>
auto find(const Table& table, std::string_view name) {
  return std::ranges::find_if(
      table, [name](const auto& entry) { return text::equals_ignoring_case(entry.name, name); });
}

std::string no_such_operator(std::string_view name) {
  std::string message = "@" + std::string(name);
  if (std::string_view why = why_left_out(name); !why.empty()) {
    return message + " is left out: " + std::string(why);
  }
  message += " is not an operator";
  std::array<std::string_view, kOperators.size()> names;
  std::ranges::transform(kOperators, names.begin(), &Entry::name);
  if (auto nearest = text::nearest(name, names)) message += "; did you mean @" + *nearest + "?";
  return message;
}

}  // namespace

Made make_operator(const OperatorSource& source) {
  const auto* entry = find(kOperators, source.name);
  if (entry == kOperators.end()) return std::unexpected(no_such_operator(source.name));
  Made made = entry->make(source);
  if (!made) return std::unexpected("@" + std::string(entry->name) + ": " + made.error());
  return made;
}

bool known_operator(std::string_view name) { return find(kOperators, name) != kOperators.end(); }

std::string_view why_left_out(std::string_view name) {
  const auto* entry = find(kLeftOut, name);
  return entry == kLeftOut.end() ? std::string_view() : entry->why;
}

}  // namespace sallyport::seclang
