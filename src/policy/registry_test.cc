#include "policy/registry.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/cidr_codec.h"

namespace sallyport {
namespace {

using schema::Node;

struct Config {
  net::CidrSet allow;
  net::CidrSet deny;
};

constexpr Reason kNotAllowed{"gate.not_allowed", 403, "Your address may not use this API."};

class Gate final : public Policy {
 public:
  explicit Gate(Config config) : config_(std::move(config)) {}
  Task<Verdict> on_request(Exchange& /*x*/) const override { return pass(); }
  Task<Verdict> on_response_body(Exchange& /*x*/) const override { return pass(); }
  [[nodiscard]] const Config& config() const { return config_; }

 private:
  const Config config_;
};

PolicyType gate() {
  return define_policy<Gate, Config>({
      .name = "gate",
      .stage = Stage::admission,
      .summary = "Admits listed networks.",
      .fields = {field("allow", &Config::allow, "Who may pass.").required(),
                 field("deny", &Config::deny, "Who may not.")},
      .reasons = {kNotAllowed},
      .example = R"({"allow": ["10.0.0.0/8"]})",
  });
}

// A policy that can find its configuration wrong after it was read.
class Picky final : public Policy {
 public:
  explicit Picky(std::string word) : word_(std::move(word)) {}
  struct Settings {
    std::string word = "please";
  };
  static std::shared_ptr<const Policy> make(Settings settings, const Node& block,
                                            schema::Context& context) {
    if (settings.word != "please") {
      context.error(block, "is not polite");
      return nullptr;
    }
    return std::make_shared<const Picky>(std::move(settings.word));
  }
  Task<Verdict> on_response(Exchange& /*x*/) const override { return pass(); }

 private:
  const std::string word_;
};

PolicyType picky() {
  return define_policy<Picky, Picky::Settings>({
      .name = "picky",
      .stage = Stage::transform,
      .summary = "Wants the magic word.",
      .fields = {field("word", &Picky::Settings::word, "The word.")},
  });
}

Node map(std::vector<std::pair<std::string, Node>> entries) {
  Node node;
  node.kind = Node::Kind::map;
  for (auto& [key, value] : entries) {
    node.entries.push_back({.key = key, .key_mark = {}, .value = std::move(value)});
  }
  return node;
}

struct Outcome {
  MadePolicy made;
  std::string text;
};

Outcome make(const PolicyType& type, const Node& block) {
  schema::Diagnostics diagnostics;
  schema::Context context(diagnostics, "apis.orders." + type.name);
  Outcome outcome{.made = type.make(block, context)};
  outcome.text = diagnostics.to_text();
  return outcome;
}

TEST(DefinePolicy, MakesAPolicyFromItsBlock) {
  Outcome o = make(gate(), map({{"allow", Node::scalar("10.0.0.0/8")}}));
  EXPECT_EQ(o.text, "");
  ASSERT_NE(o.made.policy, nullptr);
  EXPECT_FALSE(o.made.monitor);
  const Config& config = dynamic_cast<const Gate&>(*o.made.policy).config();
  EXPECT_TRUE(config.allow.contains(*net::Address::parse("10.1.2.3")));
}

TEST(DefinePolicy, ReadsTheModeOfEveryPolicy) {
  Node allow = Node::scalar("10.0.0.0/8");
  Outcome o = make(gate(), map({{"allow", allow}, {"mode", Node::scalar("monitor")}}));
  ASSERT_NE(o.made.policy, nullptr);
  EXPECT_TRUE(o.made.monitor);
  o = make(gate(), map({{"allow", allow}, {"mode", Node::scalar("enforced")}}));
  EXPECT_EQ(o.made.policy, nullptr);
  EXPECT_EQ(o.text,
            "error: apis.orders.gate.mode: \"enforced\" is not one of enforce, monitor. Did you "
            "mean \"enforce\"?\n");
}

TEST(DefinePolicy, ReportsEverythingWrongWithABlock) {
  Outcome o = make(
      gate(), map({{"alow", Node::scalar("10.0.0.0/8")}, {"deny", Node::scalar("10.0.0.300")}}));
  EXPECT_EQ(o.made.policy, nullptr);
  EXPECT_NE(o.text.find("gate.alow: unknown key. Did you mean \"allow\"?"), std::string::npos);
  EXPECT_NE(o.text.find("gate.deny: \"10.0.0.300\" is not a network"), std::string::npos);
}

TEST(DefinePolicy, KnowsWhichHooksAClassOverrides) {
  PolicyType first = gate();
  EXPECT_TRUE(first.on_request);
  EXPECT_FALSE(first.on_request_body);
  EXPECT_FALSE(first.on_response);
  EXPECT_TRUE(first.on_response_body);
  PolicyType second = picky();
  EXPECT_FALSE(second.on_request);
  EXPECT_TRUE(second.on_response);
}

TEST(DefinePolicy, LetsAPolicyRefuseItsConfiguration) {
  EXPECT_NE(make(picky(), map({})).made.policy, nullptr);
  Outcome o = make(picky(), map({{"word", Node::scalar("now")}}));
  EXPECT_EQ(o.made.policy, nullptr);
  EXPECT_EQ(o.text, "error: apis.orders.picky: is not polite\n");
}

TEST(DefinePolicy, DescribesThePolicy) {
  PolicyType moved = gate();
  PolicyType type = std::move(moved);
  EXPECT_EQ(type.markdown(), R"(# `gate`

Admits listed networks.

Stage: admission. Looks at: the head of the request, the body of the response.

## Keys

| Key | Type | Default | What it does |
|---|---|---|---|
| `allow` | list of networks, or a single one | *required* | Who may pass. Written like `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. |
| `deny` | list of networks, or a single one | `[]` | Who may not. Written like `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. |
| `mode` | `enforce`, `monitor` | `enforce` | Whether verdicts count. `enforce`: Verdicts decide. `monitor`: Verdicts are recorded, and the request goes on. |

## Example

```yaml
gate: {"allow": ["10.0.0.0/8"]}
```

## Reasons

| Code | Status | What the client is told |
|---|---|---|
| `gate.not_allowed` | 403 | Your address may not use this API. |
)");
  std::string schema = type.json_schema();
  for (std::string_view key : {"\"allow\"", "\"deny\"", "\"mode\"", "\"monitor\""}) {
    EXPECT_NE(schema.find(key), std::string::npos) << key;
  }
}

TEST(Policies, AreFoundByName) {
  std::vector<PolicyType> types;
  types.push_back(gate());
  types.push_back(picky());
  EXPECT_EQ(find_policy(types, "picky"), &types[1]);
  EXPECT_EQ(find_policy(types, "none"), nullptr);
}

}  // namespace
}  // namespace sallyport
