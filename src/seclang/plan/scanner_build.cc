// Makes a scanner of the rules that are live.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "seclang/plan/scanner_parts.h"

namespace sallyport::seclang {
namespace {

constexpr int kLastPhase = 4;  // of those that are scanned for

// Rules that look at texts of one kind are looked for together.
std::string group_of(const Target& target) {
  switch (target.variable) {
    case Variable::args:
    case Variable::args_get:
    case Variable::args_get_names:
    case Variable::args_names:
    case Variable::args_post:
    case Variable::args_post_names:
    case Variable::files:
    case Variable::files_names:
    case Variable::files_tmp_content:
    case Variable::multipart_filename:
    case Variable::multipart_name:
    case Variable::multipart_part_headers:
    case Variable::request_cookies:
    case Variable::request_cookies_names:
    case Variable::xml:
      return "arguments";
    case Variable::request_headers:
    case Variable::response_headers: {
      const std::string& name = target.selector.regex == nullptr ? target.selector.name : "";
      // Many rules look at both of these.
      if (name == "user-agent" || name == "referer") return "agents";
      return std::string(name_of(target.variable)) + ":" + name;
    }
    default:
      return std::string(name_of(target.variable));
  }
}

struct Tested {
  RuleRef rule;
  Condition condition;
};

}  // namespace

struct Scanner::Builder {
  const RuleSet& rules;
  const Folding& folding;
  const Cache& cache;
  const std::atomic<bool>& stop;
  Scanner& scanner;
  Sources sources{scanner};
  std::vector<Tested> tested = {};
  std::map<std::string, std::uint32_t> groups = {};
  std::vector<std::array<std::vector<Wish>, kTiers>> wishes = {};
  std::map<std::string, std::shared_ptr<const Database>> databases = {};

  void build() {
    const bool severity_is_read = reads_severity(rules);
    for (int phase = 1; phase <= kLastPhase; ++phase) test_rules(phase, severity_is_read);
    for (const Tested& each : tested) {
      for (const Target& target : each.condition.link->targets) {
        if (!target.exclude) sources.meet(target);
      }
    }
    for (const Tested& each : tested) add(each);
    for (std::size_t group = 0; group < scanner.groups_.size(); ++group) make_databases(group);
  }

