// Any bytes as an expression: a fault stands within the text; what parses evaluates, and says the
// same each time.
#include <cstdint>
#include <string>

#include "base/fuzzing.h"
#include "policies/authorize/caller_fixture.h"
#include "policies/authorize/expression.h"

namespace sallyport::policies::authorize_detail {
namespace {

using fuzzing::require;

void check(std::string_view bytes) {
  const fuzzing::ExactCopy exact(bytes);
  const auto parsed = Expression::parse(exact.text());
  if (!parsed) {
    require(parsed.error().column >= 1 && parsed.error().column <= bytes.size() + 1);
    require(!parsed.error().message.empty());
    return;
  }
  testing::Caller caller(R"({"a": "x", "b": [1, "x", true], "c": {"d": 2.5}, "sub": "u1"})");
  caller.scopes({"s"}).roles({"r"}).groups({"g"});
  testing::ExchangeFixture f;
  f.request("PUT", "/orders/u1").header("X-A", "x");
  f.x.request.query = "a=x&b=%41&b=2";
  caller.call(f);
  Facts facts(f.x);
  const Expression::Outcome outcome = parsed->evaluate(facts);
  require(parsed->evaluate(facts) == outcome);

  // Turned around twice it is the same.
  const auto turned = Expression::parse("not (" + std::string(bytes) + "\n)");
  if (!turned) return;  // a level too deep, or too long
  const Expression::Outcome other = turned->evaluate(facts);
  const bool unclear = outcome == Expression::Outcome::unclear;
  require(unclear == (other == Expression::Outcome::unclear));
  if (!unclear) require(outcome != other);
}

}  // namespace
}  // namespace sallyport::policies::authorize_detail

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sallyport::policies::authorize_detail::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
