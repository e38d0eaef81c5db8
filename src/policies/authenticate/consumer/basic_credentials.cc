#include "policies/authenticate/consumer/basic_credentials.h"

#include <algorithm>
#include <span>

#include "base/base64url.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::policies::authenticate_detail {

BasicCredentials::~BasicCredentials() { store::cleanse(bytes_); }

bool BasicCredentials::parse(std::string_view text) {
  // Of the standard alphabet and padded, where base64url is neither.
  if (text.size() % 4 != 0 || text.find_first_of("-_") != std::string_view::npos) return false;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::array<char, kMost / 3 * 4 + 4> other;  // NOLINT(*-member-init): filled below
  if (text.size() > other.size()) return false;
  std::ranges::transform(text, other.begin(), [](char c) {
    return c == '+' ? '-' : c == '/' ? '_' : c;
  });
  const auto size = base64url_decode({other.data(), text.size()}, bytes_);
  store::cleanse(std::span(other.data(), text.size()));
  size_ = size.value_or(0);
  const std::string_view both(bytes_.data(), size_);
  colon_ = both.find(':');
  return colon_ != std::string_view::npos && std::ranges::none_of(both, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

}  // namespace sallyport::policies::authenticate_detail
