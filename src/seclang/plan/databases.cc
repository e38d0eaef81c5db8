#include "seclang/plan/databases.h"

#include <hs/hs.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "base/report.h"
#include "base/text.h"
#include "seclang/plan/pattern_tree.h"

namespace sallyport::seclang {
namespace {

constexpr unsigned kFlags =
    HS_FLAG_DOTALL | HS_FLAG_MULTILINE | HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
// Of what is made of a wish; a new one makes what the caches hold unknown.
constexpr int kVersion = 5;
// Nodes of a pattern from which the scanner is slower than an automaton, or does not take it.
constexpr std::size_t kLarge = 700;

static_assert(sizeof(RuleRef) == sizeof(std::uint32_t));

struct Hits {
  const std::vector<RuleRef>& rules;
  std::vector<RuleRef>& found;
};

int on_match(unsigned id, unsigned long long /*from*/, unsigned long long /*to*/,
             unsigned /*flags*/, void* context) {
  auto* hits = static_cast<Hits*>(context);
  hits->found.push_back(hits->rules[id]);
  return 0;
}

// Vectorscan 5.4.9 on x86-64 overlooks matches of some patterns, by where in memory the text
// begins, and may stand in for the Hyperscan this was built with: only what this was built with,
// and tested, is trusted there.
bool is_trusted() {
#ifdef __x86_64__
  static const bool trusted = [] {
    const std::string_view found = hs_version();
    const std::string expected =
        std::to_string(HS_MAJOR) + '.' + std::to_string(HS_MINOR) + '.' + std::to_string(HS_PATCH);
    if (found.substr(0, found.find(' ')) == expected) return true;
    report(Severity::error,
           "libhs " + std::string(found) + " is not the " + expected +
               " that this was built with: it is not used, and rules are evaluated one by one, "
               "which is slower; install libhyperscan5 " +
               expected);
    return false;
  }();
  return trusted;
#else
  return true;
#endif
}

}  // namespace

std::string literal_pattern(std::string_view phrase) {
  std::string out;
  for (char c : phrase) {
    out += "\\x";
    text::append_hex(out, static_cast<unsigned char>(c));
  }
  return out;
}

// What the scanner is given.
struct Database::Expression {
  std::string text;
  unsigned flags = 0;
  RuleRef rule{};
};

struct Database::Large {
  Automaton automaton;
  std::vector<RuleRef> rules;  // by pattern
};

struct Database::Compiler {
  std::vector<Expression> expressions;

  void add(const Wish& wish) {
    expressions.push_back({.text = wish.text,
                           .flags = kFlags | (wish.caseless ? HS_FLAG_CASELESS : 0U),
                           .rule = wish.rule});
  }

