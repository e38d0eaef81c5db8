// What @detectSQLi and @detectXSS ask: libinjection, as Debian's libmodsecurity.so.3 carries it.
//
// The library is opened when the first rule needs it and stays open. Its functions keep no state,
// so all threads share them. Nothing else of that library is used.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace sallyport::seclang {

// The kinds of up to five tokens, one letter each: "s&sos".
struct Fingerprint {
  std::array<char, 16> text{};  // libinjection writes at most 8
  [[nodiscard]] std::string_view view() const { return text.data(); }
};

class Libinjection {
 public:
  // The one instance. The error is a sentence that names the package to install.
  [[nodiscard]] static std::expected<const Libinjection*, std::string> load();

  // Whether `value` is an SQL injection; then `fingerprint` is set.
  [[nodiscard]] bool sqli(std::string_view value, Fingerprint& fingerprint) const {
    return !never_sqli(value) && ask_sqli(value, fingerprint);
  }
  [[nodiscard]] bool xss(std::string_view value) const {
    return !never_xss(value) && ask_xss(value);
  }

  // The library's answer alone, without what is known beforehand; for tests.
  [[nodiscard]] bool ask_sqli(std::string_view value, Fingerprint& fingerprint) const;
  [[nodiscard]] bool ask_xss(std::string_view value) const;

  // True for values that the library is known to let pass. One word or one number: it takes more
  // than one token to inject. (Wider classes do not hold: 1and-78 is an injection.)
  [[nodiscard]] static bool never_sqli(std::string_view value);
  // Without these two there is neither a tag nor an attribute with a value.
  [[nodiscard]] static bool never_xss(std::string_view value) {
    return value.find_first_of("<=") == std::string_view::npos;
  }

 private:
  Libinjection() = default;
  int (*sqli_)(const char* text, std::size_t size, char* fingerprint) = nullptr;
  int (*xss_)(const char* text, std::size_t size) = nullptr;
};

}  // namespace sallyport::seclang
