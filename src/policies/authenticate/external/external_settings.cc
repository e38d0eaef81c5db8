// The tables of the keys of `external_auth`.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/chars.h"
#include "http/headers.h"
#include "policies/authenticate/external/external_auth.h"
#include "policies/authenticate/external/external_question.h"

namespace sallyport::policies::authenticate_detail {

constexpr auto enum_names(ExternalContract /*contract*/) {
  return std::array{
      schema::EnumName{"forward_auth", ExternalContract::forward_auth,
                       "At `url`, with `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri` and `-For`; "
                       "any status from 200 to 299 lets the request through."},
      schema::EnumName{"ext_authz", ExternalContract::ext_authz,
                       "As Envoy does: with the request's own method and host, at its own path "
                       "behind that of `url`; only 200 lets it through."}};
}

namespace {

using schema::field;

// Fields that say how a message is read or where it goes, and those that only the gateway sets.
std::string header_fault(const std::string& name) {
  if (!http::is_token(name)) return "is not a name that HTTP allows";
  using enum http::HeaderId;
  constexpr std::array kNever{connection,
                              content_length,
                              expect,
                              forwarded,
                              host,
                              http2_settings,
                              keep_alive,
                              proxy_connection,
                              te,
                              trailer,
                              transfer_encoding,
                              upgrade,
                              x_forwarded_for,
                              x_forwarded_host,
                              x_forwarded_port,
                              x_forwarded_proto};
  const http::HeaderId id = http::header_id(name);
  if (id != unknown && std::ranges::find(kNever, id) != kNever.end()) {
    return "is a header that only the gateway itself sets";
  }
  return {};
}

// What has a meaning of its own to the gateway is not kept from other requests.
std::string taken_fault(const std::string& name) {
  if (std::string fault = header_fault(name); !fault.empty()) return fault;
  const http::HeaderId id = http::header_id(name);
  if (id == http::HeaderId::unknown || id == http::HeaderId::authorization) return {};
  return "is a header that clients send for other reasons, so that the upstream could not tell";
}

std::string key_part_fault(const std::string& part) {
  if (!part.starts_with(':')) return header_fault(part);
  return ExternalQuestion::is_pseudo_name(part)
             ? std::string()
             : "is not :method, :scheme, :host, :path or :address";
}

std::string method_fault(const std::string& method) {
  return http::is_token(method) ? std::string() : "is no method";
}

// What is told and does not count for the key would be forgotten: one caller would get another's
// answer.
void check_body_key(const ExternalAuthSettings& settings, const schema::Node& node,
                    schema::Context& context) {
  if (settings.cache && settings.body) {
    context.error(node, "`cache` and `body` do not go together: no two bodies are the same", {},
                  schema::code::kConflict);
  }
  if (!settings.cache) return;
  for (const std::string& part : settings.cache->key) {
    auto same = [&part](const std::string& name) { return text::equals_ignoring_case(name, part); };
    if (part.starts_with(':') || std::ranges::any_of(settings.headers, same)) continue;
    context.error(node, "`cache.key` names " + part + ", of which the service is not told",
                  "List it in `headers`.", schema::code::kConflict);
  }
}

}  // namespace

schema::Fields<ExternalBody> ExternalBody::fields() {
  return {field("max", &ExternalBody::max, "A request with a longer body is refused.")
              .range(schema::Size{1}, schema::Size{std::uint64_t{16} << 20})};
}

schema::Fields<ExternalCache> ExternalCache::fields() {
  return {
      field("ttl", &ExternalCache::ttl, "How long an answer holds.")
          .range(std::chrono::milliseconds(100), std::chrono::hours(1)),
      field("key", &ExternalCache::key,
            "Requests that have these in common get the same answer: headers, and `:method`, "
            "`:scheme`, `:host`, `:path` (with the query), `:address`. Leave out only what the "
            "service does "
            "not look at.")
          .min_items(1)
          .check(key_part_fault)
          .default_text("all that the service is told")
          .example("[Authorization, :method]"),
  };
}

schema::Fields<ExternalIdentity> ExternalIdentity::fields() {
  return {
      field("consumer", &ExternalIdentity::consumer, "Header that names the consumer.")
          .check(header_fault)
          .example("X-User"),
      field("subject", &ExternalIdentity::subject, "Header that names the subject.")
          .check(header_fault),
      field("scopes", &ExternalIdentity::scopes, "Header with scopes, in a list of words.")
          .check(header_fault),
      field("roles", &ExternalIdentity::roles, "Header with roles.").check(header_fault),
      field("groups", &ExternalIdentity::groups, "Header with groups.").check(header_fault),
  };
}

schema::Fields<ExternalAuthSettings> ExternalAuthSettings::fields() {
  schema::Fields<ExternalAuthSettings> table{
      field("contract", &ExternalAuthSettings::contract,
            "How the service is told about the request."),
      field("method", &ExternalAuthSettings::method,
            "Method that the service is asked with under `forward_auth`.")
          .check(method_fault),
      field("headers", &ExternalAuthSettings::headers,
            "Headers of the request that the service is told.")
          .check(header_fault),
      field("body", &ExternalAuthSettings::body,
            "Tells the service the body of the request too, and its `Content-Type`.")
          .default_text("not told"),
      field("take_headers", &ExternalAuthSettings::take_headers,
            "Headers of its answer that the upstream gets. Nobody else can send them: they are "
            "taken out of every request that any API of the configuration gets, dashes and "
            "underscores alike; `Authorization` only gives way to the service's own.")
          .check(taken_fault)
          .example("[X-User, X-Tenant]"),
      field("take_response_headers", &ExternalAuthSettings::take_response_headers,
            "Headers of its answer that the client gets where the service refuses.")
          .check(header_fault),
      field("max_answer", &ExternalAuthSettings::max_answer,
            "A longer answer is none, and refuses the request.")
          .range(schema::Size{0}, schema::Size{std::uint64_t{1} << 20}),
      field("cache", &ExternalAuthSettings::cache, "Remembers answers, refusals too.")
          .default_text("every request is asked about"),
      field("identity", &ExternalAuthSettings::identity,
            "Headers of its answer that say who is calling."),
      field("forward", &ExternalAuthSettings::forward,
            "Whether the upstream gets the `Authorization` that the service was told."),
  };
  return table.inlined(&ExternalAuthSettings::service).check(check_body_key);
}

}  // namespace sallyport::policies::authenticate_detail
