// The tables of the policy's keys, and the values only it has.
#include "policies/authorize/settings.h"

#include <algorithm>
#include <utility>

#include "http/chars.h"
#include "policy/cidr_codec.h"
#include "policy/identity.h"
#include "policy/route.h"

namespace sallyport::policies::authorize_detail {
namespace {

using schema::field;

std::string method_fault(const std::string& method) {
  if (!http::is_token(method)) return "is no method";
  if (std::ranges::any_of(method, [](char c) { return c >= 'a' && c <= 'z'; })) {
    return "methods are written in upper case";
  }
  return {};
}

std::string path_fault(const std::string& path) {
  std::string fault;
  if (PathTemplate::parse(path, &fault)) return {};
  return fault;
}

std::string word_fault(const std::string& word) {
  return word.empty() ? "must not be empty" : std::string();
}

// RFC 6749 3.3; also what may stand in a challenge.
std::string scope_fault(const std::string& scope) {
  if (scope.empty()) return "must not be empty";
  for (char c : scope) {
    if (c <= ' ' || c >= 0x7F || c == '"' || c == '\\') {
      return "is no scope: no spaces, quotes or backslashes, each scope on its own";
    }
  }
  return {};
}

std::vector<std::string> strength_names() {
  std::vector<std::string> names;
  names.reserve(kStrengths.size());
  for (const auto& [name, strength] : kStrengths) names.emplace_back(name);
  return names;
}

// Whoever is not known has none of these, so that such a rule would never fit.
void check_anyone(const RuleSettings& rule, const schema::Node& node, schema::Context& context) {
  if (!rule.anyone) return;
  const std::pair<std::string_view, bool> given[] = {
      {"scopes", !rule.scopes.empty()},
      {"any_scope", !rule.any_scope.empty()},
      {"roles", !rule.roles.empty()},
      {"groups", !rule.groups.empty()},
      {"consumers", !rule.consumers.empty()},
      {"subjects", !rule.subjects.empty()},
      {"issuers", !rule.issuers.empty()},
      {"permissions", !rule.permissions.empty()},
      {"claims", !rule.claims.empty()},
      {"strength", rule.strength.has_value()},
      {"methods_of_authentication", !rule.methods_of_authentication.empty()},
  };
  for (const auto& [key, is_given] : given) {
    if (!is_given) continue;
    auto scope = context.key(key);
    const schema::Node* value = node.find(key);
    context.error(value != nullptr ? *value : node,
                  "asks who is calling, but `anyone` lets callers in that nobody knows",
                  "Leave out one of the two.", schema::code::kConflict);
  }
}

// `path.NAME` speaks of the rule's own path where it has one.
void check_path_names(const RuleSettings& rule, const schema::Node& node,
                      schema::Context& context) {
  if (!rule.path || !rule.when) return;
  const PathTemplate path = PathTemplate::parse(*rule.path, nullptr).value();
  for (const Expression::PathName& used : rule.when->expression->path_names()) {
    auto is_it = [&used](const PathTemplate::Segment& segment) {
      return segment.parameter && segment.text == used.name;
    };
    if (std::ranges::any_of(path.segments, is_it)) continue;
    auto scope = context.key("when");
    context.error(*node.find("when"),
                  "column " + std::to_string(used.column) + ": 'path." + used.name +
                      "' is no parameter of " + *rule.path,
                  "Write {" + used.name + "} in `path`, or leave `path` out to ask the route's.");
  }
}

}  // namespace

schema::Fields<RuleSettings> RuleSettings::fields() {
  schema::Fields<RuleSettings> table{
      field("name", &RuleSettings::name, "What the log and the decision trail call it.")
          .check(word_fault)
          .default_text("its number, from 1"),
      field("deny", &RuleSettings::deny, "Refuses what it fits, in place of letting it through."),
      field("anyone", &RuleSettings::anyone,
            "Also fits callers that nobody has proven to be someone."),
      field("methods", &RuleSettings::methods, "Methods of requests. GET includes HEAD.")
          .or_single()
          .min_items(1)
          .check(method_fault),
      field("path", &RuleSettings::path,
            "The whole path of the request, that of the API included, as the client asks for it. "
            "`{name}` stands for any one segment; a last segment `*` for everything below.")
          .check(path_fault)
          .example("/orders/{id}"),
      field("scopes", &RuleSettings::scopes, "Scopes, all of which the caller needs.")
          .or_single()
          .min_items(1)
          .check(scope_fault),
      field("any_scope", &RuleSettings::any_scope, "Scopes of which the caller needs one.")
          .or_single()
          .min_items(1)
          .check(scope_fault),
      field("roles", &RuleSettings::roles, "Roles of which the caller needs one.")
          .or_single()
          .min_items(1)
          .check(word_fault),
      field("groups", &RuleSettings::groups, "Groups of which the caller has to be in one.")
          .or_single()
          .min_items(1)
          .check(word_fault),
      field("consumers", &RuleSettings::consumers, "Consumers: names the gateway knows callers by.")
          .or_single()
          .min_items(1)
          .check(word_fault),
      field("subjects", &RuleSettings::subjects, "Callers, in the words of their issuer.")
          .or_single()
          .min_items(1)
          .check(word_fault),
      field("issuers", &RuleSettings::issuers, "Who says who is calling.")
          .or_single()
          .min_items(1)
          .check(word_fault),
      field("permissions", &RuleSettings::permissions,
            "Permissions of which one of the caller's roles has to grant one; see `roles` beside "
            "the rules.")
          .or_single()
          .min_items(1)
          .check(word_fault),
      field("claims", &RuleSettings::claims,
            "Claims and the values they need to have: one, or a list of which one is enough. Dots "
            "lead into claims. A claim that is a list needs to hold such a value. A number is no "
            "text: `5` is not `\"5\"`.")
          .min_items(1)
          .example("{tenant: acme, realm_access.roles: [clerk, admin]}"),
      field("when", &RuleSettings::when, "A condition of its own.")
          .example("claims.sub == path.id"),
      field("networks", &RuleSettings::networks, "Networks of clients.").min_items(1),
      field("time", &RuleSettings::time, "Hours of the week."),
      field("strength", &RuleSettings::strength,
            "How hard it has to be, at least, to pretend to be the caller. From the least to the "
            "most: a password, a random key, a signed token, a certificate, a token bound to a "
            "key of its holder.")
          .one_of(strength_names()),
      field("methods_of_authentication", &RuleSettings::methods_of_authentication,
            "How the caller was proven to be who it is.")
          .or_single()
          .min_items(1)
          .check(word_fault)
          .example("[jwt, mtls]"),
  };
  return table.named("AuthorizeRule", "All conditions that are given have to hold.")
      .check(check_anyone)
      .check(check_path_names);
}

schema::Fields<Config> fields() {
  schema::Fields<Config> table{
      field("rules", &Config::rules,
            "The rules, in order. The first that fits decides; where none fits, the request is "
            "refused.")
          .or_single()
          .min_items(1),
      field("opa", &Config::opa,
            "Open Policy Agent decides, in place of rules. A request that it cannot be asked about "
            "is refused."),
      field("shadow", &Config::shadow,
            "Rules that decide beside the real ones. Where they differ, that is counted and "
            "noted, and nothing else.")
          .or_single()
          .min_items(1)
          .default_text("none"),
      field("roles", &Config::roles,
            "What roles permit, for `permissions` of rules: `admin: [orders:read, users:*]`. `*` "
            "at the end stands for anything.")
          .default_text("none"),
  };
  return table.exactly_one_of({"rules", "opa"}).shorthand("rules");
}

}  // namespace sallyport::policies::authorize_detail