  void test_rules(int number, bool severity_is_read) {
    const auto phase = static_cast<std::size_t>(number);
    const std::vector<std::uint32_t>& live = folding.phases.at(phase).live;
    std::vector<std::uint64_t>& always = scanner.always_.at(phase);
    always.resize(words_for(live.size()));
    std::size_t places = live.size();
    for (std::size_t place = 0; place < live.size(); ++place) {
      std::vector<Condition> conditions =
          conditions_of(rules.phases.at(phase)[live[place]], folding, severity_is_read);
      if (conditions.empty()) {
        set_bit(always, place);
        ++scanner.always_count_;
        continue;
      }
      ++scanner.scanned_count_;
      for (Condition& condition : conditions) {
        std::size_t own = place;
        if (&condition != conditions.data()) {
          own = places++;
          scanner.further_.at(phase).push_back({.rule = static_cast<std::uint32_t>(place),
                                                .condition = static_cast<std::uint32_t>(own)});
        }
        tested.push_back({.rule = {.phase = static_cast<std::uint32_t>(number) & 15U,
                                   .place = static_cast<std::uint32_t>(own) & 0x0FFF'FFFFU},
                          .condition = std::move(condition)});
      }
    }
    always.resize(words_for(places));
  }

  void add(const Tested& each) {
    const Condition& condition = each.condition;
    std::set<std::uint32_t> used;
    for (const Target& target : condition.link->targets) {
      if (target.exclude) continue;
      const std::vector<std::uint32_t> of_target = sources.of(target);
      if (!condition.by_patterns) {
        for (std::uint32_t source : of_target) ask(scanner.sources_[source], each);
        continue;
      }
      const auto [known, added] =
          groups.try_emplace(group_of(target), static_cast<std::uint32_t>(scanner.groups_.size()));
      if (added) {
        scanner.groups_.emplace_back();
        wishes.emplace_back();
      }
      const std::uint32_t group = known->second;
      if (used.insert(group).second) {
        add_steps(scanner.groups_[group], *condition.link, each.rule);
        for (std::size_t tier = 0; tier < kTiers; ++tier) {
          for (const Condition::Pattern& pattern : condition.patterns.at(tier)) {
            wishes[group].at(tier).push_back({.text = pattern.text,
                                              .caseless = pattern.caseless,
                                              .size = pattern.size,
                                              .rule = each.rule});
          }
        }
      }
      for (std::uint32_t source : of_target) want(scanner.sources_[source], group, each.rule);
    }
  }

  static void want(Source& source, std::uint32_t group, RuleRef rule) {
    if (std::ranges::find(source.groups, group) == source.groups.end()) {
      source.groups.push_back(group);
    }
    std::vector<std::uint64_t>& words = source.wanted.at(rule.phase);
    if (words.size() <= rule.place / 64) words.resize(words_for(rule.place + 1));
    set_bit(words, rule.place);
  }

  static void ask(Source& source, const Tested& each) {
    auto same = [&](const Question& known) { return known.link == each.condition.link; };
    if (std::ranges::any_of(source.questions, same)) return;
    source.questions.push_back(
        {.rule = each.rule, .link = each.condition.link, .argument = each.condition.argument});
  }

  static void add_steps(Group& group, const Link& link, RuleRef rule) {
    std::uint32_t at = 0;
    auto want = [&](std::uint32_t index) {
      Group::Step& step = group.steps[index];
      step.wanted = true;
      step.rules.push_back(rule);
    };
    if (link.actions.multi_match || link.transformations.empty()) want(0);
    for (std::size_t i = 0; i < link.transformations.size(); ++i) {
      const std::vector<std::uint32_t>& children = group.steps[at].children;
      auto found = std::ranges::find_if(children, [&](std::uint32_t child) {
        return group.steps[child].transformation == link.transformations[i];
      });
      if (found != children.end()) {
        at = *found;
      } else {
        const auto fresh = static_cast<std::uint32_t>(group.steps.size());
        group.steps[at].children.push_back(fresh);
        group.steps.emplace_back();
        group.steps.back().transformation = link.transformations[i];
        at = fresh;
      }
      if (link.actions.multi_match || i + 1 == link.transformations.size()) want(at);
    }
  }

  // The same patterns of the same rules are one database.
  std::shared_ptr<const Database> database(const std::vector<Wish>& all) {
    std::shared_ptr<const Database>& known = databases[Database::key_of(all)];
    if (known == nullptr) {
      known = std::make_shared<const Database>(Database::make(all, cache, stop));
      scanner.databases_.push_back(known);
    }
    return known;
  }

  void make_databases(std::size_t index) {
    Group& group = scanner.groups_[index];
    for (std::size_t tier = 0; tier < kTiers; ++tier) {
      group.tiers.at(tier) = database(wishes[index].at(tier));
    }
    // What a transformation made of a text is scanned for the rules that look at it, and not for
    // all of the group.
    auto of_step = [](const Group::Step& step, RuleRef rule) {
      return std::ranges::find(step.rules, rule) != step.rules.end();
    };
    for (Group::Step& step : group.steps) {
      if (!step.wanted || step.transformation == nullptr) continue;
      auto make = [&](const std::vector<Wish>& all) {
        std::vector<Wish> own;
        std::ranges::copy_if(all, std::back_inserter(own),
                             [&](const Wish& wish) { return of_step(step, wish.rule); });
        return database(own);
      };
      for (std::size_t i = 0; i < step.own.size(); ++i) {
        step.own.at(i) = make(wishes[index].at(kCheapTiers - 1 + i));
      }
    }
  }
};

std::shared_ptr<const Scanner> Scanner::build(const RuleSet& rules, const Folding& folding,
                                              const Cache& cache, const std::atomic<bool>& stop) {
  std::shared_ptr<Scanner> scanner(new Scanner);
  Builder{.rules = rules, .folding = folding, .cache = cache, .stop = stop, .scanner = *scanner}
      .build();
  if (stop) return nullptr;
  for (const auto& each : scanner->databases_) scanner->scratch_->grow(*each);
  return scanner;
}

}  // namespace sallyport::seclang
