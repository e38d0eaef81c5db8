#include "seclang/plan/folding.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <ranges>

#include "base/arena.h"
#include "base/text.h"
#include "seclang/engine/transaction.h"
#include "seclang/plan/knowledge.h"

namespace sallyport::seclang {
namespace {

constexpr int kPhases = 5;

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
    result_.tx.assign(knowledge_.tx().begin(), knowledge_.tx().end());
    for (std::size_t phase = 1; phase <= kPhases; ++phase) lay_to_rest(phase);
    result_.unknown = knowledge_.unknown();
    result_.unknown_prefixes = knowledge_.unknown_prefixes();
    return std::move(result_);
  }

 private:
  // What came of a rule that was run.
  struct Trial {
    bool matched = false;
    bool gave_up = false;                                    // it could not tell
    const Link* ended_at = nullptr;                          // the link that did not match
    Knowledge::Tx tx;                                        // behind it
    std::optional<std::size_t> jump;                         // where it goes on, by skipAfter
    std::vector<std::pair<std::string, std::string>> found;  // what it adds to MATCHED_VARS
  };

  void fold_phase(int phase) {
    const std::deque<Rule>& rules = rules_.phases.at(static_cast<std::size_t>(phase));
    Folding::Phase& out = result_.phases.at(static_cast<std::size_t>(phase));
    knowledge_.begin_phase();
    std::vector<bool> clears(rules.size());
    for (std::size_t i = 0; i < rules.size();) {
      std::optional<Trial> trial = try_rule(rules, i);
      if (!trial) {
        out.live.push_back(static_cast<std::uint32_t>(i));
        clears[i] = true;  // where it is passed over, as it cannot match
        knowledge_.keep(rules[i], i);
        ++i;
        continue;
      }
      knowledge_.learn(std::move(trial->tx));
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

  // Finds the rules of a phase that do not match as long as TX is as it is now, in the end.
  void lay_to_rest(std::size_t phase) {
    Folding::Phase& out = result_.phases.at(phase);
    for (std::uint32_t index : out.live) {
      std::optional<Folding::Rest> rest = rest_of(rules_.phases.at(phase)[index]);
      if (!rest) {
        out.rest.push_back(Folding::kAwake);
        continue;
      }
      const auto found = std::ranges::find(result_.rests, *rest);
      out.rest.push_back(static_cast<std::uint32_t>(found - result_.rests.begin()));
      if (found == result_.rests.end()) result_.rests.push_back(std::move(*rest));
    }
  }

  [[nodiscard]] std::optional<Folding::Rest> rest_of(const Rule& rule) const {
    std::optional<Folding::Rest> rest = knowledge_.read_of_tx(rule.chain.front());
    if (!rest) return std::nullopt;
    const Trial trial = run_alone(rule);
    const bool idle = !trial.gave_up && !trial.matched && trial.tx == knowledge_.tx();
    return idle && trial.ended_at == &rule.chain.front() ? std::move(rest) : std::nullopt;
  }

  // Runs rule `i` if that is sound. Nullopt: the rule stays.
  std::optional<Trial> try_rule(const std::deque<Rule>& rules, std::size_t i) {
    const Rule& rule = rules[i];
    const std::size_t constants = knowledge_.constant_links(rule);
    if (constants == 0) return std::nullopt;
    Trial trial = run_alone(rule);
    if (trial.gave_up) return std::nullopt;
    const bool all_constant =
        constants == rule.chain.size() && std::ranges::all_of(rule.chain, [&](const Link& link) {
          return knowledge_.writes_constants(link);
        });
    if (!all_constant && !ends_before_unknown(rule, constants, trial.ended_at)) {
      return std::nullopt;
    }
    if (trial.matched && acts_beyond_tx(rule)) return std::nullopt;
    const bool wrote =
        trial.matched || (trial.ended_at != nullptr && trial.ended_at != &rule.chain.front());
    if (wrote && knowledge_.writes_unknown(rule)) return std::nullopt;
    if (trial.tx != knowledge_.tx() && !knowledge_.may_write(rule, i)) return std::nullopt;
    if (trial.jump && !knowledge_.may_jump(rules, i, *trial.jump)) return std::nullopt;
    return trial;
  }

  // On what TX holds as far as is known, and on no request.
  [[nodiscard]] Trial run_alone(const Rule& rule) const {
    std::array<std::byte, 4096> block;  // NOLINT(*-member-init): the arena's
    Arena arena(block);
    SharedCollections shared;
    Transaction transaction(rules_, shared, arena, {.work = WorkBudget::kUnlimited});
    for (const auto& [name, value] : knowledge_.tx()) transaction.tx_.set(name, value);
    LastLink last;
    transaction.watch(&last);
    Trial trial{.matched = transaction.run_rule(rule),
                .gave_up = transaction.gave_up(),
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
      if (link.actions.severity || !knowledge_.writes_constants(link)) return false;
    }
    return false;
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

  const RuleSet& rules_;
  Folding result_;
  Knowledge knowledge_;
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
      if (i < rules.phases.at(phase).size()) {
        out.live.push_back(i);
        out.rest.push_back(Folding::kAwake);
      }
      out.next.push_back(i);
      out.cleared.push_back(i);
      out.matched_before.push_back(0);
    }
  }
  return all;
}

}  // namespace sallyport::seclang
