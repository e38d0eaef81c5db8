#include "seclang/tokens/libinjection.h"

#include <dlfcn.h>

#include <algorithm>

namespace sallyport::seclang {
namespace {

constexpr const char* kLibrary = "libmodsecurity.so.3";

constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// libinjection takes a pointer even where there is nothing to point to.
const char* address(std::string_view value) { return value.data() == nullptr ? "" : value.data(); }

}  // namespace

std::expected<const Libinjection*, std::string> Libinjection::load() {
  static const Libinjection instance = [] {
    Libinjection found;
    void* library = dlopen(kLibrary, RTLD_LAZY | RTLD_LOCAL);  // never closed: rules point into it
    if (library == nullptr) return found;
    found.sqli_ = reinterpret_cast<decltype(sqli_)>(dlsym(library, "libinjection_sqli"));
    found.xss_ = reinterpret_cast<decltype(xss_)>(dlsym(library, "libinjection_xss"));
    return found;
  }();
  if (instance.sqli_ == nullptr || instance.xss_ == nullptr) {
    return std::unexpected("needs libinjection, which is taken from " + std::string(kLibrary) +
                           "; install the Debian package libmodsecurity3");
  }
  return &instance;
}

bool Libinjection::ask_sqli(std::string_view value, Fingerprint& fingerprint) const {
  return sqli_(address(value), value.size(), fingerprint.text.data()) != 0;
}

bool Libinjection::ask_xss(std::string_view value) const {
  return xss_(address(value), value.size()) != 0;
}

bool Libinjection::never_sqli(std::string_view value) {
  if (value.empty() || std::ranges::all_of(value, digit)) return true;
  auto of_word = [](char c) { return letter(c) || digit(c) || c == '_'; };
  return letter(value.front()) && std::ranges::all_of(value, of_word);
}

}  // namespace sallyport::seclang
