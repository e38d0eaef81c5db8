#include "policies/authenticate/proof/claimed.h"

#include <optional>

#include "base/text.h"
#include "jose/token.h"

namespace sallyport::policies::authenticate_detail {
namespace {

// Texts of a list, or words of a text; nothing of anything else.
std::vector<std::string_view> words_of(std::optional<json::Value> value) {
  std::vector<std::string_view> words;
  if (!value) return words;
  for (json::Value item : value->items()) {
    if (auto word = item.string()) words.push_back(*word);
  }
  text::for_each_word(value->string().value_or(""),
                      [&words](std::string_view word) { words.push_back(word); });
  return words;
}

std::string_view text_of(const std::optional<json::Value>& value) {
  return value ? value->string().value_or("") : "";
}

}  // namespace

ClaimMap::ClaimMap(const ClaimNames& names)
    : consumer_(ClaimPath::dotted(names.consumer)),
      roles_(ClaimPath::dotted(names.roles)),
      groups_(ClaimPath::dotted(names.groups)) {}

void ClaimMap::read(json::Value claims, Claimed& into) const {
  into.scopes = jose::scopes_of(claims);
  into.roles = words_of(roles_.find(claims));
  into.groups = words_of(groups_.find(claims));
  const std::string_view client = claims.text("client_id");
  into.identity = {.consumer = text_of(consumer_.find(claims)),
                   .subject = claims.text("sub"),
                   .issuer = claims.text("iss"),
                   .client = client.empty() ? claims.text("azp") : client,
                   .strength = Strength::token,
                   .scheme = "Bearer",
                   .scopes = into.scopes,
                   .roles = into.roles,
                   .groups = into.groups,
                   .claims = claims};
}

}  // namespace sallyport::policies::authenticate_detail
