#include "seclang/engine/transaction.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "seclang/parser/load.h"

namespace sallyport::seclang {
namespace {

// The only value of a variable of a request for `uri`.
std::string value_of(Variable variable, std::string_view uri) {
  auto rules = load({{.path = "test.conf", .text = "SecRuleEngine On"}});
  EXPECT_TRUE(rules);
  std::array<std::byte, 4096> block;  // NOLINT(*-member-init): the arena's
  Arena arena(block);
  SharedCollections shared;
  Transaction transaction(**rules, shared, arena, {.unique_id = "1"});
  transaction.set_request("GET", uri, "1.1");
  std::vector<Value> values = transaction.values(variable);
  return values.size() == 1 ? std::string(values.front().text) : "not one value";
}

TEST(TransactionTest, an_encoded_question_mark_hides_nothing_of_the_path) {
  EXPECT_EQ(value_of(Variable::request_filename, "/one/t%3Fo/attack?a=1"), "/one/t?o/attack");
  EXPECT_EQ(value_of(Variable::query_string, "/one/t%3Fo/attack?a=1"), "a=1");
  EXPECT_EQ(value_of(Variable::request_basename, "/one%2fattack"), "attack");
}

TEST(TransactionTest, a_fragment_belongs_to_nothing_but_the_raw_target) {
  EXPECT_EQ(value_of(Variable::args_get, "/?a=1#fragment"), "1");
  EXPECT_EQ(value_of(Variable::request_uri, "/?a=1#fragment"), "/?a=1");
  EXPECT_EQ(value_of(Variable::request_uri_raw, "/?a=1#fragment"), "/?a=1#fragment");
}

}  // namespace
}  // namespace sallyport::seclang
