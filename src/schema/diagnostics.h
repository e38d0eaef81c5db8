// What is wrong with a configuration: collected, never thrown, all of it reported at once.
//
// Messages are lower case without a full stop and never quote a secret; suggestions are sentences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/node.h"

namespace sallyport::schema {

enum class Severity : std::uint8_t { error, warning };

// The stable names of what can be wrong; a diagnostic of a higher layer may bring its own.
namespace code {
inline constexpr std::string_view kSyntax = "config.syntax";
inline constexpr std::string_view kUnsupported = "config.unsupported";
inline constexpr std::string_view kLimit = "config.limit";
inline constexpr std::string_view kUnknownKey = "config.unknown_key";
inline constexpr std::string_view kDuplicateKey = "config.duplicate_key";
inline constexpr std::string_view kMissingKey = "config.missing_key";
inline constexpr std::string_view kConflict = "config.conflict";
inline constexpr std::string_view kWrongKind = "config.wrong_kind";
inline constexpr std::string_view kInvalidValue = "config.invalid_value";
inline constexpr std::string_view kOutOfRange = "config.out_of_range";
inline constexpr std::string_view kDeprecated = "config.deprecated";
inline constexpr std::string_view kUnresolved = "config.unresolved";
inline constexpr std::string_view kLiteralSecret = "config.literal_secret";
inline constexpr std::string_view kUnreadable = "config.unreadable";
inline constexpr std::string_view kUnknownName = "config.unknown_name";
}  // namespace code

struct Diagnostic {
  Severity severity = Severity::error;
  std::string file;
  std::uint32_t line = 0;  // 0: the file as a whole
  std::uint32_t column = 0;
  std::string path;        // "apis.orders.routes[0].methods"; empty for the file as a whole
  std::string message;     // `unknown key`
  std::string suggestion;  // `Did you mean "upstream"?`; may be empty
  std::string code;        // "config.unknown_key"
};

// `FILE:LINE:COL: error: apis.orders.upsteam: unknown key. Did you mean "upstream"?`, no newline.
[[nodiscard]] std::string to_text(const Diagnostic& diagnostic);

// A bounded collection: past kMost diagnostics only their number is kept.
class Diagnostics {
 public:
  static constexpr std::size_t kMost = 1000;

  void add(Diagnostic diagnostic);
  void error(const Where& where, std::string message, std::string suggestion = {},
             std::string_view code = code::kInvalidValue);
  void warning(const Where& where, std::string message, std::string suggestion = {},
               std::string_view code = code::kInvalidValue);

  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] bool empty() const { return errors_ + warnings_ == 0; }
  [[nodiscard]] std::size_t errors() const { return errors_; }
  [[nodiscard]] std::size_t warnings() const { return warnings_; }
  // How many were counted but not kept.
  [[nodiscard]] std::size_t dropped() const { return errors_ + warnings_ - list_.size(); }

  // By file, line and column.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;
  // One line each, sorted, every line with its newline.
  [[nodiscard]] std::string to_text() const;

 private:
  std::vector<Diagnostic> list_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

// The name most likely meant by `word`: the same but for case, or else the nearest.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view word,
                                                      const std::vector<std::string>& names);

// `Did you mean "NEAREST"?` if one of `candidates` is near `word`; else empty.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace sallyport::schema
