// The Core Rule Set loads, version 4 and the 3.3 that Debian packages, and nothing of it is lost.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "seclang/parser/lexer.h"
#include "seclang/parser/test_rules.h"
#include "seclang/test_corpus.h"

namespace sallyport::seclang {
namespace {

namespace fs = std::filesystem;

struct Count {
  std::array<std::size_t, 6> rules{};
  std::size_t links = 0;
  std::size_t jumps = 0;
  std::size_t operators = 0;
};

Count count(const RuleSet& rules) {
  Count count;
  for (std::size_t phase = 1; phase < rules.phases.size(); ++phase) {
    const std::deque<Rule>& all = rules.phases.at(phase);
    count.rules.at(phase) = all.size();
    for (const Rule& rule : all) {
      count.links += rule.chain.size();
      if (!rule.skip_after.empty()) ++count.jumps;
      EXPECT_LE(rule.skip_to, all.size()) << rule.id;
      for (const Link& link : rule.chain) {
        bool action = link.targets.empty();
        if (!action) ++count.operators;
        EXPECT_EQ(link.op == nullptr, action) << rule.id;
      }
    }
  }
  return count;
}

// How many directives of a name the files hold, by the lexer alone.
std::size_t directives(const std::vector<std::string>& files, std::string_view name) {
  std::size_t found = 0;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    for (const Directive& directive : read_directives(text)) {
      if (text::equals_ignoring_case(directive.name, name)) ++found;
    }
  }
  return found;
}

TEST(RuleSets, core_rule_set_4_loads) {
  fs::path crs = corpus::folder().parent_path() / "crs";
  if (!fs::exists(crs)) GTEST_SKIP() << "no Core Rule Set at " << crs << "; set SALLYPORT_CORPORA";

  auto rules = load({{.path = crs / "crs-setup.conf.example"}, {.path = crs / "rules" / "*.conf"}});
  ASSERT_TRUE(rules) << testing::to_text(rules.error());
  Count counted = count(**rules);
  EXPECT_EQ(counted.rules, (std::array<std::size_t, 6>{0, 173, 292, 43, 109, 13}));
  EXPECT_EQ(counted.links, 703U);
  EXPECT_EQ(counted.operators, 703U - 8U);
  EXPECT_EQ(counted.jumps, 206U);
  std::vector<std::string> conf;
  std::ranges::copy_if((*rules)->files, std::back_inserter(conf),
                       [](const std::string& file) { return !file.ends_with(".data"); });
  EXPECT_EQ(directives(conf, "SecMarker"), 30U);
  EXPECT_EQ((*rules)->files.size() - conf.size(), 19U);
  EXPECT_TRUE((*rules)->ignored.empty());
  EXPECT_TRUE((*rules)->warnings.empty());
  EXPECT_EQ((*rules)->settings.component_signature, "OWASP_CRS/4.28.0");

  // 942131 looks at everything that was sent, through three links.
  const Rule* rule = (*rules)->find(942131);
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->disruptive, Disruptive::block);
  EXPECT_TRUE(rule->chain.front().actions.multi_match);
  // 955... compare with a text that holds quotes.
  bool unescaped = false;
  for (const Rule& each : (*rules)->phases[4]) {
    unescaped |= each.chain[0].argument.source().starts_with("<h1 style=\"margin-bottom: 0\">");
  }
  EXPECT_TRUE(unescaped);
}

TEST(RuleSets, core_rule_set_3_of_debian_loads) {
  const fs::path file = "/usr/share/modsecurity-crs/owasp-crs.load";
  if (!fs::exists(file)) GTEST_SKIP() << "the package modsecurity-crs is not installed";

  auto rules = load({{.path = file}});
  ASSERT_TRUE(rules) << testing::to_text(rules.error());
  Count counted = count(**rules);
  EXPECT_EQ(counted.rules, (std::array<std::size_t, 6>{0, 147, 389, 24, 58, 16}));
  EXPECT_EQ(counted.links, 800U);
}

}  // namespace
}  // namespace sallyport::seclang
