// One rule, ready to be held against requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/address.h"
#include "policies/authorize/expression.h"
#include "policies/authorize/facts.h"
#include "policies/authorize/settings.h"
#include "policies/authorize/time_window.h"
#include "policy/claim_path.h"
#include "policy/identity.h"
#include "policy/route.h"

namespace sallyport::policies::authorize_detail {

// What a rule may ask for, cheapest first: the order they are looked at.
enum class Ask : std::uint8_t {
  methods,
  path,
  caller,  // that there is one
  scopes,
  any_scope,
  roles,
  groups,
  consumers,
  subjects,
  issuers,
  permissions,
  strength,
  methods_of_authentication,
  networks,
  claims,
  when,
  time,
  count_,
};
using Asks = std::uint32_t;  // a bit for each
[[nodiscard]] constexpr Asks bit_of(Ask ask) { return Asks{1} << static_cast<unsigned>(ask); }

inline constexpr Asks kRequestAsks = bit_of(Ask::methods) | bit_of(Ask::path);
inline constexpr Asks kScopeAsks = bit_of(Ask::scopes) | bit_of(Ask::any_scope);

// Immutable.
class Rule {
 public:
  // `number` from 1. `permitting`: names of roles that grant one of the permissions asked for.
  Rule(RuleSettings settings, std::size_t number, std::vector<std::string> permitting);

  // Whether everything it asks for holds. A part of the request that is there several times speaks
  // against the request: it keeps a rule from fitting, unless the rule refuses.
  [[nodiscard]] bool fits(Facts& facts) const { return missed(facts, given_, true) == 0; }
  [[nodiscard]] bool fits(Facts& facts, Asks asks) const {
    return missed(facts, given_ & asks, true) == 0;
  }
  // Everything it asks for that does not hold.
  [[nodiscard]] Asks missed(Facts& facts) const { return missed(facts, given_, false); }

  [[nodiscard]] bool denies() const { return settings_.deny; }
  [[nodiscard]] bool is_for_anyone() const { return settings_.anyone; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] Asks given() const { return given_; }
  // A bit of http::Method for each of its methods; all of them without any.
  [[nodiscard]] unsigned methods() const { return methods_; }
  [[nodiscard]] const std::optional<PathTemplate>& path() const { return path_; }
  [[nodiscard]] const RuleSettings& settings() const { return settings_; }
  [[nodiscard]] const std::vector<std::string>& permitting() const { return permitting_; }
  // What WWW-Authenticate says behind the scheme to who lacks its scopes (RFC 6750 3.1).
  [[nodiscard]] const std::string& challenge() const { return challenge_; }

 private:
  [[nodiscard]] Asks missed(Facts& facts, Asks asks, bool first_only) const;
  [[nodiscard]] bool holds(Ask ask, Facts& facts) const;
  [[nodiscard]] bool holds_for(Ask ask, const Identity& who) const;
  [[nodiscard]] bool claims_hold(const Identity& who) const;

  RuleSettings settings_;
  std::string name_;
  std::string challenge_;
  unsigned methods_ = 0;
  std::optional<PathTemplate> path_;
  std::vector<std::string> permitting_;
  std::vector<std::pair<ClaimPath, std::vector<Scalar>>> claims_;
  std::optional<TimeWindow> time_;
  Strength strength_ = Strength::password;
  Asks given_ = 0;
};

// "scopes, time": the keys of what was asked for.
[[nodiscard]] std::string names_of(Asks asks);

}  // namespace sallyport::policies::authorize_detail
