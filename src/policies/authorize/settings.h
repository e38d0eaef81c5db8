// What the file may say about the policy `authorize`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/address.h"
#include "policies/authorize/expression.h"
#include "policies/authorize/opa.h"
#include "policies/authorize/time_window.h"
#include "policies/authorize/value.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authorize_detail {

// Values of a claim, any of which will do.
struct ClaimValues {
  std::vector<Scalar> any;
};

// The expression is there once it has been read.
struct Condition {
  std::optional<Expression> expression;
};

struct RuleSettings {
  std::optional<std::string> name;
  bool deny = false;
  bool anyone = false;
  std::vector<std::string> methods;
  std::optional<std::string> path;
  std::vector<std::string> scopes;
  std::vector<std::string> any_scope;
  std::vector<std::string> roles;
  std::vector<std::string> groups;
  std::vector<std::string> consumers;
  std::vector<std::string> subjects;
  std::vector<std::string> issuers;
  std::vector<schema::Marked<std::string>> permissions;
  schema::NamedList<ClaimValues> claims;
  std::optional<Condition> when;
  net::CidrSet networks;
  std::optional<TimeSettings> time;
  std::optional<std::string> strength;
  std::vector<std::string> methods_of_authentication;
  static schema::Fields<RuleSettings> fields();
};

struct Config {
  std::vector<RuleSettings> rules;
  std::vector<RuleSettings> shadow;
  schema::NamedList<std::vector<std::string>> roles;
  std::optional<schema::Marked<OpaSettings>> opa;
};
[[nodiscard]] schema::Fields<Config> fields();

}  // namespace sallyport::policies::authorize_detail

namespace sallyport::schema {

template <>
struct Codec<policies::authorize_detail::ClaimValues> {
  using T = policies::authorize_detail::ClaimValues;
  static bool read(const Node& node, Context& context, T& out);
  static Shape shape(const T& initial);
  static std::string to_json(const T& value);
};

template <>
struct Codec<policies::authorize_detail::Condition>
    : ScalarCodec<policies::authorize_detail::Condition,
                  Codec<policies::authorize_detail::Condition>> {
  using T = policies::authorize_detail::Condition;
  static constexpr std::string_view kType = "expression";
  static constexpr std::string_view kPattern = "";
  static constexpr std::string_view kHint = "`claims.sub == path.id`";
  static Parsed<T> parse(std::string_view text);
  static std::string text(const T& value);
};

}  // namespace sallyport::schema
