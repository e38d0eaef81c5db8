// Admits a request only when it comes from a listed network.
//
// The address is `Exchange::client`: the peer, or what a trusted proxy vouched for. The policy
// never reads X-Forwarded-For itself.
#include <string>
#include <utility>

#include "http/address.h"
#include "policy/cidr_codec.h"
#include "policy/exchange.h"
#include "policy/policy.h"
#include "policy/registry.h"

namespace sallyport::policies {
namespace {

struct Config {
  net::CidrSet allow;
  net::CidrSet deny;
};

constexpr Reason kNotAllowed{"ip_allow.not_allowed", 403, "Your address may not use this API."};

class IpAllow final : public Policy {
 public:
  explicit IpAllow(Config config) : config_(std::move(config)) {}

  Task<Verdict> on_request(Exchange& x) const override {
    if (config_.deny.contains(x.client.address)) {
      return stop(kNotAllowed, std::string(x.client.text) + " is denied");
    }
    // Without a list everyone else is welcome.
    if (!config_.allow.empty() && !config_.allow.contains(x.client.address)) {
      return stop(kNotAllowed, std::string(x.client.text) + " is not listed");
    }
    return pass();
  }

 private:
  const Config config_;
};

void check_not_empty(const Config& config, const schema::Node& node, schema::Context& context) {
  if (!config.allow.empty() || !config.deny.empty()) return;
  context.error(node, "names no network", "Give networks under `allow`, `deny` or both.",
                schema::code::kMissingKey);
}

schema::Fields<Config> fields() {
  schema::Fields<Config> table{
      field("allow", &Config::allow,
            "Networks that may use the route. Without it, all that are not denied.")
          .min_items(1),
      field("deny", &Config::deny, "Networks refused even inside `allow`.").min_items(1)};
  return table.check(check_not_empty);
}

}  // namespace

PolicyType ip_allow() {
  return define_policy<IpAllow, Config>({
      .name = "ip_allow",
      .stage = Stage::admission,
      .summary = "Admits a request only when it comes from a listed network.",
      .fields = fields(),
      .reasons = {kNotAllowed},
      .example = R"({"allow": ["10.0.0.0/8", "192.0.2.7"], "deny": ["10.9.0.0/16"]})",
  });
}

}  // namespace sallyport::policies
