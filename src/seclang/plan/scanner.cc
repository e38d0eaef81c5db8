#include "seclang/plan/scanner.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <random>

#include "base/text.h"
#include "seclang/engine/transaction.h"
#include "seclang/plan/forms.h"
#include "seclang/plan/known_texts.h"
#include "seclang/plan/scanner_parts.h"

namespace sallyport::seclang {
namespace {

// Texts that are scanned one by one to tell which of them had hits.
constexpr std::size_t kToldApart = 24;
// Bytes of texts that are scanned together, or one more.
constexpr std::size_t kScannedAtOnce = 4'096;
// In the order of the phases before which their texts are there.
constexpr std::array kStations = {Station::head, Station::body, Station::response_head,
                                  Station::response_body};
constexpr std::size_t kMostScanners = 32;  // that a thread remembers things of

}  // namespace

// What one thread keeps for one scanner.
struct Scanner::Memory {
  explicit Memory(const Scanner& scanner)
      : serial(scanner.serial_),
        scratch(*scanner.scratch_),
        known(std::random_device()() * std::uint64_t{0x1'0000'0001}),
        of_group(scanner.groups_.size()),
        forms(scanner.groups_.size()) {}

  std::uint64_t serial;
  Scratch scratch;
  KnownTexts known;

  // What is looked at now.
  struct Pending {
    std::string_view text;
    std::uint64_t hash = 0;
    std::uint32_t source = 0;
    bool short_enough = false;
    bool uncertain = false;
    std::uint8_t count = 0;
    std::array<RuleRef, KnownTexts::kMostRules> rules{};
  };
  std::vector<Pending> pending;
  std::vector<std::vector<std::uint32_t>> of_group;
  std::vector<RuleRef> hits;
  std::vector<Value> values;
  Forms forms;
};

// One look at the texts of a transaction.
class Scanner::Look {
 public:
  Look(const Scanner& scanner, Transaction& transaction, Memory& memory)
      : s_(scanner), t_(transaction), m_(memory) {
    m_.pending.clear();
    m_.forms.begin();
  }

  void at(Station station) {
    switch (station) {
      case Station::head:
        see_headers(t_.request_headers_, s_.headers_, s_.named_headers_);
        see_fields(t_.args_get_, s_.arguments_);
        see_fields(t_.cookies_, s_.cookies_);
        break;
      case Station::body:
        see_fields(t_.args_post_, s_.arguments_);
        break;
      case Station::response_head:
        see_headers(t_.response_headers_, s_.response_headers_, s_.named_response_headers_);
        break;
      case Station::response_body:
        break;
    }
    for (std::uint32_t source : s_.others_.at(static_cast<std::size_t>(station))) {
      m_.values.clear();
      t_.collect(s_.sources_[source].target, m_.values);
      for (const Value& value : m_.values) see(source, value.text);
    }
  }

  // Answers for all that was seen and not known.
  void finish() {
    if (m_.pending.empty()) return;
    for (std::uint32_t i = 0; i < m_.pending.size(); ++i) {
      for (std::uint32_t group : s_.sources_[m_.pending[i].source].groups) {
        m_.of_group[group].push_back(i);
      }
    }
    for (std::size_t group = 0; group < s_.groups_.size(); ++group) {
      if (!m_.of_group[group].empty()) scan(group, m_.of_group[group]);
      m_.of_group[group].clear();
    }
    for (Memory::Pending& each : m_.pending) {
      const Source& source = s_.sources_[each.source];
      for (const Question& question : source.questions) {
        if (!t_.may_look_at(each.text, source.one_of_many())) {
          t_.give_up();
          each.uncertain = true;
          break;
        }
        if (holds(question, each.text)) found(each, question.rule);
      }
      if (each.short_enough && !each.uncertain) {
        m_.known.put(each.source, each.text, each.hash, std::span(each.rules).first(each.count));
      }
    }
  }

 private:
  void see_headers(const std::vector<Field>& fields, const Fields& sources, const Named& named) {
    for (const Field& field : fields) {
      std::uint32_t source = sources.values;
      for (const auto& [name, index] : named) {
        if (text::equals_ignoring_case(field.name, name)) {
          source = index;
          break;
        }
      }
      see(source, field.value);
      see(sources.names, field.name);
    }
  }

  void see_fields(const std::vector<Field>& fields, const Fields& sources) {
    for (const Field& field : fields) {
      see(sources.values, field.value);
      see(sources.names, field.name);
    }
  }

  void see(std::uint32_t source, std::string_view text) {
    if (source == kNoSource) return;
    if (text.data() == nullptr) text = "";
    Memory::Pending each{.text = text, .source = source};
    if (text.size() <= KnownTexts::kLongest) {
      each.short_enough = true;
      each.hash = m_.known.hash(source, text);
      if (auto rules = m_.known.find(source, text, each.hash)) {
        for (RuleRef rule : *rules) add(rule);
        return;
      }
    }
    m_.pending.push_back(each);
  }

  void add(RuleRef rule) { t_.candidates_[rule.phase].add(rule.place); }

  void found(Memory::Pending& by, RuleRef rule) {
    add(rule);
    const auto known = std::span(by.rules).first(by.count);
    if (std::ranges::find(known, rule) != known.end()) return;
    if (by.count == by.rules.size()) {
      by.uncertain = true;
    } else {
      by.rules.at(by.count++) = rule;
    }
  }

