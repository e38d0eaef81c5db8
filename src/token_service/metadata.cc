// See metadata.h.
#include "token_service/metadata.h"

#include <initializer_list>
#include <string_view>

#include "base/json_writer.h"
#include "token_service/assertion.h"
#include "token_service/credentials.h"

namespace sallyport::token_service {
namespace {

void list(JsonWriter& json, std::string_view name, std::initializer_list<std::string_view> words) {
  json.key(name).begin_array();
  for (std::string_view word : words) json.string(word);
  json.end_array();
}

void ways_of(JsonWriter& json, const std::string& endpoint) {
  list(json, endpoint + "_auth_methods_supported",
       {name_of(Way::secret_basic), name_of(Way::secret_post), name_of(Way::private_key_jwt),
        name_of(Way::tls)});
  json.key(endpoint + "_auth_signing_alg_values_supported").begin_array();
  assertion_algorithms().for_each([&json](jose::Algorithm each) { json.string(name_of(each)); });
  json.end_array();
}

}  // namespace

std::string metadata_of(const Settings& settings, const Places& places) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .string("issuer", settings.issuer)
      .string("token_endpoint", places.url(places.token))
      .string("revocation_endpoint", places.url(places.revocation))
      .string("jwks_uri", places.url(places.jwks));
  list(json, "grant_types_supported", {"client_credentials"});
  // There is no authorization endpoint; the key is required all the same.
  list(json, "response_types_supported", {});
  ways_of(json, "token_endpoint");
  ways_of(json, "revocation_endpoint");
  // Required by OpenID Connect Discovery.
  list(json, "subject_types_supported", {"public"});
  list(json, "id_token_signing_alg_values_supported", {jose::name_of(settings.algorithm)});
  json.end_object();
  return text;
}

}  // namespace sallyport::token_service
