// Whether a body is the one that its Content-Digest is of (RFC 9530). Private to this folder.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// Puts a body in front of the request's that computes its digest as it passes and keeps its last
// byte back until that is right; what is wrong ends the exchange with `mismatch`, so no upstream
// ever gets all of it. Without a body the digest is judged at once. What is wrong already is said
// in a sentence for operators; empty: nothing is. Content-Digest has to be there, with SHA-256 or
// SHA-512; of both, both have to be right.
[[nodiscard]] std::string check_content_digest(Exchange& x, const Reason& mismatch);

}  // namespace sallyport::policies::authenticate_detail