namespace sallyport::schema {
namespace {

using policies::authorize_detail::ClaimValues;
using policies::authorize_detail::Condition;
using policies::authorize_detail::Expression;
using policies::authorize_detail::Scalar;

// YAML tells texts in quotes from numbers and truths without.
bool read_scalar(const Node& node, Context& context, Scalar& out) {
  if (!context.expect_scalar(node, "a value")) return false;
  const bool plain = !node.quoted && !node.is_reference();
  if (plain && (node.text == "true" || node.text == "false")) {
    out = node.text == "true";
    return true;
  }
  const bool is_number = plain && !node.text.empty() &&
                         node.text.find_first_not_of("-.0123456789") == std::string::npos &&
                         node.text.find_first_of("0123456789") != std::string::npos;
  if (is_number) {
    std::optional<Scalar> number = policies::authorize_detail::parse_number(node.text);
    if (!number) {
      return not_a(node, context, "number",
                   {.message = "is no number", .suggestion = "Put texts in quotes."});
    }
    out = std::move(*number);
    return true;
  }
  out = node.text;
  return true;
}

Shape scalar_shape() {
  Shape shape;
  shape.kind = Shape::Kind::either;
  shape.type = "text, number, true or false";
  for (Shape::Kind kind : {Shape::Kind::string, Shape::Kind::number, Shape::Kind::boolean}) {
    shape.inner.emplace_back().kind = kind;
  }
  return shape;
}

}  // namespace

bool Codec<ClaimValues>::read(const Node& node, Context& context, ClaimValues& out) {
  if (!node.is_sequence()) return read_scalar(node, context, out.any.emplace_back());
  if (node.items.empty()) {
    return context.error(node, "needs at least 1 element", {}, code::kOutOfRange);
  }
  bool good = true;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    auto scope = context.item(i);
    good = read_scalar(node.items[i], context, out.any.emplace_back()) && good;
  }
  return good;
}

Shape Codec<ClaimValues>::shape(const ClaimValues& /*initial*/) {
  Shape list;
  list.kind = Shape::Kind::list;
  list.min_items = 1;
  list.inner.push_back(scalar_shape());
  Shape shape = scalar_shape();
  shape.type += ", or a list of these";
  shape.inner.push_back(std::move(list));
  return shape;
}

std::string Codec<ClaimValues>::to_json(const ClaimValues& /*value*/) { return {}; }

Parsed<Condition> Codec<Condition>::parse(std::string_view text) {
  auto parsed = Expression::parse(text);
  if (parsed) return Condition{.expression = std::move(*parsed)};
  auto& fault = parsed.error();
  return std::unexpected(
      Problem{.message = "column " + std::to_string(fault.column) + ": " + fault.message,
              .suggestion = std::move(fault.suggestion)});
}

std::string Codec<Condition>::text(const Condition& value) {
  return value.expression ? value.expression->text() : std::string();
}

}  // namespace sallyport::schema
