// The small language of a rule's `when`:
//
//   claims.sub == path.id and not (query.full == "true" or method in ["PUT", "PATCH"])
//
// Values: claims.a.b, claims["a.b"], path.name, query.name, header.name, consumer, subject, issuer,
// client, method, scopes, roles, groups; texts in single or double quotes, numbers, true, false,
// lists of these. Comparisons: == != < <= > >= in contains. Conditions are joined by `not`, `and`
// and `or`, which bind in this order, and by parentheses; a claim alone holds when it is true.
//
// What is missing, or of another type, makes a comparison false, with != too; `not` turns that
// into true like any other false. See value.h for what is equal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policies/authorize/facts.h"
#include "policies/authorize/value.h"
#include "policy/claim_path.h"

namespace sallyport::policies::authorize_detail {

// What is wrong with an expression. Columns count bytes from 1.
struct ExpressionFault {
  std::size_t column = 0;
  std::string message;
  std::string suggestion;
};

// Where a value comes from.
enum class Source : std::uint8_t {
  literal,
  list,
  claim,
  path,
  query,
  header,
  consumer,
  subject,
  issuer,
  client,
  method,
  scopes,
  roles,
  groups,
};

struct Operand {
  Source source = Source::literal;
  std::variant<std::monostate, Scalar, std::vector<Scalar>, ClaimPath, std::string> what;
  std::size_t column = 0;
};

// One step. The steps leave one truth behind; a jump passes those over that cannot change it.
struct Step {
  enum class Kind : std::uint8_t { compare, is_true, negate, jump_if_true, jump_if_false };
  Kind kind = Kind::compare;
  Comparison comparison = Comparison::equal;
  std::uint16_t left = 0;  // operands
  std::uint16_t right = 0;
  std::uint16_t target = 0;  // of a jump
};

// Immutable; evaluation takes no memory but for what has to be decoded.
class Expression {
 public:
  static constexpr std::size_t kLongest = 4096;  // bytes
  static constexpr std::size_t kDeepest = 32;    // parentheses and `not` within each other

  [[nodiscard]] static std::expected<Expression, ExpressionFault> parse(std::string_view text);

  // `unclear`: it asks for a part of the request that is there several times.
  enum class Outcome : std::uint8_t { no, yes, unclear };
  [[nodiscard]] Outcome evaluate(const Facts& facts) const;

  // "path.NAME" as they are used.
  struct PathName {
    std::string name;
    std::size_t column;
  };
  [[nodiscard]] std::vector<PathName> path_names() const;
  // Whether it asks who is calling.
  [[nodiscard]] bool asks_for_caller() const;

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<Operand> operands_;
  std::vector<Step> steps_;
};

}  // namespace sallyport::policies::authorize_detail
