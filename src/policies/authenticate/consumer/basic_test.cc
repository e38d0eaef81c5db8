#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "async/reactor.h"
#include "base/base64url.h"
#include "policies/policy_fixture.h"
#include "policy/rehearsal.h"
#include "store/sealing/password_hash.h"
#include "store/view/caller_directory.h"
#include "store/view/view_builder.h"

namespace sallyport {
namespace {

using store::PasswordHash;
using testing::ExchangeFixture;
using ::testing::HasSubstr;
using testing::PolicyFixture;

constexpr PasswordHash::Cost kCheap{.log_n = 10, .r = 1, .p = 1};

async::Detached ask_and_stop(const Pipeline& pipeline, Exchange& x, std::string& code,
                             async::Reactor& reactor) {
  Task<Verdict> asked = pipeline.on_request(x);
  const Verdict verdict = co_await asked;
  code = testing::code(verdict);
  reactor.stop();
}

class Basic : public ::testing::Test {
 protected:
  Basic() { scope_.keeps_state = true; }

  // With the consumer "ada" of that password in the store.
  void store_ada(const std::string& password, bool disabled = false) {
    ada_.password_hash = PasswordHash::of(password, kCheap).text();
    ada_.disabled = disabled;
    store::ViewChanges changes;
    changes.consumers[ada_.id] = ada_;
    directory_.publish(builder_.next(changes));
  }
  // The verdict, once the hash was computed.
  std::string ask(const PolicyFixture& policy, ExchangeFixture& f, const std::string& both) {
    std::string text = base64url_encode(both);
    for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
    f.header("Authorization", "Basic " + text.append((4 - text.size() % 4) % 4, '='));
    f.x.callers = &directory_;
    std::string code;
    async::Reactor reactor;
    reactor.post([&] { ask_and_stop(policy.pipeline, f.x, code, reactor); });
    reactor.run();
    return code;
  }
  std::string ask(const PolicyFixture& policy, const std::string& both) {
    ExchangeFixture f;
    return ask(policy, f, both);
  }

