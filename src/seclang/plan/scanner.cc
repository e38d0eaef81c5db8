#include "seclang/plan/scanner.h"

#include <hs/hs.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

enum class Place : std::uint8_t {
  arguments,
  target,  // of the request: method, path, query
  agents,  // User-Agent and Referer, which have many rules of their own
  headers,
  body,
  response_head,
  response_body,
  elsewhere,  // not scanned
};
constexpr std::size_t kPlaces = static_cast<std::size_t>(Place::elsewhere);

Place place_of(const Target& target) {
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
      return Place::arguments;
    case Variable::path_info:
    case Variable::query_string:
    case Variable::request_basename:
    case Variable::request_filename:
    case Variable::request_line:
    case Variable::request_method:
    case Variable::request_protocol:
    case Variable::request_uri:
    case Variable::request_uri_raw:
      return Place::target;
    case Variable::request_headers:
      return target.selector.name == "user-agent" || target.selector.name == "referer"
                 ? Place::agents
                 : Place::headers;
    case Variable::request_headers_names:
      return Place::headers;
    case Variable::full_request:
    case Variable::request_body:
      return Place::body;
    case Variable::response_headers:
    case Variable::response_headers_names:
    case Variable::response_content_type:
    case Variable::response_protocol:
      return Place::response_head;
    case Variable::response_body:
      return Place::response_body;
    default:
      return Place::elsewhere;
  }
}

bool same(const Target& a, const Target& b) {
  return a.variable == b.variable && a.selector.name == b.selector.name &&
         a.selector.regex == b.selector.regex && a.selector.namespaces == b.selector.namespaces;
}

// A pattern of a rule, before it is known whether the scanner takes it as it is.
struct Wish {
  std::string text;
  bool caseless = false;
  bool divisible = false;  // it was read as a tree: parts can be made of it
  std::uint32_t rule = 0;  // its place among the live rules of the phase
};

// What the scanner is given: a pattern of a rule, whole or a part of it.
struct Expression {
  std::string text;
  unsigned flags = 0;
  std::uint32_t rule = 0;  // its place among the live rules of the phase
};

constexpr unsigned kFlags =
    HS_FLAG_DOTALL | HS_FLAG_MULTILINE | HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
// Of what is made of a wish; a new one makes what the caches hold unknown.
constexpr int kVersion = 3;
// Tiers below this one have large patterns scanned in parts. Above, the parts are slower to look
// for than what they spare, and take a minute to compile.
constexpr std::size_t kDivided = 3;
constexpr char kSeparator = '\n';
// Bytes from which it pays to scan a text alone.
constexpr std::size_t kLong = 512;

std::string literal(std::string_view phrase) {
  std::string out;
  for (char c : phrase) {
    out += "\\x";
    text::append_hex(out, static_cast<unsigned char>(c));
  }
  return out;
}

struct Databases {
  ~Databases() { hs_free_database(database); }
  Databases() = default;
  Databases(const Databases&) = delete;
  Databases& operator=(const Databases&) = delete;
  hs_database_t* database = nullptr;
  std::vector<std::uint32_t> rules;   // by expression
  std::vector<std::uint32_t> always;  // what it does not take: always to be evaluated
};

// A database as the cache keeps it: the two lists, each with its length in front, and its bytes.
std::string packed(const Databases& from) {
  std::string out;
  for (const std::vector<std::uint32_t>* list : {&from.rules, &from.always}) {
    const auto size = static_cast<std::uint32_t>(list->size());
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    if (size > 0) {
      out.append(reinterpret_cast<const char*>(list->data()), list->size() * sizeof size);
    }
  }
  char* bytes = nullptr;
  std::size_t size = 0;
  if (from.database != nullptr &&
      hs_serialize_database(from.database, &bytes, &size) == HS_SUCCESS) {
    out.append(bytes, size);
    std::free(bytes);  // NOLINT: the library's allocator
  }
  return out;
}

