#include "policy/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

#include "policy/exchange_fixture.h"
#include "policy/inspected_body.h"

namespace sallyport {
namespace {

using testing::code;
using testing::drain;
using ::testing::ElementsAre;
using testing::ExchangeFixture;
using testing::Gate;
using ::testing::IsEmpty;
using testing::now;
using testing::PiecesBody;
using testing::text_of;

constexpr Reason kNo{"test.no", 403, "No."};
constexpr Reason kBroken{"http.broken", 400, "Broken."};

using Hook = std::function<Task<Verdict>(Exchange&)>;

// A policy made of functions; a null one is a hook that the class does not override.
struct Hooks {
  Hook on_request = nullptr;
  Hook on_request_body = nullptr;
  Hook on_response = nullptr;
  Hook on_response_body = nullptr;
  std::size_t limit = 1000;
  BodyWish::Look look = BodyWish::Look::whole;
};

class Scripted final : public Policy {
 public:
  explicit Scripted(Hooks hooks) : hooks_(std::move(hooks)) {}
  Task<Verdict> on_request(Exchange& x) const override { return hooks_.on_request(x); }
  Task<Verdict> on_request_body(Exchange& x) const override { return hooks_.on_request_body(x); }
  Task<Verdict> on_response(Exchange& x) const override { return hooks_.on_response(x); }
  Task<Verdict> on_response_body(Exchange& x) const override { return hooks_.on_response_body(x); }
  [[nodiscard]] std::size_t body_limit() const override { return hooks_.limit; }
  [[nodiscard]] BodyWish body_wish(const Exchange& /*x*/, Phase /*phase*/) const override {
    return {.look = hooks_.look, .bytes = hooks_.limit};
  }