  schema::LoadScope scope_;
  store::ViewBuilder builder_{std::make_shared<store::KeyedHash>(std::string(32, 'k'))};
  store::CallerDirectory directory_{builder_.view()};
  store::Consumer ada_{.id = store::PublicId::random().text(), .name = "ada", .roles = {"reader"}};
};

TEST_F(Basic, KnowsConsumersOfTheStore) {
  const PolicyFixture policy("authenticate", R"({"basic": {}})", &scope_);
  ASSERT_EQ(policy.errors, "");
  store_ada("s:ecret");
  ExchangeFixture f;
  ASSERT_EQ(ask(policy, f, "ada:s:ecret"), "passed");
  EXPECT_EQ(f.x.identity->method, "basic");
  EXPECT_EQ(f.x.identity->consumer, "ada");
  EXPECT_EQ(f.x.identity->strength, Strength::password);
  EXPECT_THAT(f.x.identity->roles, ::testing::ElementsAre("reader"));
  EXPECT_EQ(f.request_values("Authorization"), "(none)");
}

TEST_F(Basic, RefusesWithTheReasonInTheLogOnly) {
  const PolicyFixture policy("authenticate", R"({"basic": {}})", &scope_);
  store_ada("secret");
  for (const auto& [both, why] : std::initializer_list<std::pair<const char*, const char*>>{
           {"ada:Secret", "the password is another"},
           {"ada:", "the password is another"},
           {"bob:secret", "the user is not known"},
           {":secret", "the user is not known"}}) {
    ExchangeFixture f;
    EXPECT_EQ(ask(policy, f, both), "authenticate.invalid") << both;
    EXPECT_THAT(std::string(f.x.trail.entries().back().detail), HasSubstr(why));
    EXPECT_FALSE(f.x.identity);
  }
  ExchangeFixture malformed;
  malformed.header("Authorization", "Basic nonsense!");
  EXPECT_EQ(policy.request(malformed), "authenticate.invalid");
  ExchangeFixture bearer;
  bearer.header("Authorization", "Bearer x");
  EXPECT_EQ(policy.request(bearer), "authenticate.missing");
}

TEST_F(Basic, RemembersAndForgetsWhenThePasswordChanges) {
  const PolicyFixture policy("authenticate", R"({"basic": {}})", &scope_);
  store_ada("secret");
  ASSERT_EQ(ask(policy, "ada:secret"), "passed");
  ExchangeFixture again;
  again.header("Authorization", "Basic YWRhOnNlY3JldA==");
  again.x.callers = &directory_;
  EXPECT_EQ(policy.request(again), "passed") << "without waiting for a hash";
  store_ada("another");
  EXPECT_EQ(ask(policy, "ada:secret"), "authenticate.invalid");
  EXPECT_EQ(ask(policy, "ada:another"), "passed");
  store_ada("another", true);
  EXPECT_EQ(ask(policy, "ada:another"), "authenticate.invalid");
}

TEST_F(Basic, KnowsUsersOfTheConfiguration) {
  // References to secrets need a loader; here the node is made as one would make it.
  schema::Node block = testing::JsonReader::read(R"({"basic": {"users": {"bob": "x"}}})");
  schema::Node& hash = block.entries[0].value.entries[0].value.entries[0].value;
  hash.text = PasswordHash::of("hunter2", kCheap).text();
  hash.origin = "${env:BOB}";
  const PolicyFixture policy("authenticate", block);
  ASSERT_EQ(policy.errors, "");
  ExchangeFixture f;
  ASSERT_EQ(ask(policy, f, "bob:hunter2"), "passed");
  EXPECT_EQ(f.x.identity->consumer, "bob");
  EXPECT_EQ(ask(policy, "bob:hunter3"), "authenticate.invalid");
}

TEST_F(Basic, RefusesConfigurationsThatKnowNobody) {
  const PolicyFixture nobody("authenticate", R"({"basic": {}})");
  EXPECT_THAT(nobody.errors, HasSubstr("knows no users"));
  const PolicyFixture literal("authenticate", R"({"basic": {"users": {"bob": "hunter2"}}})");
  EXPECT_THAT(literal.errors, HasSubstr("a secret must not stand in the file"));
  EXPECT_THAT(literal.errors, ::testing::Not(HasSubstr("hunter2")));
}

TEST_F(Basic, HashesNoPasswordInARehearsal) {
  store_ada("open sesame");
  const PolicyFixture policy("authenticate", R"({"basic": {}})", &scope_);
  ExchangeFixture f;
  f.x.rehearsal = true;
  EXPECT_EQ(ask(policy, f, "ada:open sesame"), "authenticate.unavailable");
  EXPECT_TRUE(take_left_open(f.x));
  EXPECT_FALSE(take_left_open(f.x));
  // Known from before, it takes nothing.
  EXPECT_EQ(ask(policy, "ada:open sesame"), "passed");
  ExchangeFixture known;
  known.x.rehearsal = true;
  EXPECT_EQ(ask(policy, known, "ada:open sesame"), "passed");
  EXPECT_FALSE(take_left_open(known.x));
}

TEST_F(Basic, IsChallengedFor) {
  const PolicyFixture policy("authenticate", R"({"basic": {}})", &scope_);
  ExchangeFixture f;
  EXPECT_EQ(policy.request(f), "authenticate.missing");
  f.x.reason = f.x.trail.entries().back().reason;  // as the gateway does
  EXPECT_EQ(policy.response(f), "passed");
  EXPECT_THAT(f.response_values("WWW-Authenticate"), HasSubstr("Basic realm=\""));
  EXPECT_THAT(f.response_values("WWW-Authenticate"), HasSubstr("charset=\"UTF-8\""));
}

}  // namespace
}  // namespace sallyport
