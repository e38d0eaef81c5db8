#include "seclang/plan/folding.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <ranges>

#include "base/arena.h"
#include "base/text.h"
#include "seclang/engine/transaction.h"

namespace sallyport::seclang {
namespace {

constexpr int kPhases = 5;

// Whether `control` may take the rule away.
bool removes(const Control& control, const Rule& rule) {
  if (const auto* by_id = std::get_if<ControlRemoveById>(&control)) {
    return std::ranges::any_of(by_id->ranges,
                               [&](const RuleRange& range) { return range.contains(rule.id); });
  }
  if (const auto* by_tag = std::get_if<ControlRemoveByTag>(&control)) {
    return rule.has_tag(by_tag->tag);
  }
  if (const auto* by_msg = std::get_if<ControlRemoveByMsg>(&control)) {
    return rule.has_message(by_msg->msg);
  }
  return false;
}

bool stops(Disruptive how) { return how != Disruptive::none && how != Disruptive::pass; }

bool is_known(const std::string& name, const std::set<std::string>& unknown,
              const std::vector<std::string>& unknown_prefixes) {
  return !unknown.contains(name) &&
         std::ranges::none_of(unknown_prefixes,
                              [&](const std::string& prefix) { return name.starts_with(prefix); });
}

// Where the chain ended.
struct LastLink final : Observer {
  const Link* link = nullptr;
  void decided(const Rule& /*rule*/, const Link& which, bool matched) override {
    if (!matched && link == nullptr) link = &which;
  }
};

}  // namespace

class Folder {
 public:
  explicit Folder(const RuleSet& rules) : rules_(rules) {}

  Folding run() {
    for (int phase = 1; phase <= kPhases; ++phase) fold_phase(phase);
    result_.tx.assign(tx_.begin(), tx_.end());
    result_.unknown = std::move(unknown_);
    result_.unknown_prefixes = std::move(unknown_prefixes_);
    return std::move(result_);
  }

 private:
  using Names = std::set<std::string>;

  // What came of a rule that was run.
  struct Trial {
    bool matched = false;
    const Link* ended_at = nullptr;                          // the link that did not match
    std::map<std::string, std::string> tx;                   // behind it
    std::optional<std::size_t> jump;                         // where it goes on, by skipAfter
    std::vector<std::pair<std::string, std::string>> found;  // what it adds to MATCHED_VARS
  };

  void fold_phase(int phase) {
    const std::deque<Rule>& rules = rules_.phases.at(static_cast<std::size_t>(phase));
    Folding::Phase& out = result_.phases.at(static_cast<std::size_t>(phase));
    uncertain_until_ = 0;
    targets_.clear();
    std::vector<bool> clears(rules.size());
    for (std::size_t i = 0; i < rules.size();) {
      std::optional<Trial> trial = try_rule(rules, i);
      if (!trial) {
        out.live.push_back(static_cast<std::uint32_t>(i));
        clears[i] = true;  // where it is passed over, as it cannot match
        keep(rules[i], i);
        ++i;
        continue;
      }
      tx_ = std::move(trial->tx);
      clears[i] = !trial->matched;
      for (auto& [name, text] : trial->found) {
        out.matched.push_back({.index = static_cast<std::uint32_t>(i),
                               .name = std::move(name),
                               .text = std::move(text)});
      }
      const std::size_t next = std::max(trial->jump.value_or(0), i + 1);
      result_.folded += next - i;
      i = next;
    }
    index(out, clears);
  }

  // The tables by index: what is live, and what the rules that are not leave behind.
  static void index(Folding::Phase& out, const std::vector<bool>& clears) {
    const std::size_t rules = clears.size();
    out.cleared.resize(rules + 1);
    for (std::size_t i = 0; i < rules; ++i) {
      out.cleared[i + 1] = clears[i] ? static_cast<std::uint32_t>(i + 1) : out.cleared[i];
    }
    auto first_from = [](const auto& sorted, std::size_t i, auto index_of) {
      return static_cast<std::uint32_t>(std::ranges::lower_bound(sorted, i, {}, index_of) -
                                        sorted.begin());
    };
    for (std::size_t i = 0; i <= rules; ++i) {
      out.matched_before.push_back(first_from(out.matched, i, &Folding::Phase::Matched::index));
      out.next.push_back(first_from(out.live, i, std::identity{}));
    }
  }

  // Runs rule `i` if that is sound. Nullopt: the rule stays.
  std::optional<Trial> try_rule(const std::deque<Rule>& rules, std::size_t i) {
    const Rule& rule = rules[i];
    const std::size_t constants = constant_links(rule);
    if (constants == 0) return std::nullopt;
    Trial trial = run_alone(rule);
    const bool all_constant =
        constants == rule.chain.size() &&
        std::ranges::all_of(rule.chain, [&](const Link& link) { return writes_constants(link); });
    if (!all_constant && !ends_before_unknown(rule, constants, trial.ended_at)) {
      return std::nullopt;
    }
    if (trial.matched && acts_beyond_tx(rule)) return std::nullopt;
    const bool wrote =
        trial.matched || (trial.ended_at != nullptr && trial.ended_at != &rule.chain.front());
    if (wrote && writes_unknown(rule)) return std::nullopt;
    if (trial.tx != tx_ && !may_write(rule, i)) return std::nullopt;
    if (trial.jump && !may_jump(rules, i, *trial.jump)) return std::nullopt;
    return trial;
  }

