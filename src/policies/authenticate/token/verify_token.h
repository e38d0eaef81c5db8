// What verifying a token comes to as an attempt to prove who is calling. Private to this folder.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "async/task.h"
#include "issuers/key_source.h"
#include "jose/token.h"
#include "policies/authenticate/proof/method.h"

namespace sallyport::policies::authenticate_detail {

using Verified = VerifiedToken;
using Verification = std::variant<Verified, Refused, Unavailable>;

// As KeySource::verify. Source, text and expectations have to outlive the task.
[[nodiscard]] Task<Verification> verify_token(KeySource& source, std::string_view text,
                                              const jose::Expectations& expected);

}  // namespace sallyport::policies::authenticate_detail
