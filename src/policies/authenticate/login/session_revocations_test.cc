#include "policies/authenticate/login/session_revocations.h"

#include <gtest/gtest.h>

#include "base/base64url.h"
#include "policy/exchange_fixture.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using Kind = SessionRevocations::Kind;

std::shared_ptr<const OpenSession> session(const std::string& id, std::int64_t started) {
  LoginSession made;
  made.id = id;
  made.started = started;
  made.id_token =
      "e30." + base64url_encode(R"({"iss":"https://login","sub":"u","sid":"s"})") + ".x";
  return OpenSession::of(made, ClaimMap(ClaimNames{}), "gw");
}

std::string name(std::string_view kind, std::string_view value, std::string_view client = "gw") {
  return SessionNames::of(kind, "https://login", client, value);
}

TEST(SessionRevocations, EndsWhatItNamesUntilThatIsOverAnyhow) {
  SessionRevocations revocations;
  const auto mine = session("one", 1000);
  EXPECT_FALSE(revocations.is_remembered(*mine, 2000));
  revocations.remember({.kind = Kind::one, .name = name("session", "two"), .until = 9000}, 2000);
  revocations.remember({.kind = Kind::one, .name = name("sid", "s", "other"), .until = 9000}, 2000);
  EXPECT_FALSE(revocations.is_remembered(*mine, 2000));
  revocations.remember({.kind = Kind::one, .name = name("session", "one"), .until = 9000}, 2000);
  EXPECT_TRUE(revocations.is_remembered(*mine, 2000));
  EXPECT_TRUE(revocations.is_remembered(*mine, 8999));
  EXPECT_FALSE(revocations.is_remembered(*mine, 9000));
}

TEST(SessionRevocations, ASessionOfTheProviderEndsWheneverItBegan) {
  SessionRevocations revocations;
  revocations.remember({.kind = Kind::one, .name = name("sid", "s"), .until = 9000}, 2000);
  EXPECT_TRUE(revocations.is_remembered(*session("one", 1000), 3000));
  EXPECT_TRUE(revocations.is_remembered(*session("one", 2500), 3000));
}

TEST(SessionRevocations, OfSomebodyOnlyThoseEndThatHaveBegun) {
  SessionRevocations revocations;
  revocations.remember({.kind = Kind::all_so_far, .name = name("sub", "u"), .until = 9000}, 2000);
  EXPECT_TRUE(revocations.is_remembered(*session("one", 1000), 3000));
  EXPECT_TRUE(revocations.is_remembered(*session("one", 2000), 3000));
  EXPECT_FALSE(revocations.is_remembered(*session("one", 2001), 3000));
}

TEST(SessionRevocations, WithoutRoomEverySessionSoFarEnds) {
  SessionRevocations revocations;
  const auto before = session("before", 4000);
  for (std::size_t i = 0; i < SessionRevocations::kMost; ++i) {
    revocations.remember({.kind = Kind::one, .name = std::to_string(i), .until = 9000}, 5000);
  }
  EXPECT_FALSE(revocations.is_remembered(*before, 5000));
  revocations.remember({.kind = Kind::one, .name = "one more", .until = 9000}, 5000);
  EXPECT_TRUE(revocations.is_remembered(*before, 5000));
  EXPECT_FALSE(revocations.is_remembered(*session("after", 5001), 5001));
}

TEST(SessionRevocations, WhatIsOverMakesRoom) {
  SessionRevocations revocations;
  for (std::size_t i = 0; i < SessionRevocations::kMost; ++i) {
    revocations.remember({.kind = Kind::one, .name = std::to_string(i), .until = 6000}, 5000);
  }
  revocations.remember({.kind = Kind::one, .name = "one more", .until = 9000}, 7000);
  EXPECT_FALSE(revocations.is_remembered(*session("before", 4000), 7000));
}

TEST(SessionRevocations, ARehearsalEndsNothing) {
  SessionRevocations revocations;
  const auto mine = session("rehearsed", 1000);
  testing::ExchangeFixture f;
  f.x.rehearsal = true;
  const SessionRevocations::Revoked all{
      .kind = Kind::one, .name = name("session", "rehearsed"), .until = 9000};
  EXPECT_TRUE(testing::now(revocations.revoke(f.x, all)));
  EXPECT_FALSE(revocations.is_remembered(*mine, 2000));
  f.x.rehearsal = false;
  EXPECT_TRUE(testing::now(revocations.revoke(f.x, all)));
  EXPECT_TRUE(revocations.is_remembered(*mine, 2000));
}

TEST(SessionNames, TellClientsIssuersAndKindsApart) {
  EXPECT_NE(name("sid", "u"), name("sub", "u"));
  EXPECT_NE(name("sid", "u"), name("sid", "u", "other"));
  EXPECT_NE(SessionNames::of("sid", "a", "bc", "d"), SessionNames::of("sid", "ab", "c", "d"));
  EXPECT_NE(SessionNames::of("sid", "a\",\"b", "c", "d"), SessionNames::of("sid", "a", "b", "c"));
  EXPECT_EQ(name("sid", "u"), name("sid", "u"));
}

}  // namespace
}  // namespace sallyport::policies::authenticate_detail
