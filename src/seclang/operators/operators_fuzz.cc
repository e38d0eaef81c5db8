// An operator, its argument and a value from any bytes: nothing is read out of bounds, groups lie
// where they are said to, and phrases are found exactly where a plain search finds them.
#include <array>
#include <string>

#include "base/fuzzing.h"
#include "base/text.h"
#include "seclang/operators/operator.h"
#include "seclang/operators/phrases.h"

namespace sallyport::seclang {
namespace {

constexpr auto kNames = std::to_array<std::string_view>({"beginsWith",
                                                         "contains",
                                                         "containsWord",
                                                         "detectSQLi",
                                                         "detectXSS",
                                                         "endsWith",
                                                         "eq",
                                                         "ge",
                                                         "gt",
                                                         "ipMatch",
                                                         "ipMatchF",
                                                         "le",
                                                         "lt",
                                                         "pm",
                                                         "pmFromFile",
                                                         "rx",
                                                         "rxGlobal",
                                                         "streq",
                                                         "strmatch",
                                                         "verifyCC",
                                                         "verifyCPF",
                                                         "verifySSN",
                                                         "verifySVNR",
                                                         "validateByteRange",
                                                         "validateUrlEncoding",
                                                         "validateUtf8Encoding",
                                                         "within"});

using fuzzing::lies_in;
using fuzzing::require;

void check(std::string_view name, std::string_view argument, std::string_view value, bool macros) {
  bool file = name == "pmFromFile" || name == "ipMatchF";
  auto op = make_operator({.name = name,
                           .argument = file ? "list" : argument,
                           .has_macros = macros,
                           .file = "/rules/x.conf",
                           .match_limit = 5'000,
                           .read_file = [&](const std::string& path) {
                             require(path == "/rules/list");
                             return std::expected<std::string, std::string>(argument);
                           }});
  if (!op) return require(!op.error().empty());
  Arena arena({});
  Evaluation evaluation{.arena = arena, .argument = argument, .capture = true};
  bool matched = (*op)->evaluate(value, evaluation);
  if (evaluation.limit_exceeded) require(!matched);
  if (!matched) return;
  require(evaluation.groups.count <= Groups::kMost);
  if (name == "rx" || name == "rxGlobal" || name == "verifyCC") {
    require(evaluation.offset + evaluation.length <= value.size());
    for (std::size_t i = 0; i < evaluation.groups.count; ++i) {
      require(lies_in(evaluation.groups.text[i], value));
    }
  }
  if (name == "pm" || name == "pmFromFile") {
    std::string_view there = value.substr(evaluation.offset, evaluation.length);
    require(text::equals_ignoring_case(there, evaluation.groups.text[0]));
  }
}

void check_phrases(std::string_view list, std::string_view value) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= list.size(); ++at) {
    std::size_t end = std::min(list.find(' ', at), list.size());
    words.emplace_back(list.substr(at, end - at));
    at = end;
  }
  std::string lower = text::to_lower(value);
  bool expected = false;
  for (const std::string& word : words) {
    expected |= !word.empty() && lower.find(text::to_lower(word)) != std::string::npos;
  }
  require(Phrases(words).find(value).has_value() == expected);
}

}  // namespace
}  // namespace sallyport::seclang

// A byte that chooses the operator, the argument up to a NUL, the value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::seclang;
  if (size < 2) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string argument(bytes.substr(0, bytes.find('\0')));
  std::string value(bytes.substr(std::min(argument.size() + 1, bytes.size())));
  check(kNames[data[0] % kNames.size()], argument, value, data[0] >= 128);
  check_phrases(argument, value);
  return 0;
}
