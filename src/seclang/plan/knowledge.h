// What is known of TX while a rule set is folded: what the rules so far have written, and what
// rules that stay may write, read, remove or jump over. Private to this folder.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "seclang/plan/folding.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

// Names of TX are in lower case.
class Knowledge {
 public:
  using Tx = std::map<std::string, std::string>;

  [[nodiscard]] const Tx& tx() const { return tx_; }
  void learn(Tx tx) { tx_ = std::move(tx); }
  // Names that rules which stay may have written, and how others of them begin.
  [[nodiscard]] const std::set<std::string>& unknown() const { return unknown_; }
  [[nodiscard]] const std::vector<std::string>& unknown_prefixes() const {
    return unknown_prefixes_;
  }

  // Jumps end with the phase.
  void begin_phase();
  // Rule `i` of the phase stays: what it may write is not known any more, what it reads may not be
  // written behind its back.
  void keep(const Rule& rule, std::size_t i);

  // How many links of the chain, from the first on, look at nothing but constants.
  [[nodiscard]] std::size_t constant_links(const Rule& rule) const;
  [[nodiscard]] bool writes_constants(const Link& link) const;
  // What of TX decides whether the link matches, if it looks at nothing else.
  [[nodiscard]] std::optional<Folding::Rest> read_of_tx(const Link& link) const;
  // Whether it writes where rules that stay write too: what is there already, as far as is known,
  // may not be there.
  [[nodiscard]] bool writes_unknown(const Rule& rule) const;
  // Rule `i` is certainly reached, and nobody who stays has looked at what it writes, or written
  // it.
  [[nodiscard]] bool may_write(const Rule& rule, std::size_t i) const;
  // From rule `i` to `jump` nobody lands between, and whoever could take the gate away takes away
  // what is behind it too.
  [[nodiscard]] bool may_jump(const std::deque<Rule>& rules, std::size_t i, std::size_t jump) const;

 private:
  [[nodiscard]] bool known(const std::string& name) const;
  [[nodiscard]] bool constant(const Macro& macro) const;
  [[nodiscard]] bool reads_constants(const Link& link) const;
  [[nodiscard]] std::string expanded(const Macro& macro) const;
  void add_read(Variable collection, const std::string& name, Folding::Rest& rest) const;
  [[nodiscard]] bool may_be_removed(const Rule& rule) const;
  void note_reads(const Macro& macro);
  void note_write(const SetVar& action);

  Tx tx_;  // what rules have written so far
  std::set<std::string> unknown_;
  std::vector<std::string> unknown_prefixes_;
  std::set<std::string> read_;  // names that rules which stay have looked at
  bool all_read_ = false;
  bool may_stop_ = false;
  std::vector<const Control*> removals_;
  std::size_t uncertain_until_ = 0;   // rules before this one may be jumped over
  std::vector<std::size_t> targets_;  // where rules that stay may jump to
};

// Whether a name is none that may have been written.
[[nodiscard]] bool is_known(const std::string& name, const std::set<std::string>& unknown,
                            const std::vector<std::string>& unknown_prefixes);
// Whether the action keeps what follows from being run.
[[nodiscard]] inline bool stops(Disruptive how) {
  return how != Disruptive::none && how != Disruptive::pass;
}

}  // namespace sallyport::seclang
