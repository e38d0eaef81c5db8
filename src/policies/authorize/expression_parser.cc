// Expression::parse: recursive descent, bounded in depth and length.
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "http/chars.h"
#include "policies/authorize/expression.h"
#include "policies/authorize/expression_token.h"

namespace sallyport::policies::authorize_detail {
namespace {

struct NamedSource {
  std::string_view name;
  Source source;
};
constexpr std::array<NamedSource, 12> kSources = {{{"claims", Source::claim},
                                                   {"path", Source::path},
                                                   {"query", Source::query},
                                                   {"header", Source::header},
                                                   {"consumer", Source::consumer},
                                                   {"subject", Source::subject},
                                                   {"issuer", Source::issuer},
                                                   {"client", Source::client},
                                                   {"method", Source::method},
                                                   {"scopes", Source::scopes},
                                                   {"roles", Source::roles},
                                                   {"groups", Source::groups}}};

struct NamedComparison {
  std::string_view name;
  Comparison comparison;
};
constexpr std::array<NamedComparison, 8> kComparisons = {{{"==", Comparison::equal},
                                                          {"!=", Comparison::not_equal},
                                                          {"<", Comparison::less},
                                                          {"<=", Comparison::less_equal},
                                                          {">", Comparison::greater},
                                                          {">=", Comparison::greater_equal},
                                                          {"in", Comparison::in},
                                                          {"contains", Comparison::contains}}};

// What is known of an operand before there is a request.
enum class Type : std::uint8_t { any, truth, number, text, list };

Type type_of(const Operand& operand) {
  switch (operand.source) {
    case Source::claim:
      return Type::any;
    case Source::literal: {
      const auto& scalar = std::get<Scalar>(operand.what);
      if (std::holds_alternative<bool>(scalar)) return Type::truth;
      return std::holds_alternative<std::string>(scalar) ? Type::text : Type::number;
    }
    case Source::list:
    case Source::scopes:
    case Source::roles:
    case Source::groups:
      return Type::list;
    default:
      return Type::text;
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(text) {}

  // False: `fault` says why.
  bool parse() {
    if (!advance() || !any_of(0)) return false;
    if (token_.kind == Token::Kind::end) return true;
    return fail(token_, "unexpected " + shown(token_), "Conditions are joined by `and` and `or`.");
  }

  std::vector<Operand> operands;
  std::vector<Step> steps;
  ExpressionFault fault;

 private:
  static std::string shown(const Token& token) {
    if (token.kind == Token::Kind::end) return "end";
    if (token.kind == Token::Kind::text) return "text";
    return "'" + token.text + "'";
  }

  bool fail(const Token& token, std::string message, std::string suggestion = {}) {
    return fail(token.column, std::move(message), std::move(suggestion));
  }
  bool fail(std::size_t column, std::string message, std::string suggestion = {}) {
    fault = {.column = column, .message = std::move(message), .suggestion = std::move(suggestion)};
    return false;
  }

  bool advance() {
    std::expected<Token, ExpressionFault> next = tokens_.next();
    if (!next) {
      fault = std::move(next.error());
      return false;
    }
    token_ = std::move(*next);
    return true;
  }

  bool any_of(std::size_t depth) {
    return joined("or", Step::Kind::jump_if_true, depth,
                  [this](std::size_t inner) { return all_of(inner); });
  }
  bool all_of(std::size_t depth) {
    return joined("and", Step::Kind::jump_if_false, depth,
                  [this](std::size_t inner) { return one(inner); });
  }

  template <typename Part>
  bool joined(std::string_view word, Step::Kind jump, std::size_t depth, const Part& part) {
    std::vector<std::size_t> jumps;
    if (!part(depth)) return false;
    while (token_.is(word)) {
      jumps.push_back(steps.size());
      steps.push_back({.kind = jump});
      if (!advance() || !part(depth)) return false;
    }
    // The text's length bounds the steps far below what 16 bits count.
    for (std::size_t at : jumps) steps[at].target = static_cast<std::uint16_t>(steps.size());
    return true;
  }

  bool one(std::size_t depth) {
    if (depth == Expression::kDeepest) {
      return fail(token_, "more than 32 parentheses and `not` within each other",
                  "Make several rules of it.");
    }
    if (token_.is("not")) {
      if (!advance() || !one(depth + 1)) return false;
      steps.push_back({.kind = Step::Kind::negate});
      return true;
    }
    if (token_.is("(")) {
      if (!advance() || !any_of(depth + 1)) return false;
      if (!token_.is(")")) return fail(token_, "')' is missing before " + shown(token_));
      return advance();
    }
    return comparison();
  }

  bool comparison() {
    const Token begin = token_;
    Step step;
    if (!operand(step.left)) return false;
    const NamedComparison* how = nullptr;
    for (const NamedComparison& known : kComparisons) {
      if (token_.is(known.name)) how = &known;
    }
    if (how == nullptr) return truth(begin, step.left);
    const Token sign = token_;
    if (!advance() || !operand(step.right)) return false;
    step.comparison = how->comparison;
    steps.push_back(step);
    return may_be_true(sign, step);
  }

  bool truth(const Token& begin, std::uint16_t operand) {
    const Type type = type_of(operands[operand]);
    if (type != Type::any && type != Type::truth) {
      return fail(token_, "a comparison is missing after " + shown(begin),
                  "Compare with one of ==, !=, <, <=, >, >=, in, contains.");
    }
    steps.push_back({.kind = Step::Kind::is_true, .left = operand});
    return true;
  }

  // A comparison that is false whatever comes is a slip.
  bool may_be_true(const Token& sign, const Step& step) {
    Type left = type_of(operands[step.left]);
    Type right = type_of(operands[step.right]);
    const bool in = step.comparison == Comparison::in;
    if (in || step.comparison == Comparison::contains) {
      const Type list = in ? right : left;
      const Type item = in ? left : right;
      if (item == Type::list) return fail(sign, "a list is no item of a list");
      if (list == Type::list || list == Type::any) return true;
      return fail(sign, "'" + sign.text + "' needs a list " + (in ? "behind" : "before") + " it",
                  in ? R"(As in: method in ["PUT", "PATCH"].)"
                     : R"(As in: claims.groups contains "staff".)");
    }
    if (left == Type::list || right == Type::list) {
      return fail(sign, "a list cannot be compared as a whole", "Write `in` or `contains`.");
    }
    const bool order =
        step.comparison != Comparison::equal && step.comparison != Comparison::not_equal;
    if (order && (left == Type::truth || right == Type::truth)) {
      return fail(sign, "true and false have no order");
    }
    if (left == Type::any || right == Type::any || left == right) return true;
    return fail(sign, "compares values of different types, which are never equal",
                left == Type::text || right == Type::text
                    ? "Parts of a request are texts: put the other side in quotes."
                    : "");
  }

  bool operand(std::uint16_t& index) {
    Operand made;
    made.column = token_.column;
    if (token_.is("[")) {
      if (!list(made)) return false;
    } else if (token_.kind == Token::Kind::word && !token_.is("true") && !token_.is("false")) {
      if (!reference(made)) return false;
    } else {
      Scalar scalar;
      if (!literal(scalar)) return false;
      made.what = std::move(scalar);
    }
    index = static_cast<std::uint16_t>(operands.size());
    operands.push_back(std::move(made));
    return true;
  }

  bool list(Operand& out) {
    std::vector<Scalar> items;
    do {
      Scalar item;
      if (!advance() || !literal(item)) return false;
      items.push_back(std::move(item));
    } while (token_.is(","));
    if (!token_.is("]")) return fail(token_, "']' is missing before " + shown(token_));
    out.source = Source::list;
    out.what = std::move(items);
    return advance();
  }

  bool literal(Scalar& out) {
    if (token_.kind == Token::Kind::text) {
      out = token_.text;
    } else if (token_.is("true") || token_.is("false")) {
      out = token_.is("true");
    } else if (token_.kind == Token::Kind::number) {
      std::optional<Scalar> number = parse_number(token_.text);
      if (!number) return fail(token_, shown(token_) + " is no number");
      out = std::move(*number);
    } else {
      return fail(token_, "a value is missing before " + shown(token_));
    }
    return advance();
  }

  bool reference(Operand& out) {
    const Token word = token_;
    const NamedSource* found = nullptr;
    for (const NamedSource& known : kSources) {
      if (word.text == known.name) found = &known;
    }
    if (found == nullptr) return unknown(word);
    out.source = found->source;
    if (!advance()) return false;
    switch (out.source) {
      case Source::claim:
        return claim(word, out);
      case Source::path:
      case Source::query:
      case Source::header:
        return named(word, out);
      default:
        if (!token_.is(".") && !token_.is("[")) return true;
        return fail(token_, "'" + word.text + "' has no parts");
    }
  }

  bool unknown(const Token& word) {
    std::vector<std::string> names;
    names.reserve(kSources.size());
    for (const NamedSource& known : kSources) names.emplace_back(known.name);
    std::optional<std::string> nearest = text::nearest(word.text, names);
    return fail(word, "'" + word.text + "' is not known here",
                nearest ? "Did you mean '" + *nearest + "'?" : "Texts stand in quotes.");
  }

  bool claim(const Token& word, Operand& out) {
    std::vector<std::string> names;
    while (token_.is(".") || token_.is("[")) {
      std::string& name = names.emplace_back();
      if (!part(word, name)) return false;
    }
    if (names.empty()) return fail(word, "'claims' needs a name", "As in: claims.sub.");
    out.what = ClaimPath(std::move(names));
    return true;
  }

  bool named(const Token& word, Operand& out) {
    std::string name;
    if (!token_.is(".") && !token_.is("[")) {
      return fail(word, "'" + word.text + "' needs a name", "As in: " + word.text + ".id.");
    }
    const Token begin = token_;
    if (!part(word, name)) return false;
    if (out.source == Source::header && !http::is_token(name)) {
      return fail(begin, "'" + name + "' is no name of a header");
    }
    out.what = std::move(name);
    return true;
  }

  // ".name" or ["any name"].
  bool part(const Token& word, std::string& name) {
    const bool bracket = token_.is("[");
    if (!advance()) return false;
    if (token_.kind != (bracket ? Token::Kind::text : Token::Kind::word) || token_.text.empty()) {
      return fail(token_, "'" + word.text + "' needs a name here, not " + shown(token_),
                  "Names of letters, digits, '_' and '-' follow a dot, others stand in brackets: "
                  "claims[\"a.b\"].");
    }
    name = token_.text;
    if (!advance()) return false;
    if (!bracket) return true;
    if (!token_.is("]")) return fail(token_, "']' is missing before " + shown(token_));
    return advance();
  }

  Tokens tokens_;
  Token token_;
};

}  // namespace

std::expected<Expression, ExpressionFault> Expression::parse(std::string_view text) {
  if (text.size() > kLongest) {
    return std::unexpected(ExpressionFault{.column = kLongest + 1,
                                           .message = "is longer than 4096 bytes",
                                           .suggestion = "Make several rules of it."});
  }
  Parser parser(text);
  if (!parser.parse()) return std::unexpected(std::move(parser.fault));
  Expression expression;
  expression.text_ = text;
  expression.operands_ = std::move(parser.operands);
  expression.steps_ = std::move(parser.steps);
  return expression;
}

}  // namespace sallyport::policies::authorize_detail
