// The file that `sallyport state import` reads: one JSON object per line, a consumer with what
// belongs to it.
//
//   {"name":"ada","groups":["partners"],"roles":["reader"],"plan":"gold","metadata":{},
//    "password_hash":"$scrypt$…","keys":[{"label":"ci","apis":["orders"],
//    "networks":["10.0.0.0/8"],"scopes":["orders:read"],"expires_in":2592000}]}
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "store/records/records.h"

namespace sallyport::cli {

struct ImportedConsumer {
  store::Consumer consumer;
  std::string password_hash;
  std::vector<store::ApiKey> keys;  // as they are to be issued
};

// `now` in Unix milliseconds: what lifetimes count from. The error names the line and what is wrong
// with it.
[[nodiscard]] std::expected<std::vector<ImportedConsumer>, std::string> parse_import(
    std::string_view text, std::int64_t now);

}  // namespace sallyport::cli