  void compile(Database& into) {
    while (!expressions.empty()) {
      std::vector<const char*> texts;
      std::vector<unsigned> flags;
      std::vector<unsigned> ids;
      for (const Expression& expression : expressions) {
        ids.push_back(static_cast<unsigned>(texts.size()));
        texts.push_back(expression.text.c_str());
        flags.push_back(expression.flags);
      }
      hs_compile_error_t* error = nullptr;
      if (hs_compile_multi(texts.data(), flags.data(), ids.data(),
                           static_cast<unsigned>(texts.size()), HS_MODE_BLOCK, nullptr,
                           &into.database_, &error) == HS_SUCCESS) {
        for (const Expression& expression : expressions) into.rules_.push_back(expression.rule);
        return;
      }
      const int bad = error->expression;
      hs_free_compile_error(error);
      if (bad < 0) {  // not the fault of one: nothing is scanned here
        for (const Expression& expression : expressions) into.always_.push_back(expression.rule);
        return;
      }
      Expression& culprit = expressions[static_cast<std::size_t>(bad)];
      if ((culprit.flags & HS_FLAG_PREFILTER) == 0) {
        culprit.flags |= HS_FLAG_PREFILTER;
      } else {
        into.always_.push_back(culprit.rule);
        expressions.erase(expressions.begin() + bad);
      }
    }
  }
};

Database::Database() = default;
Database::Database(Database&& other) noexcept { *this = std::move(other); }

Database& Database::operator=(Database&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(rules_, other.rules_);
  std::swap(always_, other.always_);
  std::swap(large_, other.large_);
  return *this;
}

Database::~Database() { hs_free_database(database_); }

std::string Database::key_of(const std::vector<Wish>& wishes) {
  // Never destroyed: a thread may still be at it when the process ends.
  static const std::string& kEngine = *new std::string([] {
    std::string engine = std::to_string(kVersion) + "\n" + hs_version() + "\n";
    hs_platform_info_t platform{};
    hs_populate_platform(&platform);
    engine.append(reinterpret_cast<const char*>(&platform), sizeof platform);
    return engine + std::to_string(kFlags);
  }());
  std::string source = kEngine;
  for (const Wish& wish : wishes) {
    source += '\n' + std::to_string(wish.rule.phase) + ':' + std::to_string(wish.rule.place) +
              (wish.caseless ? " i " : " ") + wish.text;
  }
  return Cache::key_of(source);
}

Database Database::make(const std::vector<Wish>& wishes, const Cache& cache,
                        const std::atomic<bool>& stop) {
  Database made;
  if (stop || wishes.empty()) return made;
  if (!is_trusted()) {
    for (const Wish& wish : wishes) made.always_.push_back(wish.rule);
    return made;
  }
  std::vector<Wish> others;
  std::vector<RuleRef> too_large;
  for (const Wish& wish : wishes) {
    if (wish.size <= kLarge) {
      others.push_back(wish);
      continue;
    }
    if (made.large_ == nullptr) made.large_ = std::make_unique<Large>();
    std::optional<PatternTree> pattern = PatternTree::parse(wish.text);
    if (pattern && made.large_->automaton.add(*pattern)) {
      made.large_->rules.push_back(wish.rule);
    } else {
      too_large.push_back(wish.rule);
    }
  }
  const std::string key = key_of(others);
  std::optional<std::string> kept = cache.get(key);
  if (!kept || !made.unpack(*kept)) {
    made.forget();
    Compiler compiler;
    for (const Wish& wish : others) compiler.add(wish);
    compiler.compile(made);
    if (std::optional<std::string> packed = made.packed()) cache.put(key, *packed);
  }
  made.always_.insert(made.always_.end(), too_large.begin(), too_large.end());
  return made;
}

bool Database::scan(std::string_view text, Scratch& scratch, std::vector<RuleRef>& found) const {
  found.insert(found.end(), always_.begin(), always_.end());
  if (large_ != nullptr) {
    std::vector<std::uint32_t>& patterns = scratch.found_;
    patterns.clear();
    if (large_->automaton.scan(text, scratch.states_of(large_->automaton), patterns)) {
      for (std::uint32_t pattern : patterns) found.push_back(large_->rules[pattern]);
    } else {  // given up: each may stand there
      found.insert(found.end(), large_->rules.begin(), large_->rules.end());
    }
  }
  if (database_ == nullptr) return true;
  Hits hits{.rules = rules_, .found = found};
  return hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch.scratch_,
                 &on_match, &hits) == HS_SUCCESS;
}

std::size_t Database::bytes() const {
  std::size_t bytes = 0;
  if (database_ == nullptr || hs_database_size(database_, &bytes) != HS_SUCCESS) return 0;
  return bytes;
}

// As the cache keeps it: the two lists, each with its length in front, and the database's bytes.
// Without those the next start would take it for one in which nothing is to be found.
std::optional<std::string> Database::packed() const {
  std::string out;
  for (const std::vector<RuleRef>* list : {&rules_, &always_}) {
    const auto size = static_cast<std::uint32_t>(list->size());
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    if (size > 0) {
      out.append(reinterpret_cast<const char*>(list->data()), list->size() * sizeof(RuleRef));
    }
  }
  char* bytes = nullptr;
  std::size_t size = 0;
  if (database_ == nullptr) return out;
  if (hs_serialize_database(database_, &bytes, &size) != HS_SUCCESS) return std::nullopt;
  out.append(bytes, size);
  std::free(bytes);  // NOLINT: the library's allocator
  return out;
}

void Database::forget() {
  hs_free_database(std::exchange(database_, nullptr));
  rules_.clear();
  always_.clear();
}

bool Database::unpack(std::string_view in) {
  for (std::vector<RuleRef>* list : {&rules_, &always_}) {
    std::uint32_t size = 0;
    if (in.size() < sizeof size) return false;
    std::memcpy(&size, in.data(), sizeof size);
    in.remove_prefix(sizeof size);
    if (in.size() / sizeof(RuleRef) < size) return false;
    list->resize(size);
    if (size > 0) std::memcpy(list->data(), in.data(), size * sizeof(RuleRef));
    in.remove_prefix(size * sizeof(RuleRef));
  }
  if (in.empty()) return rules_.empty();
  return hs_deserialize_database(in.data(), in.size(), &database_) == HS_SUCCESS;
}

Scratch::Scratch(const Scratch& like) {
  if (like.scratch_ != nullptr && hs_clone_scratch(like.scratch_, &scratch_) != HS_SUCCESS) {
    throw std::bad_alloc();
  }
}

void Scratch::grow(const Database& database) {
  if (database.database_ != nullptr &&
      hs_alloc_scratch(database.database_, &scratch_) != HS_SUCCESS) {
    throw std::bad_alloc();
  }
}

Automaton::States& Scratch::states_of(const Automaton& automaton) {
  for (auto& [known, states] : states_) {
    if (known == &automaton) return *states;
  }
  states_.emplace_back(&automaton, std::make_unique<Automaton::States>(automaton));
  return *states_.back().second;
}

Scratch::~Scratch() { hs_free_scratch(scratch_); }

}  // namespace sallyport::seclang
