#include "seclang/engine/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "seclang/parser/load.h"

namespace sallyport::seclang {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kRules = R"(
SecRuleEngine On
SecRequestBodyAccess On
SecResponseBodyAccess On
SecAction "id:10,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR}"
SecAction "id:1,phase:1,pass,nolog,setvar:ip.count=+1"
SecRule IP:COUNT "@ge 2" "id:2,phase:1,pass,log"
SecRule ARGS "@contains attack" "id:3,phase:2,pass,log,setvar:tx.anomaly_score=+5,tag:'attack-sqli'"
SecRule REQUEST_HEADERS:X-Test "@streq yes" "id:4,phase:1,pass,log"
SecRule RESPONSE_STATUS "@streq 500" "id:5,phase:3,pass,log"
SecRule RESPONSE_BODY "@contains leak" "id:6,phase:4,deny,log,status:403"
SecRule RESPONSE_STATUS "@streq 403" "id:7,phase:5,pass,log"
SecRule ARGS "@rx ^[0-9]+$" "id:8,phase:2,pass,log,tag:'attack-sqli'"
SecRule REQUEST_BODY_LENGTH "@gt 3" "id:9,phase:2,pass,log"
)";

class Replay : public ::testing::Test {
 protected:
  Replay() {
    auto loaded = load({{.path = "test.conf", .text = std::string(kRules)}});
    EXPECT_TRUE(loaded) << loaded.error().front().message;
    if (loaded) rules_ = *loaded;
  }

  // An exchange with everything in it.
  void give(Transaction& t) {
    static constexpr std::array kProven{
        http::ProvenValue{
            .place = http::Place::query, .kind = http::ValueKind::integer, .name = "n"},
        http::ProvenValue{
            .place = http::Place::body, .kind = http::ValueKind::integer, .name = "m"},
        // Too late: the query has been read by then.
        http::ProvenValue{
            .place = http::Place::query, .kind = http::ValueKind::integer, .name = "o"},
    };
    t.set_proven(std::span(kProven).first(1));
    t.set_connection("192.0.2.1", 1234, "198.51.100.1", 443);
    t.set_request("POST", "/?n=1&o=2", "1.1");
    t.add_request_header("X-Test", "yes");
    t.add_request_header("Content-Type", "application/x-www-form-urlencoded");
    t.request_headers();
    t.set_proven(kProven);
    t.set_request_body("q=attack&m=3");
    t.request_body();
    t.set_response(500, "HTTP/1.1");
    t.add_response_header("Content-Type", "text/html");
    t.response_headers();
    t.set_response_body("a leak");
    t.response_body();
    t.set_response(403, "HTTP/1.1");
    t.logging();
  }

  Outcome run(Recording& recording) {
    std::array<std::byte, 4096> block;  // NOLINT(*-member-init): the arena's
    Arena arena(block);
    Transaction t(*rules_, shared_, arena, {.unique_id = "one", .seconds = 1'700'000'000});
    give(t);
    recording = t.recording();
    EXPECT_GE(t.recording_size(), recording.uri.size() + recording.request_body.size());
    return outcome_of(t);
  }

  std::shared_ptr<const RuleSet> rules_;
  SharedCollections shared_;
};

TEST_F(Replay, EndsAsTheFirstEvaluationDid) {
  Recording recording;
  Outcome first = run(recording);
  EXPECT_THAT(first.rules, ElementsAre(4, 3, 8, 9, 5, 6, 7));
  ASSERT_TRUE(first.end);
  EXPECT_EQ(first.end->rule, 6);
  EXPECT_THAT(first.tx, ElementsAre(std::pair<std::string, std::string>("anomaly_score", "5")));
  EXPECT_TRUE(replay(recording, *rules_) == first);
  EXPECT_TRUE(replay(recording, *folded_plan(rules_)) == first);
}

TEST_F(Replay, SeesCollectionsAsTheyWereAndLeavesThemAlone) {
  Recording recording;
  (void)run(recording);
  Outcome second = run(recording);
  EXPECT_THAT(second.rules, ElementsAre(2, 4, 3, 8, 9, 5, 6, 7))
      << "the second request of a client";
  const SharedCollections::Id id{.collection = Variable::ip, .key = "\n192.0.2.1"};
  auto before = shared_.read(id, 1'700'000'000);
  ASSERT_FALSE(before.empty());
  EXPECT_TRUE(replay(recording, *rules_) == second);
  EXPECT_TRUE(replay(recording, *rules_) == second) << "nothing adds up";
  EXPECT_EQ(shared_.read(id, 1'700'000'000), before);
}

TEST_F(Replay, TellsOutcomesApart) {
  Recording recording;
  Outcome first = run(recording);
  recording.request_body = "q=harmless";
  Outcome other = replay(recording, *rules_);
  EXPECT_FALSE(other == first);
  EXPECT_TRUE(other.tx.empty());
}

}  // namespace
}  // namespace sallyport::seclang
