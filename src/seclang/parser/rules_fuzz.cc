// The whole parser on any text. There are no files: what rules name is not there.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "seclang/parser/loader.h"

namespace sallyport::seclang {
namespace {

std::expected<std::string, std::string> no_file(const std::string& path) {
  // One name leads somewhere, so that Include and @pmFromFile are walked through.
  if (path == "a") return "b\nSecRule ARGS c id:9\n";
  return std::unexpected(path + ": it is not there");
}

std::vector<std::string> no_names(const std::string& pattern) {
  if (pattern == "a") return {pattern};
  return {};
}

// What the engine relies on.
void check(const RuleSet& rules) {
  for (std::size_t phase = 0; phase < rules.phases.size(); ++phase) {
    for (const Rule& rule : rules.phases.at(phase)) {
      bool ok = !rule.chain.empty() && rule.id >= 0 &&
                static_cast<std::size_t>(rule.phase) == phase &&
                rule.skip_to <= rules.phases.at(phase).size();
      if (!ok) std::abort();
    }
  }
}

}  // namespace
}  // namespace sallyport::seclang

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::seclang;  // NOLINT(google-build-using-namespace)
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(data), size);
  auto rules =
      load_with({{.path = "fuzz.conf", .text = text}}, {.read = no_file, .expand = no_names});
  if (rules) check(**rules);
  if (!rules && rules.error().empty()) std::abort();
  return 0;
}
