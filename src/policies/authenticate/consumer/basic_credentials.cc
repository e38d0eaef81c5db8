#include "policies/authenticate/consumer/basic_credentials.h"

#include <algorithm>
#include <span>

#include "base/base64.h"
#include "store/sealing/locked_memory.h"

namespace sallyport::policies::authenticate_detail {

BasicCredentials::~BasicCredentials() { store::cleanse(bytes_); }

bool BasicCredentials::parse(std::string_view text) {
  const auto size = base64_decode(text, bytes_);
  size_ = size.value_or(0);
  const std::string_view both(bytes_.data(), size_);
  colon_ = both.find(':');
  return colon_ != std::string_view::npos && std::ranges::none_of(both, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

}  // namespace sallyport::policies::authenticate_detail
