#include "policies/authenticate/token/verify_token.h"

#include <memory>
#include <string>
#include <utility>

namespace sallyport::policies::authenticate_detail {

Task<Verification> verify_token(KeySource& source, std::string_view text,
                                const jose::Expectations& expected) {
  auto verifying = source.verify(text, expected);
  auto verified = co_await verifying;
  if (verified) co_return std::move(*verified);
  UnverifiedToken& why = verified.error();
  if (why.unavailable) co_return Unavailable{std::move(why.sentence)};
  co_return Refused{std::string(why.code) + ": " + why.sentence};
}

}  // namespace sallyport::policies::authenticate_detail