bool unpack(std::string_view in, Databases& into) {
  for (std::vector<std::uint32_t>* list : {&into.rules, &into.always}) {
    std::uint32_t size = 0;
    if (in.size() < sizeof size) return false;
    std::memcpy(&size, in.data(), sizeof size);
    in.remove_prefix(sizeof size);
    if (in.size() / sizeof size < size) return false;
    list->resize(size);
    if (size > 0) std::memcpy(list->data(), in.data(), size * sizeof size);
    in.remove_prefix(size * sizeof size);
  }
  return in.empty() || hs_deserialize_database(in.data(), in.size(), &into.database) == HS_SUCCESS;
}

}  // namespace

// What is looked for in one place.
struct Scanner::Group {
  Place place = Place::elsewhere;
  std::vector<Target> sources;
  // The transformations of all its rules as a tree; [0] is the text itself.
  struct Step {
    const Transformation* transformation = nullptr;
    std::uint32_t parent = 0;
    bool wanted = false;               // a rule looks at this result
    std::vector<std::uint32_t> rules;  // which do, by place
    std::unique_ptr<Databases> own;    // of these rules only, over all bytes
  };
  std::vector<Step> steps = std::vector<Step>(1);
  Marks triggers = 0;  // of all steps: a text without these is its own result everywhere
  std::array<Databases, kTiers> tiers;
};

struct Scanner::Phase {
  Candidates always;
  std::size_t always_count = 0;
  std::size_t scanned_count = 0;
  std::size_t places = 0;
  std::vector<std::unique_ptr<Group>> groups;
};

Scanner::Scanner() {
  static std::atomic<std::uint64_t> serials{0};
  serial_ = ++serials;
}

Scanner::~Scanner() { hs_free_scratch(static_cast<hs_scratch_t*>(scratch_)); }

struct Scanner::Builder {
  const RuleSet& rules;
  const Folding& folding;
  const Cache& cache;
  const std::atomic<bool>& stop;
  Scanner& scanner;

  void build_phase(int number) {
    const auto index = static_cast<std::size_t>(number);
    const std::vector<std::uint32_t>& live = folding.phases.at(index).live;
    auto phase = std::make_unique<Phase>();
    phase->places = live.size();
    phase->always.resize(live.size());
    std::array<std::array<std::vector<Wish>, kTiers>, kPlaces> wishes;
    std::array<std::unique_ptr<Group>, kPlaces> groups;

    for (std::uint32_t place = 0; place < live.size(); ++place) {
      const Link& link = rules.phases.at(index)[live[place]].chain.front();
      std::optional<std::array<std::vector<Wish>, kTiers>> patterns = patterns_of(link, place);
      if (!patterns) {
        phase->always.add(place);
        ++phase->always_count;
        continue;
      }
      ++phase->scanned_count;
      std::array<bool, kPlaces> used{};
      for (const Target& target : link.targets) {
        if (target.exclude) continue;
        const auto where = static_cast<std::size_t>(place_of(target));
        auto& group = groups.at(where);
        if (group == nullptr) group = std::make_unique<Group>();
        group->place = place_of(target);
        add_source(*group, target);
        add_steps(*group, link, place);
        used.at(where) = true;
      }
      for (std::size_t where = 0; where < kPlaces; ++where) {
        if (!used.at(where)) continue;
        for (std::size_t tier = 0; tier < kTiers; ++tier) {
          auto& all = wishes.at(where).at(tier);
          all.insert(all.end(), patterns->at(tier).begin(), patterns->at(tier).end());
        }
      }
    }
    for (std::size_t where = 0; where < kPlaces; ++where) {
      if (groups.at(where) == nullptr) continue;
      for (std::size_t tier = 0; tier < kTiers; ++tier) {
        fulfil(wishes.at(where).at(tier), groups.at(where)->tiers.at(tier), *phase);
      }
      // A long text is scanned for the rules that look at it, and not for all of its group.
      for (Group::Step& step : groups.at(where)->steps) {
        if (!step.wanted) continue;
        std::vector<Wish> own;
        for (const Wish& wish : wishes.at(where).back()) {
          if (std::ranges::binary_search(step.rules, wish.rule)) own.push_back(wish);
        }
        step.own = std::make_unique<Databases>();
        fulfil(own, *step.own, *phase);
      }
      phase->groups.push_back(std::move(groups.at(where)));
    }
    scanner.phases_.at(index) = std::move(phase);
  }

