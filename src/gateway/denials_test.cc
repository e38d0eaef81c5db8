#include "gateway/denials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "json/document.h"
#include "policy/exchange_fixture.h"
#include "store/sealing/master_key.h"

namespace sallyport::gateway {
namespace {

namespace fs = std::filesystem;

constexpr Reason kDenied{"test.denied", 403, "No."};
constexpr Reason kMissing{"test.missing", 401, "Who?"};
constexpr Reason kBroken{"test.broken", 502, "Broken."};

class DenialsTest : public ::testing::Test {
 protected:
  DenialsTest() {
    std::string name = (fs::temp_directory_path() / "sallyport-denials-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    auto trail = store::AuditTrail::open({.path = (folder_ / "trail.jsonl").string()},
                                         store::AuditSigner(store::MasterKey::random()));
    EXPECT_TRUE(trail);
    trail_ = std::move(*trail);
    exchange_.request("DELETE", "/orders/7").client("192.0.2.9");
  }
  ~DenialsTest() override { fs::remove_all(folder_); }

  // The details of the events so far, as JSON; each begins with its action, actor and object.
  std::vector<std::string> events() {
    trail_.reset();
    std::ifstream file(folder_ / "trail.jsonl");
    std::vector<std::string> found;
    for (std::string line; std::getline(file, line);) {
      const auto document = json::Document::parse(line);
      EXPECT_TRUE(document) << line;
      const json::Value event = document->root();
      if (event.text("action").empty()) continue;
      found.push_back(std::string(event.text("action")) + ' ' + std::string(event.text("actor")) +
                      ' ' + std::string(event.text("object")) + ' ' +
                      std::string(event.text("detail")));
    }
    return found;
  }

  fs::path folder_;
  std::unique_ptr<store::AuditTrail> trail_;
  testing::ExchangeFixture exchange_;
};

TEST_F(DenialsTest, RecordsWhoWasRefusedWhatAndWhy) {
  Denials denials(*trail_);
  Exchange& x = exchange_.x;
  x.reason = &kDenied;
  x.detail = "rule 2";
  denials.note(x);
  x.identity.emplace();
  x.identity->subject = "u-1";
  x.identity->issuer = "https://login";
  denials.note(x);
  x.identity->consumer = "ada";
  x.reason = &kMissing;
  denials.note(x);
  const std::vector<std::string> found = events();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0],
              ::testing::StartsWith("request.deny client/192.0.2.9 gateway "
                                    R"({"code":"test.denied","status":403,"why":"rule 2",)"
                                    R"("from":"192.0.2.9","method":"DELETE","path":"/orders/7",)"));
  EXPECT_THAT(found[1], ::testing::StartsWith("request.deny subject/u-1 "));
  EXPECT_THAT(found[1], ::testing::HasSubstr(R"("issuer":"https://login")"));
  EXPECT_THAT(found[2], ::testing::StartsWith("request.deny consumer/ada "));
  EXPECT_THAT(found[2], ::testing::HasSubstr(R"("status":401)"));
}

TEST_F(DenialsTest, RecordsNothingElse) {
  Denials denials(*trail_);
  denials.note(exchange_.x);
  exchange_.x.reason = &kBroken;
  denials.note(exchange_.x);
  EXPECT_THAT(events(), ::testing::IsEmpty());
}

TEST_F(DenialsTest, RecordsAHundredASecondAndHowManyMoreThereWere) {
  Denials denials(*trail_);
  exchange_.x.reason = &kDenied;
  for (int i = 0; i < 130; ++i) denials.note_at(exchange_.x, 7);
  denials.note_at(exchange_.x, 8);
  denials.note_at(exchange_.x, 8);
  const std::vector<std::string> found = events();
  ASSERT_EQ(found.size(), 102U);
  EXPECT_THAT(found[99], ::testing::Not(::testing::HasSubstr("unrecorded")));
  EXPECT_THAT(found[100], ::testing::HasSubstr(R"("unrecorded_before":30)"));
  EXPECT_THAT(found[101], ::testing::Not(::testing::HasSubstr("unrecorded")));
}

}  // namespace
}  // namespace sallyport::gateway
