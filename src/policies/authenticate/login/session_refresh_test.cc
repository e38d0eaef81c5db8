#include "policies/authenticate/login/session_refresh.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "base/base64url.h"
#include "policy/exchange_fixture.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using testing::Gate;

std::shared_ptr<const OpenSession> session(std::uint32_t renewals, const std::string& id = "one") {
  LoginSession made;
  made.id = id;
  made.renewals = renewals;
  made.id_token = "e30." + base64url_encode(R"({"iss":"https://login","sub":"u"})") + ".x";
  return OpenSession::of(made, ClaimMap(ClaimNames{}), "gw");
}

// What the provider would be asked.
struct Provider {
  Task<Refreshed> answer(Refreshed with) {
    ++asked;
    co_await gate.pass();
    co_return with;
  }
  Gate gate;
  int asked = 0;
};

Task<Refreshed> ask(SessionRefreshes& all, Provider& provider, std::uint32_t renewals,
                    Refreshed with) {
  auto work = [&provider, with] { return provider.answer(with); };
  return all.refreshed(session(renewals), std::move(work));
}

Refreshed renewed(std::uint32_t renewals) {
  return {.session = session(renewals), .over = false, .why = {}};
}

TEST(SessionRefreshes, OneRefreshServesAllWhoCarryTheOldSession) {
  SessionRefreshes all;
  Provider provider;
  EXPECT_EQ(testing::now(ask(all, provider, 0, renewed(1))).session->session().renewals, 1U);
  EXPECT_EQ(testing::now(ask(all, provider, 0, renewed(9))).session->session().renewals, 1U);
  EXPECT_EQ(provider.asked, 1);
  EXPECT_EQ(all.newest(session(0))->session().renewals, 1U);
  EXPECT_EQ(all.newest(session(1))->session().renewals, 1U);
  EXPECT_EQ(all.newest(session(0, "another"))->session().renewals, 0U);
  EXPECT_EQ(testing::now(ask(all, provider, 1, renewed(2))).session->session().renewals, 2U);
  EXPECT_EQ(provider.asked, 2);
}

TEST(SessionRefreshes, WhoComesMeanwhileWaitsForIt) {
  SessionRefreshes all;
  Provider provider;
  async::Reactor reactor;
  std::vector<std::uint32_t> got;
  auto one = [](SessionRefreshes& of, Provider& from, async::Reactor& on,
                std::vector<std::uint32_t>& to) -> async::Detached {
    Task<Refreshed> asking = ask(of, from, 0, renewed(1));
    const Refreshed result = co_await asking;
    to.push_back(result.session->session().renewals);
    if (to.size() == 3) on.stop();
  };
  provider.gate.close();
  reactor.post([&] {
    for (int i = 0; i < 3; ++i) one(all, provider, reactor, got);
    EXPECT_EQ(provider.asked, 1);
    EXPECT_TRUE(got.empty());
    provider.gate.open();
  });
  reactor.run();
  EXPECT_EQ(got, (std::vector<std::uint32_t>{1, 1, 1}));
  EXPECT_EQ(provider.asked, 1);
}

TEST(SessionRefreshes, ThatItIsOverIsRememberedToo) {
  SessionRefreshes all;
  Provider provider;
  const Refreshed over{.session = nullptr, .over = true, .why = "invalid_grant"};
  EXPECT_TRUE(testing::now(ask(all, provider, 0, over)).over);
  EXPECT_TRUE(testing::now(ask(all, provider, 0, renewed(1))).over);
  EXPECT_EQ(provider.asked, 1);
}

TEST(SessionRefreshes, AProviderThatIsAwayIsNotAskedByEveryRequest) {
  SessionRefreshes all;
  Provider provider;
  const Refreshed away{.session = nullptr, .over = false, .why = "away"};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(testing::now(ask(all, provider, 0, away)).why, "away");
  EXPECT_EQ(provider.asked, 1);
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