  static void add_source(Group& group, const Target& target) {
    for (Target& known : group.sources) {
      if (same(known, target)) return;
      if (known.variable == target.variable && known.selector.all()) return;
    }
    if (target.selector.all()) {
      std::erase_if(group.sources,
                    [&](const Target& known) { return known.variable == target.variable; });
    }
    Target source{.variable = target.variable, .selector = target.selector};
    group.sources.push_back(std::move(source));
  }

  static void add_steps(Group& group, const Link& link, std::uint32_t place) {
    std::uint32_t at = 0;
    auto want = [&](Group::Step& step) {
      step.wanted = true;
      if (step.rules.empty() || step.rules.back() != place) step.rules.push_back(place);
    };
    if (link.actions.multi_match || link.transformations.empty()) want(group.steps[0]);
    for (std::size_t i = 0; i < link.transformations.size(); ++i) {
      auto found = std::ranges::find_if(group.steps, [&](const Group::Step& step) {
        return step.transformation == link.transformations[i] && step.parent == at;
      });
      if (found == group.steps.end()) {
        group.steps.push_back({.transformation = link.transformations[i], .parent = at});
        found = group.steps.end() - 1;
      }
      at = static_cast<std::uint32_t>(found - group.steps.begin());
      group.triggers |= link.transformations[i]->triggers;
      if (link.actions.multi_match || i + 1 == link.transformations.size()) want(*found);
    }
  }

  // Nullopt: the rule must always be evaluated.
  static std::optional<std::array<std::vector<Wish>, kTiers>> patterns_of(const Link& link,
                                                                          std::uint32_t place) {
    if (link.op == nullptr || link.negated || !link.argument.literal()) return std::nullopt;
    for (const Target& target : link.targets) {
      if (target.exclude) continue;
      if (target.count || place_of(target) == Place::elsewhere) return std::nullopt;
    }
    std::array<std::vector<Wish>, kTiers> all;
    if (const std::vector<std::string>* phrases = link.op->phrases(); phrases != nullptr) {
      for (const std::string& phrase : *phrases) {
        if (phrase.empty()) return std::nullopt;
        for (std::size_t tier = tier_of(phrase); tier < kTiers; ++tier) {
          all.at(tier).push_back({.text = literal(phrase), .caseless = true, .rule = place});
        }
      }
      return all;
    }
    if (link.operator_name != "rx" || link.argument.empty()) return std::nullopt;
    std::optional<PatternTree> pattern = PatternTree::parse(link.argument.source());
    if (!pattern) return std::nullopt;
    for (std::size_t tier = 0; tier < kTiers; ++tier) {
      if (auto rest = pattern->within(alphabet_of(tier))) {
        all.at(tier).push_back({.text = rest->text(), .divisible = tier < kDivided, .rule = place});
      }
    }
    return all;
  }

  // A pattern that is too large for the scanner goes in parts; what cannot be divided any more is
  // looked for roughly.
  static void add_expressions(const PatternTree& pattern, std::uint32_t place, int depth,
                              std::vector<Expression>& into) {
    std::string text = pattern.text();
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    // Only large ones can be too large: the others are not tried one by one.
    constexpr std::size_t kCertainlyFits = 1000;
    if (pattern.nodes() <= kCertainlyFits ||
        hs_compile(text.c_str(), kFlags, HS_MODE_BLOCK, nullptr, &database, &error) == HS_SUCCESS) {
      hs_free_database(database);
      into.push_back({.text = std::move(text), .flags = kFlags, .rule = place});
      return;
    }
    hs_free_compile_error(error);
    std::vector<PatternTree> parts = pattern.divided();
    if (parts.size() > 1 && depth < 3) {
      for (const PatternTree& part : parts) add_expressions(part, place, depth + 1, into);
    } else {
      into.push_back({.text = std::move(text), .flags = kFlags | HS_FLAG_PREFILTER, .rule = place});
    }
  }