  // On what TX holds as far as is known, and on no request.
  [[nodiscard]] Trial run_alone(const Rule& rule) const {
    std::array<std::byte, 4096> block;  // NOLINT(*-member-init): the arena's
    Arena arena(block);
    SharedCollections shared;
    Transaction transaction(rules_, shared, arena, {});
    for (const auto& [name, value] : tx_) transaction.tx_.set(name, value);
    LastLink last;
    transaction.watch(&last);
    Trial trial{.matched = transaction.run_rule(rule),
                .ended_at = last.link,
                .tx = {},
                .jump = transaction.skip_to_,
                .found = {}};
    for (const Value& value : transaction.matched_all_) {
      trial.found.emplace_back(value.key, value.text);
    }
    for (const KeyStore::Entry& entry : transaction.tx_.entries()) {
      if (!entry.gone) trial.tx.emplace(text::to_lower(entry.name), entry.value);
    }
    return trial;
  }

  // A chain of which only the first `constants` links read what is known: its end is known if it
  // comes among them, and nothing before it has done what is not.
  [[nodiscard]] bool ends_before_unknown(const Rule& rule, std::size_t constants,
                                         const Link* ended_at) const {
    for (const Link& link : rule.chain | std::views::take(constants)) {
      if (ended_at == &link) return true;
      if (link.actions.severity || !writes_constants(link)) return false;
    }
    return false;
  }

  // What it writes may be what is there already, as far as is known; it is not, where others write
  // that stay.
  [[nodiscard]] bool writes_unknown(const Rule& rule) const {
    return std::ranges::any_of(rule.chain, [&](const Link& link) {
      return std::ranges::any_of(link.actions.setvars, [&](const SetVar& action) {
        return action.collection != Variable::tx || !constant(action.key) ||
               !known(text::to_lower(expanded(action.key)));
      });
    });
  }

  [[nodiscard]] bool known(const std::string& name) const {
    return is_known(name, unknown_, unknown_prefixes_);
  }
  [[nodiscard]] bool constant(const Macro& macro) const {
    return std::ranges::all_of(macro.parts(), [&](const MacroPart& part) {
      return !part.variable || (*part.variable == Variable::tx && known(part.text));
    });
  }

  // How many links of the chain, from the first on, look at nothing but constants.
  [[nodiscard]] std::size_t constant_links(const Rule& rule) const {
    auto varies = [&](const Link& link) { return !reads_constants(link); };
    return static_cast<std::size_t>(std::ranges::find_if(rule.chain, varies) - rule.chain.begin());
  }

  [[nodiscard]] bool reads_constants(const Link& link) const {
    if (!constant(link.argument)) return false;
    for (const Target& target : link.targets) {
      if (target.exclude) continue;
      const Selector& selector = target.selector;
      if (target.variable != Variable::tx || selector.name.empty() || selector.regex != nullptr ||
          !known(selector.name)) {
        return false;
      }
    }
    return !link.actions.capture || std::ranges::none_of(kDigits, [&](std::string_view digit) {
      return read_.contains(std::string(digit));
    });
  }

  [[nodiscard]] bool writes_constants(const Link& link) const {
    return std::ranges::all_of(link.actions.setvars, [&](const SetVar& action) {
      return action.collection == Variable::tx && constant(action.key) && constant(action.value);
    });
  }

  // What it does when it matches is more than writing TX and going on behind a marker.
  static bool acts_beyond_tx(const Rule& rule) {
    if (rule.log || rule.status || stops(rule.disruptive) || rule.skip != 0) return true;
    return std::ranges::any_of(rule.chain, [](const Link& link) {
      const LinkActions& a = link.actions;
      return !a.expirevars.empty() || !a.initcols.empty() || !a.controls.empty() ||
             !a.setenvs.empty() || !a.set_uid.empty() || !a.set_sid.empty() || !a.set_rsc.empty() ||
             a.severity.has_value();
    });
  }

  // It is certainly reached, and nobody who stays has looked at what it writes, or written it.
  [[nodiscard]] bool may_write(const Rule& rule, std::size_t i) const {
    if (i < uncertain_until_ || may_stop_ || all_read_ || may_be_removed(rule)) return false;
    for (const Link& link : rule.chain) {
      for (const SetVar& action : link.actions.setvars) {
        std::string key = text::to_lower(expanded(action.key));
        if (read_.contains(key) || !known(key)) return false;
      }
    }
    return true;
  }

  [[nodiscard]] std::string expanded(const Macro& macro) const {
    std::string all;
    for (const MacroPart& part : macro.parts()) {
      if (!part.variable) {
        all += part.text;
      } else if (auto found = tx_.find(part.text); found != tx_.end()) {
        all += found->second;
      }
    }
    return macro.literal() ? macro.source() : all;
  }

