#include "policies/authenticate/token/verify_token.h"

#include <memory>
#include <string>
#include <utility>

namespace sallyport::policies::authenticate_detail {

Task<Verification> verify_token(KeySource& source, std::string_view text,
                                const jose::Expectations& expected) {
  for (bool fetched = false;;) {
    const jose::Time now = time_now();
    const std::uint64_t generation = source.generation(now);
    const std::shared_ptr<const jose::KeySet> keys = source.keys();
    if (keys != nullptr) {
      auto token = jose::verify(text, *keys, expected, now);
      if (token) co_return Verified{.token = std::move(*token), .generation = generation};
      if (fetched || token.error().code != jose::FailureCode::unknown_key) {
        co_return Refused{std::string(jose::name_of(token.error().code)) + ": " +
                          token.error().sentence};
      }
    } else if (fetched) {
      co_return Unavailable{"the keys of the issuer could not be fetched"};
    }
    Task<bool> fetching = source.fetched_anew();
    const bool anew = co_await fetching;
    fetched = true;
    if (!anew && keys != nullptr) {
      co_return Refused{"unknown_key: no key is known by the id that the token names"};
    }
  }
}

}  // namespace sallyport::policies::authenticate_detail