  // From the cache, or else compiled.
  void fulfil(const std::vector<Wish>& wishes, Databases& into, Phase& phase) const {
    if (stop) return;
    std::string source =
        std::to_string(kVersion) + "\n" + hs_version() + "\n" + std::to_string(kFlags);
    hs_platform_info_t platform{};
    hs_populate_platform(&platform);
    source.append(reinterpret_cast<const char*>(&platform), sizeof platform);
    for (const Wish& wish : wishes) {
      source += '\n' + std::to_string(wish.rule) + (wish.caseless ? " i " : " ") + wish.text;
    }
    const std::string key = Cache::key_of(source);
    std::optional<std::string> kept = cache.get(key);
    if (!kept || !unpack(*kept, into)) {
      std::vector<Expression> expressions;
      for (const Wish& wish : wishes) {
        std::optional<PatternTree> tree;
        if (wish.divisible) tree = PatternTree::parse(wish.text);
        if (tree) {
          add_expressions(*tree, wish.rule, 0, expressions);
        } else {
          expressions.push_back({.text = wish.text,
                                 .flags = kFlags | (wish.caseless ? HS_FLAG_CASELESS : 0U),
                                 .rule = wish.rule});
        }
      }
      into.rules.clear();
      into.always.clear();
      compile(expressions, into);
      cache.put(key, packed(into));
    }
    for (std::uint32_t rule : into.always) phase.always.add(rule);
  }

  static void compile(std::vector<Expression>& expressions, Databases& into) {
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
                           &into.database, &error) == HS_SUCCESS) {
        for (const Expression& expression : expressions) into.rules.push_back(expression.rule);
        return;
      }
      const int bad = error->expression;
      hs_free_compile_error(error);
      if (bad < 0) {  // not the fault of one: nothing is scanned here
        for (const Expression& expression : expressions) into.always.push_back(expression.rule);
        return;
      }
      Expression& culprit = expressions[static_cast<std::size_t>(bad)];
      if ((culprit.flags & HS_FLAG_PREFILTER) == 0) {
        culprit.flags |= HS_FLAG_PREFILTER;
      } else {
        into.always.push_back(culprit.rule);
        expressions.erase(expressions.begin() + bad);
      }
    }
  }
};

template <typename Each>
void Scanner::for_each_database(Each each) const {
  for (const auto& phase : phases_) {
    if (phase == nullptr) continue;
    for (const auto& group : phase->groups) {
      for (const Databases& tier : group->tiers) {
        if (tier.database != nullptr) each(tier.database);
      }
      for (const Group::Step& step : group->steps) {
        if (step.own != nullptr && step.own->database != nullptr) {
          each(step.own->database);
        }
      }
    }
  }
}

std::shared_ptr<const Scanner> Scanner::build(const RuleSet& rules, const Folding& folding,
                                              const Cache& cache, const std::atomic<bool>& stop) {
  std::shared_ptr<Scanner> scanner(new Scanner);
  Builder builder{
      .rules = rules, .folding = folding, .cache = cache, .stop = stop, .scanner = *scanner};
  for (int phase = 1; phase <= 4; ++phase) builder.build_phase(phase);
  if (stop) return nullptr;
  hs_scratch_t* scratch = nullptr;
  scanner->for_each_database([&](const hs_database* database) {
    if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) throw std::bad_alloc();
  });
  scanner->scratch_ = scratch;
  return scanner;
}

// This thread's scratch, for the scanner it has used last.
struct Scanner::Scratch {
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { hs_free_scratch(scratch); }
  hs_scratch_t* scratch = nullptr;
  std::uint64_t serial = 0;
  std::array<std::string, kTiers> texts;
  struct Result {
    std::string_view text;
    Marks marks = 0;
    std::uint32_t same_as = 0;  // the first step with this very text
    bool added = false;         // of that first step: it is in `texts`
  };
  std::vector<Result> results;
  struct LongText {
    std::string_view text;
    const Databases* databases;
  };
  std::vector<LongText> long_texts;
  std::vector<std::string> of_steps;  // by step
  std::vector<std::uint32_t> steps_used;

  std::string& of_step(std::uint32_t step) {
    if (of_steps.size() <= step) of_steps.resize(step + 1);
    if (of_steps[step].empty()) steps_used.push_back(step);
    return of_steps[step];
  }

  void add(std::string_view text) {
    std::string& buffer = texts.at(tier_of(text));
    buffer.append(text);
    buffer += kSeparator;
  }
  std::vector<Value> values;
};

