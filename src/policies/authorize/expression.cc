// Evaluation; expression_parser.cc makes the steps.
#include "policies/authorize/expression.h"

#include <algorithm>

namespace sallyport::policies::authorize_detail {
namespace {

Found value_of(const Operand& operand, const Facts& facts) {
  auto name = [&operand] { return std::string_view(std::get<std::string>(operand.what)); };
  const Identity* const who = facts.identity();
  switch (operand.source) {
    case Source::literal:
      return {.value = authorize_detail::value_of(std::get<Scalar>(operand.what))};
    case Source::list:
      return {.value = std::span<const Scalar>(std::get<std::vector<Scalar>>(operand.what))};
    case Source::path:
      return {.value = facts.path_parameter(name())};
    case Source::query:
      return facts.query_parameter(name());
    case Source::header:
      return facts.header(name());
    case Source::method:
      return {.value = facts.exchange().request.method};
    default:
      break;
  }
  if (who == nullptr) return {};
  switch (operand.source) {
    case Source::claim:
      return {.value =
                  authorize_detail::value_of(std::get<ClaimPath>(operand.what).find(who->claims))};
    case Source::consumer:
      return {.value = authorize_detail::value_of(who->consumer)};
    case Source::subject:
      return {.value = authorize_detail::value_of(who->subject)};
    case Source::issuer:
      return {.value = authorize_detail::value_of(who->issuer)};
    case Source::client:
      return {.value = authorize_detail::value_of(who->client)};
    case Source::scopes:
      return {.value = who->scopes};
    case Source::roles:
      return {.value = who->roles};
    case Source::groups:
      return {.value = who->groups};
    default:
      return {};
  }
}

}  // namespace

Expression::Outcome Expression::evaluate(const Facts& facts) const {
  bool truth = false;
  for (std::size_t at = 0; at < steps_.size(); ++at) {
    const Step& step = steps_[at];
    switch (step.kind) {
      case Step::Kind::compare: {
        const Found left = value_of(operands_[step.left], facts);
        const Found right = value_of(operands_[step.right], facts);
        if (left.repeated || right.repeated) return Outcome::unclear;
        truth = compare(step.comparison, left.value, right.value);
        break;
      }
      case Step::Kind::is_true: {
        const Found found = value_of(operands_[step.left], facts);
        truth = compare(Comparison::equal, found.value, true);
        break;
      }
      case Step::Kind::negate:
        truth = !truth;
        break;
      case Step::Kind::jump_if_true:
        if (truth) at = step.target - std::size_t{1};
        break;
      case Step::Kind::jump_if_false:
        if (!truth) at = step.target - std::size_t{1};
        break;
    }
  }
  return truth ? Outcome::yes : Outcome::no;
}

std::vector<Expression::PathName> Expression::path_names() const {
  std::vector<PathName> names;
  for (const Operand& operand : operands_) {
    if (operand.source != Source::path) continue;
    names.push_back({.name = std::get<std::string>(operand.what), .column = operand.column});
  }
  return names;
}

bool Expression::asks_for_caller() const {
  return std::ranges::any_of(operands_, [](const Operand& operand) {
    return operand.source == Source::claim || operand.source >= Source::consumer;
  });
}

}  // namespace sallyport::policies::authorize_detail
