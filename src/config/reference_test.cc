// The reference and the JSON Schema know every key and every policy.
#include "config/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/model.h"
#include "config/yaml_loader.h"
#include "schema/field.h"

namespace sallyport::config {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Reference, HasAPageForTheFileAndForEveryPolicy) {
  std::vector<Page> pages = markdown();
  ASSERT_EQ(pages.size(), 1 + known_policies().size());
  EXPECT_EQ(pages[0].file, "configuration.md");
  EXPECT_THAT(pages[0].text, StartsWith("# The configuration file\n"));
  for (std::size_t i = 0; i < known_policies().size(); ++i) {
    const std::string& name = known_policies()[i].name;
    EXPECT_EQ(pages[i + 1].file, "policies/" + name + ".md");
    EXPECT_THAT(pages[0].text, HasSubstr("| `" + name + "` | [policy](policies/" + name + ".md)"));
  }
}

TEST(Reference, NamesEveryKeyOnce) {
  std::string text = markdown()[0].text;
  for (const schema::FieldShape& field : schema::fields_of<model::Root>().describe(model::Root{})) {
    EXPECT_THAT(text, HasSubstr("| `" + field.info.name + "` |"));
  }
  for (std::string_view path :
       {"listen[].tls", "apis.<name>", "apis.<name>.routes[]", "upstreams.<name>.health"}) {
    EXPECT_THAT(text, HasSubstr("## `" + std::string(path) + "`\n")) << path;
  }
  EXPECT_THAT(text, HasSubstr("| `headers` | list: text, or a single one |"))
      << "a key that only shares its name with a policy";
}

TEST(JsonSchema, IsJsonAndKnowsEveryPolicy) {
  std::string text = json_schema();
  schema::Diagnostics diagnostics;
  EXPECT_TRUE(load_yaml(text, "schema.json", diagnostics)) << diagnostics.to_text();
  EXPECT_EQ(diagnostics.to_text(), "");
  for (const PolicyType& type : known_policies()) {
    EXPECT_THAT(text, HasSubstr("\"" + type.name + "\": {"));
  }
  EXPECT_THAT(text, Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace sallyport::config
