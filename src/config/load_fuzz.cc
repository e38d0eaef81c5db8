// From any bytes to a snapshot: never crashes, never hangs, and there is one exactly if there are
// no errors. What is printed of one is a configuration that means the same.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fuzzing.h"
#include "config/load.h"

namespace sallyport::config {
namespace {

using fuzzing::require;

void run(std::string_view text) {
  LoadOptions options;
  options.offline = true;
  options.open_files = false;
  options.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name.starts_with("S")) return "8";
    return std::nullopt;
  };
  LoadResult result = load_text(text, "fuzz.yaml", options);
  require((result.snapshot == nullptr) == result.diagnostics.has_errors());
  if (result.snapshot == nullptr) return;

  LoadResult again = load_text(result.snapshot->redacted, "fuzz.yaml", options);
  require(again.snapshot != nullptr);
  require(again.snapshot->redacted == result.snapshot->redacted);
  require(again.snapshot->routes.size() == result.snapshot->routes.size());
}

}  // namespace
}  // namespace sallyport::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);  // bytes as libFuzzer has them
  // Files are not looked at: an input must not depend on the machine it runs on.
  if (text.contains("${file:")) return 0;
  sallyport::config::run(text);
  return 0;
}
