#include "admin/config_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/fake_backend.h"

namespace sallyport::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ConfigPagesTest : public ::testing::Test {
 protected:
  ConfigPagesTest() {
    for (const std::int64_t number : {3, 2, 1}) {
      backend.former.push_back(
          {.revision = {.number = number, .loaded = 1'000, .actor = "watch", .fingerprint = "f"},
           .text = std::make_shared<const std::string>("listen: x # comment\n"),
           .json = R"({"listen":["x"]})"});
    }
  }
  using Page = void(const Call&, AdminBackend&, const pages::Respond&);
  Reply ask(Page page, std::vector<std::string> path = {}, const std::string& query = {}) {
    Call call;
    call.path = std::move(path);
    call.query = query;
    std::optional<Reply> reply;
    page(call, backend, [&](Reply answer) { reply = std::move(answer); });
    return std::move(reply.value());
  }

  testing::FakeBackend backend;  // revision 3 is in force
};

TEST_F(ConfigPagesTest, ListsNewestFirstAndSaysWhichIsInForce) {
  const Reply reply = ask(pages::revisions);
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr(R"({"kept":false,"items":[{"number":3,)"
                                    R"("loaded":"1970-01-01T00:00:01.000Z","actor":"watch")"));
  EXPECT_THAT(reply.body, HasSubstr(R"("in_force":true},{"number":2)"));
  EXPECT_THAT(reply.body, HasSubstr(R"("next":null)"));
}

TEST_F(ConfigPagesTest, ListsPageByPage) {
  const Reply first = ask(pages::revisions, {}, "limit=2");
  EXPECT_THAT(first.body, HasSubstr(R"("number":2)"));
  EXPECT_THAT(first.body, Not(HasSubstr(R"("number":1)")));
  EXPECT_THAT(first.body, HasSubstr(R"("next":"Mg")"));
  const Reply second = ask(pages::revisions, {}, "limit=2&cursor=Mg");
  EXPECT_THAT(second.body, HasSubstr(R"("items":[{"number":1,)"));
  EXPECT_THAT(second.body, HasSubstr(R"("next":null)"));
  EXPECT_EQ(ask(pages::revisions, {}, "color=red").status, 400);
}

TEST_F(ConfigPagesTest, ShowsOneWithoutItsText) {
  const Reply reply = ask(pages::revision, {"2"});
  EXPECT_THAT(reply.body, HasSubstr(R"("configuration":{"listen":["x"]}})"));
  EXPECT_THAT(reply.body, Not(HasSubstr("comment")));
}

TEST_F(ConfigPagesTest, ShowsTheTextAsItWasWritten) {
  const Reply reply = ask(pages::revision_text, {"2"});
  EXPECT_EQ(reply.content_type, "application/yaml");
  EXPECT_EQ(reply.body, "listen: x # comment\n");
}

TEST_F(ConfigPagesTest, ComparesTwo) {
  const Reply reply = ask(pages::revision_diff, {"1", "3"});
  EXPECT_THAT(reply.body, HasSubstr(R"("before":{"number":1,)"));
  EXPECT_THAT(reply.body, HasSubstr(R"("after":{"number":3,)"));
  EXPECT_THAT(reply.body,
              HasSubstr(R"("summary":{"changes":[],"more":0},"diff":"-a\u000a+b\u000a"})"));
}

TEST_F(ConfigPagesTest, KnowsNoOtherNumbers) {
  for (const std::string each : {"9", "0", "-1", "x", "", "1e3", "99999999999999999999", "3 "}) {
    EXPECT_EQ(ask(pages::revision, {each}).status, 404) << each;
    EXPECT_EQ(ask(pages::revision_text, {each}).status, 404) << each;
    EXPECT_EQ(ask(pages::revision_diff, {"1", each}).status, 404) << each;
    EXPECT_EQ(ask(pages::revision_diff, {each, "1"}).status, 404) << each;
  }
}

TEST_F(ConfigPagesTest, RollsBackAndForcesOnlyWhenAsked) {
  backend.roll_back_result.load.revision = 4;
  EXPECT_THAT(ask(pages::roll_back, {"2"}).body, HasSubstr(R"({"revision":4})"));
  EXPECT_EQ(backend.rolled_back_to, 2);
  EXPECT_FALSE(backend.forced);
  EXPECT_EQ(ask(pages::roll_back, {"1"}, "force=true").status, 200);
  EXPECT_EQ(backend.rolled_back_to, 1);
  EXPECT_TRUE(backend.forced);
  backend.rolled_back_to = 0;
  EXPECT_EQ(ask(pages::roll_back, {"1"}, "force=yes").status, 400);
  EXPECT_EQ(ask(pages::roll_back, {"1"}, "force=true&force=true").status, 400);
  EXPECT_EQ(ask(pages::roll_back, {"first"}).status, 404);
  EXPECT_EQ(backend.rolled_back_to, 0);
}

TEST_F(ConfigPagesTest, SaysWhyItDidNotRollBack) {
  using Fault = RollBackResult::Fault;
  struct Case {
    Fault fault;
    int status;
    const char* code;
  };
  for (const auto& [fault, status, code] :
       {Case{Fault::no_such_revision, 404, "admin.no_such_record"},
        Case{Fault::store_unavailable, 503, "admin.store_unavailable"},
        Case{Fault::audit_unavailable, 503, "admin.audit_unavailable"},
        Case{Fault::busy, 503, "admin.busy"},
        Case{Fault::file_differs, 409, "admin.config_differs"},
        Case{Fault::not_writable, 409, "admin.config_not_writable"},
        Case{Fault::refused, 422, "admin.reload_refused"},
        Case{Fault::not_written, 500, "admin.config_not_written"}}) {
    backend.roll_back_result = {
        .fault = fault, .text = "the reason", .load = {.error = "the reason"}};
    const Reply reply = ask(pages::roll_back, {"2"});
    EXPECT_EQ(reply.status, status);
    EXPECT_THAT(reply.body, HasSubstr(code));
    EXPECT_THAT(reply.body, HasSubstr("the reason"));
  }
}

}  // namespace
}  // namespace sallyport::admin
