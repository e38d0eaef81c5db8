// Tokens that this gateway has issued itself: good only while the store of callers says so, from
// the moment a revocation is known there. Private to this folder.
#pragma once

#include <cstdint>
#include <string_view>

#include "jose/token.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// What may be revoked; views of the token.
struct OwnToken {
  std::string_view id, client, subject;
  std::int64_t issued = 0;  // Unix milliseconds
};

[[nodiscard]] OwnToken own_token_of(const jose::Token& token);

// Empty: it still counts, and the identity is completed by what the store knows of the client's
// consumer now: its name, roles and groups. Else why it does not.
[[nodiscard]] std::string_view take_own_token(const OwnToken& token, Exchange& x,
                                              Identity& identity);

}  // namespace sallyport::policies::authenticate_detail
