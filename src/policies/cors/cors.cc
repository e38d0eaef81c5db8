// Cross-origin resource sharing (the Fetch standard): answers preflights and tells browsers which
// pages may read responses. What the upstream says about it is removed, so there is one answer.
//
// It protects users of browsers, not the API: a client that is no browser is not held back by it.
// Private network access is never granted.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/chars.h"
#include "policies/cors/origin_pattern.h"
#include "policy/exchange.h"
#include "policy/policy.h"
#include "policy/registry.h"

namespace sallyport::policies {
namespace {

using cors_detail::OriginSet;
using http::HeaderId;

struct Config {
  std::vector<std::string> allow_origins;
  std::vector<std::string> allow_methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  std::vector<std::string> allow_headers{"Authorization", "Content-Type"};
  std::vector<std::string> expose_headers;
  bool allow_credentials = false;
  std::chrono::seconds max_age{600};
};

constexpr Reason kPreflight{"cors.preflight", 204, "The preflight is answered by the gateway."};
constexpr Reason kOriginRefused{"cors.origin_refused", 403,
                                "Pages of this origin may not use this API."};

constexpr std::array kAnswers{
    HeaderId::access_control_allow_credentials, HeaderId::access_control_allow_headers,
    HeaderId::access_control_allow_methods,     HeaderId::access_control_allow_origin,
    HeaderId::access_control_expose_headers,    HeaderId::access_control_max_age,
};

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

bool is_preflight(const http::Request& request) {
  return request.method_id == http::Method::options &&
         request.headers.find(HeaderId::access_control_request_method) != nullptr;
}

bool varies_by_origin(const http::Headers& headers) {
  bool found = false;
  for (const http::Field& field : headers) {
    if (field.removed || field.id != HeaderId::vary) continue;
    text::for_each_element(field.value(), [&found](std::string_view name) {
      found = found || name == "*" || text::equals_ignoring_case(name, "Origin");
    });
  }
  return found;
}

class Cors final : public Policy {
 public:
  explicit Cors(const Config& config)
      : origins_(config.allow_origins),
        methods_(joined(config.allow_methods)),
        headers_(joined(config.allow_headers)),
        exposed_(joined(config.expose_headers)),
        max_age_(std::to_string(config.max_age.count())),
        credentials_(config.allow_credentials) {}

  // Before any policy that asks for credentials, which a preflight never carries.
  Task<Verdict> on_request(Exchange& x) const override {
    const http::Field* origin = x.request.headers.find(HeaderId::origin);
    if (origin == nullptr || !is_preflight(x.request)) return pass();
    if (!origins_.contains(origin->value())) {
      return stop(kOriginRefused, std::string(origin->value()) + " is not listed");
    }
    x.slot<Preflight>(this).answered = true;
    return stop(kPreflight);
  }

  Task<Verdict> on_response(Exchange& x) const override {
    http::Headers& headers = x.response.headers;
    for (HeaderId answer : kAnswers) {
      if (headers.maybe_has(answer)) headers.remove(answer);
    }
    if (is_preflight(x.request)) headers.remove("Access-Control-Allow-Private-Network");

    std::string_view origin = x.request.headers.get(HeaderId::origin);
    if (origins_.any()) {
      headers.add(HeaderId::access_control_allow_origin, "*");
    } else {
      // Also where no origin asked: a cache must not hand that answer to one that does.
      if (!varies_by_origin(headers)) headers.add(HeaderId::vary, "Origin");
      if (!origins_.contains(origin)) return pass();
      headers.add(HeaderId::access_control_allow_origin, origin);
      if (credentials_) headers.add(HeaderId::access_control_allow_credentials, "true");
    }
    const Preflight* preflight = x.slot_if<Preflight>(this);
    if (preflight != nullptr && preflight->answered) {
      add_if_any(headers, HeaderId::access_control_allow_methods, methods_);
      add_if_any(headers, HeaderId::access_control_allow_headers, headers_);
      headers.add(HeaderId::access_control_max_age, max_age_);
    } else {
      add_if_any(headers, HeaderId::access_control_expose_headers, exposed_);
    }
    return pass();
  }

  [[nodiscard]] bool answers_preflight() const override { return true; }

 private:
  struct Preflight {
    bool answered = false;
  };

  static void add_if_any(http::Headers& headers, HeaderId id, std::string_view list) {
    if (!list.empty()) headers.add(id, list);
  }

  const OriginSet origins_;
  const std::string methods_;
  const std::string headers_;
  const std::string exposed_;
  const std::string max_age_;
  const bool credentials_;
};

std::string method_fault(const std::string& method) {
  if (!http::is_token(method)) return "is no method";
  if (std::ranges::any_of(method, [](char c) { return c >= 'a' && c <= 'z'; })) {
    return "methods are written in upper case";
  }
  return {};
}

std::string header_fault(const std::string& name) {
  return http::is_token(name) ? std::string() : "is no header name";
}

// With credentials browsers refuse "*", or take it for a name.
void check_credentials(const Config& config, const schema::Node& node, schema::Context& context) {
  if (!config.allow_credentials) return;
  auto refuse = [&](std::string_view key, const std::vector<std::string>& list) {
    if (std::ranges::find(list, "*") == list.end()) return;
    auto scope = context.key(key);
    const schema::Node* value = node.find(key);
    context.error(value != nullptr ? *value : node, "'*' cannot be combined with allow_credentials",
                  "List what is allowed.", schema::code::kConflict);
  };
  refuse("allow_origins", config.allow_origins);
  refuse("allow_methods", config.allow_methods);
  refuse("allow_headers", config.allow_headers);
  refuse("expose_headers", config.expose_headers);
}

schema::Fields<Config> fields() {
  using std::chrono::hours;
  using std::chrono::seconds;
  schema::Fields<Config> table{
      field("allow_origins", &Config::allow_origins,
            "Pages that may read responses: `https://app.example.com`, "
            "`https://*.example.com` for every host below a domain, or `*` for any page.")
          .required()
          .or_single()
          .min_items(1)
          .check(cors_detail::origin_fault),
      field("allow_methods", &Config::allow_methods, "Methods those pages may use.")
          .or_single()
          .check(method_fault),
      field("allow_headers", &Config::allow_headers, "Request headers those pages may send.")
          .or_single()
          .check(header_fault),
      field("expose_headers", &Config::expose_headers, "Response headers those pages may read.")
          .or_single()
          .check(header_fault),
      field("allow_credentials", &Config::allow_credentials,
            "Whether those pages may use the cookies and certificates of their visitors."),
      field("max_age", &Config::max_age, "How long a browser may remember a preflight.")
          .range(seconds(0), hours(24)),
  };
  return table.check(check_credentials);
}

}  // namespace

PolicyType cors() {
  return define_policy<Cors, Config>({
      .name = "cors",
      .stage = Stage::admission,
      .summary = "Lets pages of other origins use the API, and answers their preflights.",
      .fields = fields(),
      .reasons = {kPreflight, kOriginRefused},
      .example = R"({"allow_origins": ["https://app.example.com"], "allow_credentials": true})",
  });
}

}  // namespace sallyport::policies