  void scan(std::size_t group, std::vector<std::uint32_t>& which) {
    auto longer =
        std::ranges::partition(which, [&](std::uint32_t i) { return m_.pending[i].short_enough; });
    in_parts(std::span(longer.begin(), longer.end()), [&](std::span<const std::uint32_t> part) {
      scan_together(group, part);
      for (RuleRef rule : m_.hits) add(rule);
    });
    in_parts(std::span(which.begin(), longer.begin()),
             [&](std::span<const std::uint32_t> part) { scan_short(group, part); });
  }

  // Some texts at a time, to see in between whether there is time for more.
  template <typename Scan>
  void in_parts(std::span<const std::uint32_t> which, Scan scan) {
    while (!which.empty()) {
      std::size_t count = 0;
      std::size_t bytes = 0;
      for (; count < which.size() && bytes < kScannedAtOnce; ++count) {
        bytes += m_.pending[which[count]].text.size();
      }
      if (!t_.work_.covers(bytes)) {
        for (std::uint32_t i : which) m_.pending[i].uncertain = true;
        return t_.give_up();
      }
      scan(which.first(count));
      which = which.subspan(count);
    }
  }

  // Together first: most have no hit at all.
  void scan_short(std::size_t group, std::span<const std::uint32_t> which) {
    scan_together(group, which);
    if (m_.hits.empty()) return;
    if (which.size() == 1) {
      attribute(which.front());
    } else if (which.size() <= kToldApart) {
      for (std::uint32_t i : which) {
        scan_together(group, std::span(&i, 1));
        attribute(i);
      }
    } else {
      for (RuleRef rule : m_.hits) add(rule);
      for (std::uint32_t i : which) m_.pending[i].uncertain = true;
    }
  }

  // The hits are of this text. Rules of the group that look elsewhere do not count.
  void attribute(std::uint32_t which) {
    Memory::Pending& by = m_.pending[which];
    for (RuleRef rule : m_.hits) {
      if (s_.sources_[by.source].wants(rule)) found(by, rule);
    }
  }

  void scan_together(std::size_t group, std::span<const std::uint32_t> which) {
    for (std::uint32_t i : which) {
      m_.forms.add(t_, s_.groups_[group], group, m_.pending[i].text);
    }
    m_.hits.clear();
    if (m_.forms.scan(s_.groups_[group], m_.scratch, m_.hits)) return;
    // Nothing is known: every rule is looked at.
    for (std::uint32_t i : which) m_.pending[i].uncertain = true;
    for (std::uint32_t phase = 1; phase < s_.always_.size(); ++phase) {
      t_.candidates_[phase].add_all();
    }
  }

  bool holds(const Question& question, std::string_view text) {
    const Link& link = *question.link;
    const bool each_form = link.actions.multi_match;
    if (each_form && answers(question, text)) return true;
    Marks marks = link.transformations.empty() ? 0 : t_.marks(text);
    for (const Transformation* by : link.transformations) {
      text = t_.transform(text, *by, marks);
      if (each_form && answers(question, text)) return true;
    }
    return !each_form && answers(question, text);
  }

  bool answers(const Question& question, std::string_view text) {
    Evaluation evaluation{
        .arena = t_.arena_, .argument = question.argument, .capture = false, .groups = {}};
    const bool matched = question.link->op->evaluate(text, evaluation);
    // One that gives up is evaluated where that is counted and said.
    return matched != question.link->negated || evaluation.limit_exceeded;
  }

  const Scanner& s_;
  Transaction& t_;
  Memory& m_;
};

Scanner::Scanner() : scratch_(std::make_unique<Scratch>()) {
  static std::atomic<std::uint64_t> serials{0};
  serial_ = ++serials;
}

Scanner::~Scanner() = default;

void Scanner::scan(Transaction& transaction, int phase) const {
  const int done = transaction.looked_until_;
  if (done == 0) {
    for (std::size_t each = 1; each < always_.size(); ++each) {
      transaction.candidates_[each].begin(transaction.arena_, always_[each]);
    }
  }
  if (done < phase) look(transaction, phase);
  Candidates& candidates = transaction.candidates_[static_cast<std::size_t>(phase)];
  for (const Further& each : further_[static_cast<std::size_t>(phase)]) {
    if (!candidates.has(each.condition)) candidates.remove(each.rule);
  }
}

void Scanner::look(Transaction& transaction, int until) const {
  static thread_local std::vector<std::unique_ptr<Memory>> memories;
  auto mine = std::ranges::find_if(
      memories, [&](const std::unique_ptr<Memory>& each) { return each->serial == serial_; });
  if (mine == memories.end()) {
    if (memories.size() == kMostScanners) memories.pop_back();
    mine = memories.insert(memories.begin(), std::make_unique<Memory>(*this));
  } else if (mine != memories.begin()) {  // the one asked for longest ago goes first
    std::rotate(memories.begin(), mine, mine + 1);
    mine = memories.begin();
  }
  Look look(*this, transaction, **mine);
  int& done = transaction.looked_until_;
  while (done < until) look.at(kStations.at(static_cast<std::size_t>(done++)));
  look.finish();
}

Scanner::Size Scanner::size() const {
  Size size{.scanned = scanned_count_, .always = always_count_};
  for (const std::shared_ptr<const Database>& database : databases_) {
    if (database->bytes() == 0) continue;
    size.bytes += database->bytes();
    ++size.databases;
  }
  return size;
}

}  // namespace sallyport::seclang
