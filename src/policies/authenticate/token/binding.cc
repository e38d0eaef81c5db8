#include "policies/authenticate/token/binding.h"

#include "base/base64url.h"
#include "base/text.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::size_t kHashBytes = 32;

}  // namespace

std::optional<Binding> binding_of(json::Value claims) {
  Binding binding;
  const std::optional<json::Value> confirmation = claims.find("cnf");
  if (!confirmation) return binding;
  if (confirmation->size() == 0) return std::nullopt;
  for (const json::Member& member : confirmation->members()) {
    const std::string_view text = member.value.string().value_or("");
    const std::optional<std::string> hash = base64url_decode(text);
    if (!hash || hash->size() != kHashBytes) return std::nullopt;
    if (member.name == "x5t#S256") {
      for (char byte : *hash) {
        text::append_hex(binding.certificate, static_cast<unsigned char>(byte));
      }
    } else if (member.name == "jkt") {
      binding.key = text;
    } else {
      return std::nullopt;
    }
  }
  if (binding.certificate.empty() && binding.key.empty()) return std::nullopt;
  return binding;
}

}  // namespace sallyport::policies::authenticate_detail
