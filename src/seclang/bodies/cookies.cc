// REQUEST_COOKIES, as ModSecurity 3 splits a Cookie header: at every semicolon, whatever RFC 6265
// says about quotes.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "seclang/bodies/body.h"
#include "seclang/characters.h"

namespace sallyport::seclang {

void parse_cookies(std::string_view header, std::vector<Field>& into) {
  for (std::size_t start = 0; start < header.size();) {
    const std::size_t end = std::min(header.find(';', start), header.size());
    std::string_view pair = header.substr(start, end - start);
    start = end + 1;
    const bool last = start >= header.size();
    while (last && !pair.empty() && is_space(pair.back())) pair.remove_suffix(1);

    const std::size_t equals = std::min(pair.find('='), pair.size());
    std::string_view name = pair.substr(0, equals);
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    while (!name.empty() && is_space(name.front())) name.remove_prefix(1);
    if (name.empty()) continue;  // "=value" and "; ;" are no cookies

    into.push_back({.name = name,
                    .value = value,
                    .offset = static_cast<std::uint32_t>(value.data() - header.data())});
  }
}

}  // namespace sallyport::seclang
