#include "gateway/config_changes.h"

#include <gtest/gtest.h>

#include <string>

#include "json/document.h"

namespace sallyport::gateway {
namespace {

TEST(ConfigChanges, NamesWhatWasChangedAddedAndTakenAway) {
  EXPECT_EQ(config_changes(R"({"drain":"30s","apis":{"a":{"path":"/a"},"b b":{"path":"/b"}}})",
                           R"({"drain":"10s","apis":{"a":{"path":"/a"},"c":{"path":"/c"}}})"),
            R"({"changes":[{"path":"drain","before":"\"30s\"","after":"\"10s\""},)"
            R"({"path":"apis[\"b b\"]","before":"{\"path\":\"/b\"}"},)"
            R"({"path":"apis.c","after":"{\"path\":\"/c\"}"}],"more":0})");
}

TEST(ConfigChanges, ComparesListsByPlace) {
  EXPECT_EQ(config_changes(R"({"l":[1,{"x":2},3]})", R"({"l":[1,{"x":5}]})"),
            R"({"changes":[{"path":"l[1].x","before":"2","after":"5"},)"
            R"({"path":"l[2]","before":"3"}],"more":0})");
  EXPECT_EQ(config_changes(R"({"l":[]})", R"({"l":["new"]})"),
            R"({"changes":[{"path":"l[0]","after":"\"new\""}],"more":0})");
}

TEST(ConfigChanges, TellsNothingOfWhatIsTheSame) {
  EXPECT_EQ(config_changes(R"({"a":[1,{"b":null}],"c":true})", R"({"c":true,"a":[1,{"b":null}]})"),
            R"({"changes":[],"more":0})");
}

TEST(ConfigChanges, StaysShort) {
  std::string before = "{";
  std::string after = "{";
  for (int i = 0; i < 50; ++i) {
    const std::string name = (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":";
    before += name + "\"" + std::string(5000, 'a') + "\"";
    after += name + "\"" + std::string(159, 'b') + "äöü\"";  // is clipped within a character
  }
  const std::string text = config_changes(before + "}", after + "}");
  EXPECT_LT(text.size(), kMostChangesTold * (2 * kLongestValueTold + 100));
  const auto document = json::Document::parse(text);
  ASSERT_TRUE(document) << document.error();
  EXPECT_EQ(document->find("changes")->size(), kMostChangesTold);
  EXPECT_EQ(document->find("more")->integer(), 30);
}

}  // namespace
}  // namespace sallyport::gateway