  [[nodiscard]] bool may_be_removed(const Rule& rule) const {
    return std::ranges::any_of(removals_,
                               [&](const Control* control) { return removes(*control, rule); });
  }

  // Nobody lands between, and whoever could take the gate away takes away what is behind it too.
  [[nodiscard]] bool may_jump(const std::deque<Rule>& rules, std::size_t i,
                              std::size_t jump) const {
    for (std::size_t target : targets_) {
      if (target > i && target < jump) return false;
    }
    for (const Control* control : removals_) {
      if (!removes(*control, rules[i])) continue;
      for (std::size_t between = i + 1; between < jump; ++between) {
        if (!removes(*control, rules[between])) return false;
      }
    }
    return true;
  }

  // A rule that stays: what it may write is not known any more, what it reads may not be written
  // behind its back.
  void keep(const Rule& rule, std::size_t i) {
    for (const Link& link : rule.chain) {
      link.for_each_macro([this](const Macro& macro) { note_reads(macro); });
      for (const Target& target : link.targets) {
        if (target.variable != Variable::tx || target.exclude) continue;
        if (target.selector.name.empty() || target.selector.regex != nullptr) {
          all_read_ = true;
        } else {
          read_.insert(target.selector.name);
        }
      }
      for (const SetVar& action : link.actions.setvars) {
        if (action.collection == Variable::tx) note_write(action);
      }
      if (link.actions.capture) {
        for (std::string_view digit : kDigits) unknown_.emplace(digit);
      }
      for (const Control& control : link.actions.controls) {
        if (std::holds_alternative<ControlRemoveById>(control) ||
            std::holds_alternative<ControlRemoveByTag>(control) ||
            std::holds_alternative<ControlRemoveByMsg>(control)) {
          removals_.push_back(&control);
        }
      }
    }
    note_reads(rule.redirect);
    unknown_.emplace("msc_pcre_limits_exceeded");
    if (stops(rule.disruptive)) may_stop_ = true;
    if (rule.skip != 0) {
      uncertain_until_ = std::max(uncertain_until_, i + 1 + rule.skip);
      for (std::size_t each = 1; each <= rule.skip; ++each) targets_.push_back(i + 1 + each);
    }
    if (!rule.skip_after.empty()) {
      uncertain_until_ = std::max(uncertain_until_, rule.skip_to);
      targets_.push_back(rule.skip_to);
    }
  }

  void note_reads(const Macro& macro) {
    for (const MacroPart& part : macro.parts()) {
      if (part.variable == Variable::tx) read_.insert(part.text);
    }
  }

  void note_write(const SetVar& action) {
    if (action.key.literal()) {
      std::string key = text::to_lower(action.key.source());
      if (action.kind == SetVar::Kind::add || action.kind == SetVar::Kind::subtract) {
        read_.insert(key);
      }
      unknown_.insert(std::move(key));
      return;
    }
    const std::vector<MacroPart>& parts = action.key.parts();
    const bool starts_literal = !parts.empty() && !parts.front().variable;
    unknown_prefixes_.push_back(starts_literal ? text::to_lower(parts.front().text) : "");
  }

  static constexpr std::array<std::string_view, 10> kDigits = {"0", "1", "2", "3", "4",
                                                               "5", "6", "7", "8", "9"};
  const RuleSet& rules_;
  Folding result_;
  std::map<std::string, std::string> tx_;  // by name in lower case: what rules have written so far
  Names unknown_;  // names in lower case that rules which stay may have written
  std::vector<std::string> unknown_prefixes_;
  Names read_;  // names that rules which stay have looked at
  bool all_read_ = false;
  bool may_stop_ = false;
  std::vector<const Control*> removals_;
  std::size_t uncertain_until_ = 0;   // rules before this one may be jumped over
  std::vector<std::size_t> targets_;  // where rules that stay may jump to
};

std::optional<std::string> Folding::constant(const Macro& macro) const {
  if (macro.literal()) return macro.source();
  std::string all;
  for (const MacroPart& part : macro.parts()) {
    if (!part.variable) {
      all += part.text;
      continue;
    }
    if (*part.variable != Variable::tx || part.text.empty() || part.regex != nullptr ||
        !is_known(part.text, unknown, unknown_prefixes)) {
      return std::nullopt;
    }
    for (const auto& [name, value] : tx) {
      if (name == part.text) all += value;
    }
  }
  return all;
}

Folding fold(const RuleSet& rules) { return Folder(rules).run(); }

Folding unfolded(const RuleSet& rules) {
  Folding all;
  all.unknown_prefixes.emplace_back();  // every name
  for (std::size_t phase = 1; phase <= kPhases; ++phase) {
    Folding::Phase& out = all.phases.at(phase);
    for (std::uint32_t i = 0; i <= rules.phases.at(phase).size(); ++i) {
      if (i < rules.phases.at(phase).size()) out.live.push_back(i);
      out.next.push_back(i);
      out.cleared.push_back(i);
      out.matched_before.push_back(0);
    }
  }
  return all;
}

}  // namespace sallyport::seclang
