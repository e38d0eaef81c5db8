// Text with %{NAME} and %{COLLECTION.key} (or a colon) in it, taken apart when a rule is loaded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seclang/name.h"
#include "seclang/regex.h"
#include "seclang/variables.h"

namespace sallyport::seclang {

struct MacroPart {
  std::string text;                    // literal text, or the key, in lower case; empty: no key
  std::optional<Variable> variable;    // absent: this part is `text` itself
  std::shared_ptr<const Regex> regex;  // %{ARGS:/x/}: finds the key instead of `text`; else null
  std::size_t hash = 0;                // of the key
};

class Macro {
 public:
  Macro() = default;
  // What does not name a variable stays as it is written, braces and all, as in ModSecurity.
  explicit Macro(std::string_view source);

  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] const std::vector<MacroPart>& parts() const { return parts_; }
  [[nodiscard]] bool literal() const { return literal_; }  // then `source()` is its value
  [[nodiscard]] bool empty() const { return source_.empty(); }
  // The source as a name; only if `literal()`.
  [[nodiscard]] Name name() const { return Name::hashed(source_, hash_); }

 private:
  std::string source_;
  std::vector<MacroPart> parts_;
  std::size_t hash_ = hash_of_name({});
  bool literal_ = true;
};

}  // namespace sallyport::seclang
