// Verifies a token with keys that may have to be fetched first. Private to this folder.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "async/task.h"
#include "jose/token.h"
#include "policies/authenticate/proof/method.h"
#include "policies/authenticate/token/key_source.h"

namespace sallyport::policies::authenticate_detail {

struct Verified {
  jose::Token token;
  std::uint64_t generation;  // of the keys
};
using Verification = std::variant<Verified, Refused, Unavailable>;

// With the keys that are known, or fetched where there are none; and once more where the token
// names one that is new. Source, text and expectations have to outlive the task.
[[nodiscard]] Task<Verification> verify_token(KeySource& source, std::string_view text,
                                              const jose::Expectations& expected);

}  // namespace sallyport::policies::authenticate_detail
