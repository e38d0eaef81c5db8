// From any bytes to a configuration: never crashes, never hangs, and a struct comes out exactly if
// no error does. What comes out can be printed without the secrets in it.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fuzzing.h"
#include "config/diagnostics_output.h"
#include "config/sample_fixture.h"

namespace sallyport::config {
namespace {

// No escape of a printed text ends in its first letter, so it is only found where it was put.
constexpr std::string_view kSecret = "Qvalue-nobody-may-see";

using fuzzing::require;

std::optional<std::string> look_up(std::string_view name) {
  if (name.starts_with("S")) return std::string(kSecret);
  return std::nullopt;
}

void run(std::string_view text) {
  schema::Diagnostics diagnostics;
  std::optional<sample::Config> config = sample::read(text, "fuzz.yaml", look_up, diagnostics);
  require(config.has_value() != diagnostics.has_errors());

  std::string printed = diagnostics.to_text() + to_json(diagnostics) + to_sarif(diagnostics, "0");
  for (char c : diagnostics.to_text()) require(c == '\n' || static_cast<unsigned char>(c) >= 0x20);

  schema::Diagnostics again;
  std::optional<schema::Node> root = load_yaml(text, "fuzz.yaml", again);
  require(root || again.has_errors());
  if (root) {
    resolve_secrets(*root, look_up, again);
    printed += to_redacted_json(*root);
  }
  // The input itself may hold the text of the secret.
  if (!text.contains(kSecret)) require(!printed.contains(kSecret));
}

}  // namespace
}  // namespace sallyport::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Files are not looked at: an input must not depend on the machine it runs on.
  std::string_view text(reinterpret_cast<const char*>(data), size);  // bytes as libFuzzer has them
  if (text.contains("${file:")) return 0;
  sallyport::config::run(text);
  return 0;
}
