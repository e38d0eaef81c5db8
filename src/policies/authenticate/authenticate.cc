// Finds out who is calling, by any of several ways, and refuses those who do not prove it.
//
// What was proven stands in `Exchange::identity`, and later policies read only that. The credential
// is taken out of the request: an upstream that gets it could pretend to be the caller.
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "policies/authenticate/jwt.h"
#include "policies/authenticate/method.h"
#include "policies/authenticate/settings.h"
#include "policy/exchange.h"
#include "policy/policy.h"
#include "policy/registry.h"

namespace sallyport::policies {
namespace {

using namespace authenticate_detail;  // NOLINT(google-build-using-namespace): of this policy

constexpr Reason kMissing{"authenticate.missing", 401, "This API has to know who is calling."};
constexpr Reason kInvalid{"authenticate.invalid", 401, "The credentials are not valid."};

constexpr Reason kUnavailable{"authenticate.unavailable", 503,
                              "Who is calling cannot be found out at the moment.",
                              Blame::operations, true};

std::unique_ptr<const Method> make_method(const MethodSettings& settings,
                                          schema::Context& context) {
  if (settings.api_key) return make_api_key(*settings.api_key, context);
  if (settings.basic) return make_basic(*settings.basic, context);
  return make_jwt(*settings.jwt, context);
}

class Authenticate final : public Policy {
 public:
  static std::shared_ptr<const Policy> make(Config config, const schema::Node& /*block*/,
                                            schema::Context& context) {
    if (config.any.empty()) {
      config.any.push_back({.jwt = std::move(config.jwt),
                            .api_key = std::move(config.api_key),
                            .basic = std::move(config.basic)});
    }
    std::vector<std::unique_ptr<const Method>> methods;
    for (const MethodSettings& each : config.any) methods.push_back(make_method(each, context));
    for (const auto& method : methods) {
      if (method == nullptr) return nullptr;
    }
    return std::make_shared<Authenticate>(std::move(methods));
  }

  explicit Authenticate(std::vector<std::unique_ptr<const Method>> methods)
      : methods_(std::move(methods)) {}

  // The first that proves it counts; one that refuses may be for callers of another kind.
  Task<Verdict> on_request(Exchange& x) const override {
    std::string refused;
    bool present = false;
    bool unavailable = false;
    for (const auto& method : methods_) {
      Task<Attempt> asked = method->prove(x);
      Attempt attempt = co_await asked;
      if (auto* identity = std::get_if<Identity>(&attempt)) {
        x.identity = std::move(*identity);
        method->remove_credential(x);
        co_return pass();
      }
      if (auto* why = std::get_if<Refused>(&attempt)) {
        present = true;
        refused += (refused.empty() ? "" : "; ") + why->why;
      } else if (auto* missing = std::get_if<Unavailable>(&attempt)) {
        unavailable = true;
        refused += (refused.empty() ? "" : "; ") + missing->why;
      }
    }
    if (unavailable) co_return stop(kUnavailable, std::move(refused));
    if (present) co_return stop(kInvalid, std::move(refused));
    co_return stop(kMissing, "no credentials");
  }

  // What is missing, said to the client (RFC 9110 section 11.6.1).
  Task<Verdict> on_response(Exchange& x) const override {
    if (x.reason != &kMissing && x.reason != &kInvalid) return pass();
    for (const auto& method : methods_) {
      for (const Challenge& each : method->challenges()) {
        std::string text = each.scheme;
        std::string_view separator = " ";
        const auto add = [&](std::string_view parameter) {
          if (parameter.empty()) return;
          text.append(separator).append(parameter);
          separator = ", ";
        };
        if (each.realm_is_required) add("realm=\"api\"");
        add(each.parameters);
        if (x.reason == &kInvalid && !each.error.empty()) {
          add("error=\"" + std::string(each.error) + "\"");
        }
        x.response.headers.add(http::HeaderId::www_authenticate, x.arena.copy(text));
      }
    }
    return pass();
  }

 private:
  const std::vector<std::unique_ptr<const Method>> methods_;
};

}  // namespace

PolicyType authenticate() {
  return define_policy<Authenticate, Config>({
      .name = "authenticate",
      .stage = Stage::authentication,
      .summary = "Finds out who is calling, and refuses those who do not prove it.",
      .fields = Config::fields(),
      .reasons = {kMissing, kInvalid, kUnavailable},
      .example = R"({"jwt": {"issuer": "https://login.example.com", "audience": "orders",
        "keys": {"inline": "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"2026-01\",\"x\":\"Xe83v0I58p6hIPk4aqVygU2lJHTjcGK9xphjt21y_W4\",\"y\":\"9lFYTtBmfBAVpRllMa_dUSDILtCTDFi0RLE6bx_Xduo\"}]}"}}})",
  });
}

}  // namespace sallyport::policies
