// What holds for every policy of this build, whatever it does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/policy_fixture.h"

namespace sallyport {
namespace {

using ::testing::HasSubstr;
using testing::JsonReader;
using ::testing::StartsWith;

class EveryPolicy : public ::testing::TestWithParam<PolicyType> {
 protected:
  // The policy's example with one more key.
  std::string make_with(std::string_view key, std::string_view value, MadePolicy* made = nullptr) {
    schema::Node block = JsonReader::read(GetParam().example);
    block.entries.push_back({.key = std::string(key),
                             .key_mark = {},
                             .value = schema::Node::scalar(std::string(value))});
    schema::Diagnostics diagnostics;
    schema::Context context(diagnostics, GetParam().name);
    MadePolicy result = GetParam().make(block, context);
    EXPECT_EQ(result.policy == nullptr, diagnostics.has_errors());
    if (made != nullptr) *made = result;
    return diagnostics.to_text();
  }
};

TEST_P(EveryPolicy, IsMadeFromItsExample) {
  schema::Diagnostics diagnostics;
  schema::Context context(diagnostics, GetParam().name);
  MadePolicy made = GetParam().make(JsonReader::read(GetParam().example), context);
  EXPECT_NE(made.policy, nullptr);
  EXPECT_FALSE(made.monitor);
  EXPECT_EQ(diagnostics.to_text(), "");
}

TEST_P(EveryPolicy, CanBeMonitored) {
  MadePolicy made;
  EXPECT_EQ(make_with("mode", "monitor", &made), "");
  EXPECT_TRUE(made.monitor);
}

TEST_P(EveryPolicy, RefusesAnUnknownKey) {
  EXPECT_THAT(make_with("no_such_key", "1"), HasSubstr("no_such_key: unknown key"));
}

TEST_P(EveryPolicy, NamesItsReasonsAfterItself) {
  for (const Reason& reason : GetParam().reasons) {
    EXPECT_THAT(std::string(reason.code), StartsWith(GetParam().name + "."));
    EXPECT_FALSE(reason.title.empty());
    EXPECT_GE(reason.status, 200);
    EXPECT_LE(reason.status, 599);
  }
}

TEST_P(EveryPolicy, SaysWhatItIsForAndOverridesSomething) {
  const PolicyType& type = GetParam();
  EXPECT_FALSE(type.summary.empty());
  EXPECT_EQ(type.summary.back(), '.');
  EXPECT_TRUE(type.on_request || type.on_request_body || type.on_response || type.on_response_body);
  EXPECT_THAT(type.markdown(), HasSubstr(type.name));
  EXPECT_THAT(type.json_schema(), HasSubstr("mode"));
}

INSTANTIATE_TEST_SUITE_P(Policies, EveryPolicy, ::testing::ValuesIn(policies::all()),
                         [](const auto& info) { return info.param.name; });

TEST(Registry, KnowsEveryPolicyOfTheFirstHour) {
  std::vector<PolicyType> types = policies::all();
  for (std::string_view name :
       {"cors", "headers", "ip_allow", "request_limits", "security_headers"}) {
    EXPECT_NE(find_policy(types, name), nullptr) << name;
  }
}

}  // namespace
}  // namespace sallyport