 private:
  Hooks hooks_;
};

PlacedPolicy placed(Hooks hooks, Stage stage = Stage::limits, bool monitor = false) {
  PlacedPolicy policy{.name = "test",
                      .stage = stage,
                      .monitor = monitor,
                      .on_request = hooks.on_request != nullptr,
                      .on_request_body = hooks.on_request_body != nullptr,
                      .on_response = hooks.on_response != nullptr,
                      .on_response_body = hooks.on_response_body != nullptr};
  policy.policy = std::make_shared<Scripted>(std::move(hooks));
  return policy;
}

Hook says(std::vector<std::string>& log, std::string word) {
  return [&log, word](Exchange&) -> Task<Verdict> {
    log.push_back(word);
    return pass();
  };
}
Hook refuses(std::string detail = "because") {
  return [detail](Exchange&) -> Task<Verdict> { return stop(kNo, detail); };
}
Task<Verdict> wait_at(Gate& gate, Verdict verdict) {
  co_await gate.pass();
  co_return verdict;
}
Task<Verdict> throw_after(Gate& gate) {
  co_await gate.pass();
  throw std::runtime_error("late");
}

std::string trail_of(const Exchange& x) {
  std::string text;
  for (const TrailEntry& entry : x.trail.entries()) {
    if (!text.empty()) text += " ";
    text += std::to_string(entry.policy);
    text += std::array{"", "b", "r", "rb"}[static_cast<std::size_t>(entry.phase)];
    text += std::array{"+", "-", "~"}[static_cast<std::size_t>(entry.outcome)];
  }
  return text;
}

TEST(Pipeline, AsksPoliciesByStageThenPositionAndResponsesInReverse) {
  std::vector<std::string> log;
  auto both = [&](std::string name) {
    return Hooks{.on_request = says(log, name), .on_response = says(log, name + "'")};
  };
  Pipeline pipeline({placed(both("c"), Stage::transform), placed(both("a"), Stage::admission),
                     placed(both("b1"), Stage::limits), placed(both("b2"), Stage::limits)});
  ExchangeFixture f;
  EXPECT_EQ(code(now(pipeline.on_request(f.x))), "passed");
  EXPECT_EQ(code(now(pipeline.on_response(f.x))), "passed");
  EXPECT_THAT(log, ElementsAre("a", "b1", "b2", "c", "c'", "b2'", "b1'", "a'"));
  EXPECT_EQ(trail_of(f.x), "0+ 1+ 2+ 3+ 3r+ 2r+ 1r+ 0r+");
}

TEST(Pipeline, WithoutPoliciesPasses) {
  Pipeline pipeline;
  ExchangeFixture f;
  EXPECT_EQ(code(now(pipeline.on_request(f.x))), "passed");
  EXPECT_EQ(code(now(pipeline.on_response(f.x))), "passed");
  EXPECT_THAT(f.x.trail.entries(), IsEmpty());
}

TEST(Pipeline, StopsAtTheFirstRefusalAndWritesItToTheTrail) {
  std::vector<std::string> log;
  Pipeline pipeline({placed({.on_request = says(log, "first")}),
                     placed({.on_request = refuses("10.0.0.1 is denied")}),
                     placed({.on_request = says(log, "third")})});
  ExchangeFixture f;
  Verdict verdict = now(pipeline.on_request(f.x));
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().reason, &kNo);
  EXPECT_EQ(verdict.error().detail, "10.0.0.1 is denied");
  EXPECT_THAT(log, ElementsAre("first"));
  EXPECT_EQ(trail_of(f.x), "0+ 1-");
  EXPECT_EQ(f.x.trail.entries()[1].reason, &kNo);
  EXPECT_EQ(f.x.trail.entries()[1].detail, "10.0.0.1 is denied");
}

TEST(Pipeline, InMonitorModeRecordsAndGoesOn) {
  std::vector<std::string> log;
  Pipeline pipeline({placed({.on_request = refuses()}, Stage::limits, true),
                     placed({.on_request = says(log, "after")})});
  ExchangeFixture f;
  EXPECT_EQ(code(now(pipeline.on_request(f.x))), "passed");
  EXPECT_THAT(log, ElementsAre("after"));
  EXPECT_EQ(trail_of(f.x), "0~ 1+");
  EXPECT_EQ(f.x.trail.entries()[0].reason, &kNo);
}

TEST(Pipeline, TimesEveryPolicy) {
  Pipeline pipeline({placed({.on_request = [](Exchange&) -> Task<Verdict> {
    std::uint64_t begin = Ticks::now();
    while (Ticks::nanoseconds(begin, Ticks::now()) < 50'000) {
    }
    return pass();
  }})});
  ExchangeFixture f;
  ASSERT_TRUE(now(pipeline.on_request(f.x)));
  EXPECT_GE(f.x.trail.entries()[0].nanoseconds, 50'000U);
  EXPECT_GE(Ticks::nanoseconds(0, f.x.timings.policies), 50'000U);
}

TEST(Pipeline, AnExceptionFailsClosed) {
  Pipeline pipeline({placed(
      {.on_request = [](Exchange&) -> Task<Verdict> { throw std::runtime_error("oops"); }})});
  ExchangeFixture f;
  Verdict verdict = now(pipeline.on_request(f.x));
  EXPECT_EQ(code(verdict), "policy.internal");
  EXPECT_EQ(verdict.error().detail, "oops");
  EXPECT_EQ(verdict.error().reason->blame, Blame::gateway);
  EXPECT_EQ(trail_of(f.x), "0-");
}

TEST(Pipeline, AnExceptionOfACoroutineFailsClosedAtOnceAndAfterAWait) {
  for (bool wait : {false, true}) {
    Gate gate;
    if (wait) gate.close();
    Pipeline pipeline({placed({.on_request = [&](Exchange&) { return throw_after(gate); }})});
    ExchangeFixture f;
    Task<Verdict> running = pipeline.on_request(f.x);
    EXPECT_EQ(running.ready(), !wait);
    gate.open();
    EXPECT_EQ(code(now(std::move(running))), "policy.internal");
  }
}

TEST(Pipeline, GoesOnBehindPoliciesThatWait) {
  std::vector<std::string> log;
  Gate first;
  Gate second;
  first.close();
  second.close();
  Pipeline pipeline({placed({.on_request = says(log, "a")}),
                     placed({.on_request = [&](Exchange&) { return wait_at(first, pass()); }}),
                     placed({.on_request = says(log, "b")}),
                     placed({.on_request = [&](Exchange&) { return wait_at(second, pass()); }}),
                     placed({.on_request = refuses()}), placed({.on_request = says(log, "c")})});
  ExchangeFixture f;
  Task<Verdict> running = pipeline.on_request(f.x);
  EXPECT_FALSE(running.ready());
  EXPECT_THAT(log, ElementsAre("a"));
  first.open();
  EXPECT_FALSE(running.ready());
  EXPECT_THAT(log, ElementsAre("a", "b"));
  second.open();
  EXPECT_EQ(code(now(std::move(running))), "test.no");
  EXPECT_THAT(log, ElementsAre("a", "b"));
  EXPECT_EQ(trail_of(f.x), "0+ 1+ 2+ 3+ 4-");
}

TEST(Pipeline, MonitorsAPolicyThatWaits) {
  Gate gate;
  gate.close();
  Hook slow = [&](Exchange&) { return wait_at(gate, stop(kNo)); };
  Pipeline pipeline({placed({.on_request = slow}, Stage::limits, true)});
  ExchangeFixture f;
  Task<Verdict> running = pipeline.on_request(f.x);
  gate.open();
  EXPECT_EQ(code(now(std::move(running))), "passed");
  EXPECT_EQ(trail_of(f.x), "0~");
}

TEST(Pipeline, OnARefusalEveryPolicySeesTheHeadAndNoneCanRefuse) {
  std::vector<std::string> log;
  Pipeline pipeline(
      {placed({.on_response = says(log, "first"), .on_response_body = says(log, "body")}),
       placed({.on_response = refuses()})});
  ExchangeFixture f;
  f.x.reason = &kNo;
  EXPECT_EQ(code(now(pipeline.on_response(f.x))), "passed");
  EXPECT_THAT(log, ElementsAre("first"));
  EXPECT_EQ(trail_of(f.x), "1r~ 0r+");
}

TEST(Pipeline, AResponseCanBeRefused) {
  std::vector<std::string> log;
  Pipeline pipeline(
      {placed({.on_response = says(log, "first")}), placed({.on_response = refuses()})});
  ExchangeFixture f;
  EXPECT_EQ(code(now(pipeline.on_response(f.x))), "test.no");
  EXPECT_THAT(log, IsEmpty());
}

TEST(WholeBody, IsCollectedAndReplacesTheStream) {
  std::vector<std::string> seen;
  Hook look = [&](Exchange& x) -> Task<Verdict> {
    seen.push_back(text_of(x.request_body));
    return pass();
  };
  Pipeline pipeline({placed({.on_request_body = look}), placed({.on_request_body = look})});
  EXPECT_TRUE(pipeline.wants_request_body());
  PiecesBody body({"one ", "two ", "", "three"});
  ExchangeFixture f;
  f.body(body);
  EXPECT_EQ(code(now(pipeline.on_request(f.x))), "passed");
  EXPECT_THAT(seen, ElementsAre("one two three", "one two three"));
  EXPECT_EQ(f.x.request.content_length, 13U);
  EXPECT_EQ(drain(*f.x.request.body), "one two three");
  EXPECT_EQ(trail_of(f.x), "0b+ 1b+");
}

TEST(WholeBody, GrowsPastItsFirstMemory) {
  std::string all;
  std::vector<std::string> pieces;
  for (int i = 0; i < 50; ++i) {
    pieces.emplace_back(997, static_cast<char>('a' + i % 26));
    all += pieces.back();
  }
  std::string seen;
  Pipeline pipeline({placed({.on_request_body = [&](Exchange& x) -> Task<Verdict> {
                               seen = text_of(x.request_body);
                               return pass();
                             },
                             .limit = 100'000})});
  PiecesBody body(pieces);
  ExchangeFixture f;
  f.body(body);
  EXPECT_EQ(code(now(pipeline.on_request(f.x))), "passed");
  EXPECT_EQ(seen, all);
}

TEST(WholeBody, IsEmptyWithoutABody) {
  bool asked = false;
  Pipeline pipeline({placed({.on_request_body = [&](Exchange& x) -> Task<Verdict> {
    asked = true;
    EXPECT_TRUE(x.request_body.empty());
    return pass();
  }})});
  ExchangeFixture f;
  EXPECT_EQ(code(now(pipeline.on_request(f.x))), "passed");
  EXPECT_TRUE(asked);
  EXPECT_EQ(f.x.request.body, nullptr);
  EXPECT_FALSE(f.x.request.content_length);
}

TEST(WholeBody, IsNotReadWhenTheHeadIsRefused) {
  std::vector<std::string> log;
  Pipeline pipeline({placed({.on_request = refuses(), .on_request_body = says(log, "body")})});
  PiecesBody body({"x"});
  ExchangeFixture f;
  f.body(body);
  EXPECT_EQ(code(now(pipeline.on_request(f.x))), "test.no");
  EXPECT_EQ(body.asked(), 0U);
}

TEST(WholeBody, BeyondTheSmallestLimitIsRefused) {
  struct Case {
    std::vector<std::string> pieces;
    std::optional<std::uint64_t> length;
    std::string expected;
    std::size_t asked;
  };
  const Case cases[] = {
      {{"12345678"}, {}, "passed", 1},
      {{"12345678"}, 8, "passed", 1},
      {{"1234", "56789", "never"}, {}, "policy.body_too_large", 2},
      {{"123456789"}, 9, "policy.body_too_large", 0},
  };
  for (const Case& c : cases) {
    std::vector<std::string> log;
    Pipeline pipeline({placed({.on_request_body = says(log, "large"), .limit = 100}),
                       placed({.on_request_body = says(log, "small"), .limit = 8})});
    PiecesBody body(c.pieces);
    ExchangeFixture f;
    f.body(body, c.length);
    EXPECT_EQ(code(now(pipeline.on_request(f.x))), c.expected);
    EXPECT_EQ(body.asked(), c.asked);
    EXPECT_EQ(trail_of(f.x), c.expected == "passed" ? "0b+ 1b+" : "1b-");
  }
}

TEST(WholeBody, OnlyMonitoredPoliciesLetALongerBodyPassUnseen) {
  for (std::optional<std::uint64_t> length :
       {std::optional<std::uint64_t>(), {std::uint64_t{10}}}) {
    std::vector<std::string> log;
    Pipeline pipeline(
        {placed({.on_request_body = says(log, "seen"), .limit = 8}, Stage::limits, true)});
    PiecesBody body({"01234", "56789"});
    ExchangeFixture f;
    f.body(body, length);
    EXPECT_EQ(code(now(pipeline.on_request(f.x))), "passed");
    EXPECT_THAT(log, IsEmpty());
    EXPECT_EQ(trail_of(f.x), "0b~");
    EXPECT_EQ(f.x.request.content_length, length);
    EXPECT_TRUE(f.x.request_body.empty());
    EXPECT_EQ(drain(*f.x.request.body), "0123456789");
  }
}

TEST(WholeBody, AMonitoredPolicyDoesNotLowerTheLimitOfOthers) {
  std::vector<std::string> log;
  Pipeline pipeline(
      {placed({.on_request_body = says(log, "monitored"), .limit = 4}, Stage::limits, true),
       placed({.on_request_body = says(log, "enforced"), .limit = 100})});
  PiecesBody body({"12345"});
  ExchangeFixture f;
  f.body(body);
  EXPECT_EQ(code(now(pipeline.on_request(f.x))), "passed");
  EXPECT_THAT(log, ElementsAre("enforced"));
  EXPECT_EQ(trail_of(f.x), "0b~ 1b+");
}

TEST(WholeBody, ThatBreaksEndsTheExchangeWithItsOwnReason) {
  std::vector<std::string> log;
  Pipeline pipeline({placed({.on_request_body = says(log, "seen")})});
  PiecesBody body({"fine", "broken"});
  body.fail_with(kBroken);
  ExchangeFixture f;
  f.body(body);
  EXPECT_EQ(code(now(pipeline.on_request(f.x))), "http.broken");
  EXPECT_THAT(log, IsEmpty());
}

TEST(WholeBody, AsksForTheNextPieceOnlyAfterTheOneBefore) {
  Gate gate;
  gate.close();
  std::vector<std::string> log;
  Pipeline pipeline({placed({.on_request_body = says(log, "seen")})});
  PiecesBody body({"1", "2", "3"}, &gate);
  ExchangeFixture f;
  f.body(body);
  Task<Verdict> running = pipeline.on_request(f.x);
  EXPECT_FALSE(running.ready());
  EXPECT_EQ(body.asked(), 1U);
  gate.open();
  EXPECT_EQ(code(now(std::move(running))), "passed");
  EXPECT_EQ(drain(*f.x.request.body), "123");
}

TEST(WholeBody, OfAResponseIsCollectedAndLimited) {
  std::string seen;
  Hook look = [&](Exchange& x) -> Task<Verdict> {
    seen = text_of(x.response_body);
    return pass();
  };
  Pipeline pipeline({placed({.on_response_body = look, .limit = 8})});
  {
    PiecesBody body({"1234", "5678"});
    ExchangeFixture f;
    f.x.response.body = &body;
    EXPECT_EQ(code(now(pipeline.on_response(f.x))), "passed");
    EXPECT_EQ(seen, "12345678");
    EXPECT_EQ(f.x.response.content_length, 8U);
    EXPECT_EQ(drain(*f.x.response.body), "12345678");
  }
  PiecesBody body({"1234", "56789"});
  ExchangeFixture f;
  f.x.response.body = &body;
  Verdict verdict = now(pipeline.on_response(f.x));
  EXPECT_EQ(code(verdict), "policy.response_too_large");
  EXPECT_EQ(verdict.error().reason->status, 502);
}

// Refuses the letter 'x'.
class NoX final : public InspectedBody {
 public:
  using InspectedBody::InspectedBody;

 private:
  Verdict look(std::span<const std::byte> bytes, bool /*last*/) override {
    for (std::byte b : bytes) {
      if (b == std::byte{'x'}) return stop(kNo, "an x");
    }
    return pass();
  }
};

Hook inspects() {
  return [](Exchange& x) -> Task<Verdict> {
    put_in_front<NoX>(x, x.request.body, Phase::request_body);
    return pass();
  };
}

TEST(InspectedBody, PassesWhatItLikes) {
  Pipeline pipeline({placed({.on_request = inspects()})});
  PiecesBody body({"ab", "cd"});
  ExchangeFixture f;
  f.body(body);
  ASSERT_TRUE(now(pipeline.on_request(f.x)));
  EXPECT_EQ(drain(*f.x.request.body), "abcd");
  EXPECT_EQ(trail_of(f.x), "0+");
}

TEST(InspectedBody, EndsTheBodyWithItsVerdictAndWritesToTheTrail) {
  std::vector<std::string> log;
  Pipeline pipeline({placed({.on_request = says(log, "")}), placed({.on_request = inspects()}),
                     placed({.on_request = says(log, "")})});
  PiecesBody body({"ab", "cx", "no"});
  ExchangeFixture f;
  f.body(body);
  ASSERT_TRUE(now(pipeline.on_request(f.x)));
  EXPECT_EQ(drain(*f.x.request.body), "ab!test.no");
  EXPECT_EQ(trail_of(f.x), "0+ 1+ 2+ 1b-");
  EXPECT_EQ(f.x.trail.entries()[3].detail, "an x");
}

TEST(InspectedBody, InMonitorModeRecordsOnceAndGoesOn) {
  Pipeline pipeline({placed({.on_request = inspects()}, Stage::limits, true)});
  PiecesBody body({"ab", "cx", "xx"});
  ExchangeFixture f;
  f.body(body);
  ASSERT_TRUE(now(pipeline.on_request(f.x)));
  EXPECT_EQ(drain(*f.x.request.body), "abcxxx");
  EXPECT_EQ(trail_of(f.x), "0+ 0b~");
}

TEST(InspectedBody, WaitsWithItsSource) {
  Gate gate;
  gate.close();
  Pipeline pipeline({placed({.on_request = inspects()})});
  PiecesBody body({"ab", "cx"}, &gate);
  ExchangeFixture f;
  f.body(body);
  ASSERT_TRUE(now(pipeline.on_request(f.x)));
  ASSERT_TRUE(now(f.x.request.body->next()));
  Task<Result<http::BodyPiece>> next = f.x.request.body->next();
  EXPECT_FALSE(next.ready());
  gate.open();
  EXPECT_FALSE(now(std::move(next)));
}

constexpr auto kBeginning = BodyWish::Look::beginning;

Hook notes_body(std::string& seen) {
  return [&seen](Exchange& x) -> Task<Verdict> {
    seen = text_of(x.request_body) + (x.request_body_complete ? "." : "...");
    return pass();
  };
}

TEST(Pipeline, ShowsTheBeginningOfABodyThatGoesOn) {
  std::string seen;
  Pipeline pipeline(
      {placed({.on_request_body = notes_body(seen), .limit = 4, .look = kBeginning})});
  for (bool announced : {false, true}) {
    PiecesBody body({"abc", "def", "ghi"});
    ExchangeFixture f;
    f.body(body);
    if (announced) f.x.request.content_length = 9;
    EXPECT_EQ(code(now(pipeline.on_request(f.x))), "passed");
    EXPECT_EQ(seen, "abcdef...");
    EXPECT_EQ(body.asked(), 2U) << "no more than needed";
    EXPECT_EQ(drain(*f.x.request.body), "abcdefghi");
  }
  PiecesBody fits({"ab", "cd"});
  ExchangeFixture f;
  EXPECT_EQ(code(now(pipeline.on_request(f.body(fits).x))), "passed");
  EXPECT_EQ(seen, "abcd.");
}

TEST(Pipeline, RefusesForThoseWhoNeedTheWholeBody) {
  std::string seen;
  std::string whole;
  Hooks part{.on_request_body = notes_body(seen), .limit = 2, .look = kBeginning};
  Hooks all{.on_request_body = notes_body(whole), .limit = 5};
  Pipeline enforced({placed(part), placed(all)});
  PiecesBody small({"abcde"});
  ExchangeFixture fits;
  EXPECT_EQ(code(now(enforced.on_request(fits.body(small).x))), "passed");
  EXPECT_EQ(seen + whole, "abcde.abcde.");
  seen = whole = "";
  PiecesBody large({"abcdef", "gh"});
  ExchangeFixture f;
  EXPECT_EQ(code(now(enforced.on_request(f.body(large).x))), "policy.body_too_large");
  EXPECT_EQ(seen + whole, "");

  Pipeline monitored({placed(part), placed(all, Stage::limits, true)});
  PiecesBody again({"abcdef", "gh"});
  ExchangeFixture g;
  EXPECT_EQ(code(now(monitored.on_request(g.body(again).x))), "passed");
  EXPECT_EQ(seen + whole, "abcdef...") << "that it is too long has been recorded";
  EXPECT_EQ(trail_of(g.x), "1b~ 0b+");
  EXPECT_EQ(drain(*g.x.request.body), "abcdefgh");
}

TEST(Pipeline, LetsABodyStreamThroughThatNobodyLooksAt) {
  std::string seen = "nothing";
  Pipeline pipeline({placed({.on_request_body = notes_body(seen), .look = BodyWish::Look::none})});
  PiecesBody body({"abc", "def"});
  ExchangeFixture f;
  EXPECT_EQ(code(now(pipeline.on_request(f.body(body).x))), "passed");
  EXPECT_EQ(body.asked(), 0U);
  EXPECT_EQ(f.x.request.body, &body);
  EXPECT_EQ(seen, "nothing");
  EXPECT_THAT(f.x.trail.entries(), IsEmpty());
}

TEST(Exchange, DestroysWhatPoliciesKeep) {
  auto alive = std::make_shared<int>(7);
  const Policy owner;
  {
    ExchangeFixture f;
    f.x.slot<std::shared_ptr<int>>(&owner) = alive;
    EXPECT_EQ(alive.use_count(), 2);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace sallyport
