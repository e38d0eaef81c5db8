// What an HTTP message signature is made of (RFC 9421 section 2.5). Private to this folder.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "http/structured_fields.h"
#include "policy/exchange.h"

namespace sallyport::policies::authenticate_detail {

// The base of a signature over the request that covers what `input` lists. The error says, for
// operators, what is covered but not there, or not understood.
[[nodiscard]] std::expected<std::string, std::string> signature_base(
    const http::DictionaryMember& input, const Exchange& x);

// Every line of a field as one list; nothing: there is none.
[[nodiscard]] std::optional<std::string> joined_field(const http::Headers& headers,
                                                      std::string_view name);

// Whether `input` covers the component, by itself or as part of one that contains it (`@path` in
// `@target-uri`).
[[nodiscard]] bool covers(const http::DictionaryMember& input, std::string_view component);

}  // namespace sallyport::policies::authenticate_detail