namespace {

struct Found {
  const std::vector<std::uint32_t>& rules;
  Candidates& candidates;
};

int on_match(unsigned id, unsigned long long /*from*/, unsigned long long /*to*/,
             unsigned /*flags*/, void* context) {
  auto* found = static_cast<Found*>(context);
  found->candidates.add(found->rules[id]);
  return 0;
}

}  // namespace

// A value as it is and as the rules of a group will see it, each text once.
void Scanner::add_texts(Transaction& transaction, const Group& group, std::string_view text,
                        Scratch& mine) {
  const Marks marks = transaction.marks(text);
  if ((marks & group.triggers) == 0 && text.size() < kLong) return mine.add(text);
  mine.results.clear();
  for (const Group::Step& step : group.steps) {
    auto place = static_cast<std::uint32_t>(mine.results.size());
    Scratch::Result result{.text = text, .marks = marks, .same_as = place};
    if (step.transformation != nullptr) {
      const Scratch::Result& before = mine.results[step.parent];
      result.marks = before.marks;
      result.text = transaction.transform(before.text, *step.transformation, result.marks);
      if (result.text.data() == before.text.data() && result.text.size() == before.text.size()) {
        result.same_as = before.same_as;
      }
    }
    mine.results.push_back(result);
    if (!step.wanted) continue;
    if (result.text.size() >= kLong) {
      mine.long_texts.push_back({.text = result.text, .databases = step.own.get()});
      continue;
    }
    Scratch::Result& first = mine.results[result.same_as];
    // What a transformation made of a text may use any bytes (base64Decode) and concerns few rules.
    const bool apart = first.same_as != 0 && tier_of(result.text) >= kDivided;
    if (apart) {
      std::string& buffer = mine.of_step(place);
      buffer.append(result.text);
      buffer += kSeparator;
    } else if (!first.added) {
      first.added = true;
      mine.add(result.text);
    }
  }
}

void Scanner::scan(Transaction& transaction, int number, Candidates& found) const {
  static thread_local Scratch mine;
  const Phase* phase = phases_.at(static_cast<std::size_t>(number)).get();
  found.resize(phase->places);
  found.add(phase->always);
  if (mine.serial != serial_ && scratch_ != nullptr) {
    hs_free_scratch(mine.scratch);
    mine.scratch = nullptr;
    if (hs_clone_scratch(static_cast<hs_scratch_t*>(scratch_), &mine.scratch) != HS_SUCCESS) {
      throw std::bad_alloc();
    }
    mine.serial = serial_;
  }
  for (const auto& group : phase->groups) {
    for (std::string& text : mine.texts) text.clear();
    mine.long_texts.clear();
    for (const Target& source : group->sources) {
      mine.values.clear();
      transaction.collect(source, mine.values);
      for (const Value& value : mine.values) add_texts(transaction, *group, value.text, mine);
    }
    auto scan_one = [&](const Databases& databases, std::string_view text) {
      if (databases.database == nullptr || text.empty()) return;
      Found context{.rules = databases.rules, .candidates = found};
      hs_error_t done = hs_scan(databases.database, text.data(), static_cast<unsigned>(text.size()),
                                0, mine.scratch, &on_match, &context);
      if (done != HS_SUCCESS) {  // then nothing is known: every rule is looked at
        for (std::size_t place = 0; place < phase->places; ++place) found.add(place);
      }
    };
    for (std::size_t tier = 0; tier < kTiers; ++tier) {
      scan_one(group->tiers.at(tier), mine.texts.at(tier));
    }
    for (const Scratch::LongText& each : mine.long_texts) scan_one(*each.databases, each.text);
    for (std::uint32_t step : mine.steps_used) {
      scan_one(*group->steps[step].own, mine.of_steps[step]);
      mine.of_steps[step].clear();
    }
    mine.steps_used.clear();
  }
}

Scanner::Size Scanner::size() const {
  Size size;
  for (const auto& phase : phases_) {
    if (phase == nullptr) continue;
    size.always += phase->always_count;
    size.scanned += phase->scanned_count;
  }
  for_each_database([&](const hs_database* database) {
    std::size_t bytes = 0;
    if (hs_database_size(database, &bytes) == HS_SUCCESS) size.bytes += bytes;
    ++size.databases;
  });
  return size;
}

}  // namespace sallyport::seclang
