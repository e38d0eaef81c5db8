// PCRE2, eight bits wide. Every thread keeps one match block, one context and one JIT stack for all
// the patterns it runs: a search allocates nothing.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "seclang/regex.h"

#include <pcre2.h>

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/text.h"
#include "seclang/work_budget.h"

namespace sallyport::seclang {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};

constexpr std::size_t kJitStackFirst = std::size_t{32} << 10;
constexpr std::size_t kJitStackMost = std::size_t{512} << 10;

// What one thread needs to run any pattern.
class Workspace {
 public:
  Workspace()
      : data_(pcre2_match_data_create(Groups::kMost, nullptr)),
        context_(pcre2_match_context_create(nullptr)),
        stack_(pcre2_jit_stack_create(kJitStackFirst, kJitStackMost, nullptr)) {
    if (data_ == nullptr || context_ == nullptr) throw std::bad_alloc();
    // Without a stack of its own the compiled code takes 32 kB of the thread's.
    if (stack_ != nullptr) pcre2_jit_stack_assign(context_.get(), nullptr, stack_.get());
  }

  [[nodiscard]] pcre2_match_data* data() const { return data_.get(); }
  [[nodiscard]] pcre2_match_context* context(std::uint32_t match_limit) const {
    pcre2_set_match_limit(context_.get(), match_limit);
    pcre2_set_offset_limit(context_.get(), PCRE2_UNSET);
    return context_.get();
  }

 private:
  std::unique_ptr<pcre2_match_data, Freer<pcre2_match_data_free>> data_;
  std::unique_ptr<pcre2_match_context, Freer<pcre2_match_context_free>> context_;
  std::unique_ptr<pcre2_jit_stack, Freer<pcre2_jit_stack_free>> stack_;
};

// Bytes of a text up to which a search is short with most patterns.
constexpr std::size_t kLong = 256;
// Of PCRE2's steps, from each place of a short text.
constexpr std::uint32_t kStepsOfShort = 64;

// Of all places together, where it is not known how many they need. A step may look at the whole
// text.
std::uint32_t steps_of_part(std::size_t size) {
  constexpr std::size_t kSteps = 5'000;
  constexpr std::size_t kSize = 16'384;
  return static_cast<std::uint32_t>(kSteps * kSize / std::max(size, kSize));
}

const Workspace& workspace() {
  thread_local const Workspace kept;
  return kept;
}

std::uint32_t default_match_limit() {
  std::uint32_t limit = 0;
  pcre2_config(PCRE2_CONFIG_MATCHLIMIT, &limit);
  return limit;
}

std::string error_sentence(int code, std::size_t offset) {
  std::array<PCRE2_UCHAR, 256> message{};
  pcre2_get_error_message(code, message.data(), message.size());
  return std::string(reinterpret_cast<const char*>(message.data())) + " (at offset " +
         std::to_string(offset) + ")";
}

void read_groups(const pcre2_match_data* data, int found, std::string_view subject, Groups& out) {
  // PCRE2 takes the block as writable, and only reads it here; 0: more groups than it has room for.
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(const_cast<pcre2_match_data*>(data));
  out.count = found == 0 ? Groups::kMost : static_cast<std::size_t>(found);
  for (std::size_t i = 0; i < out.count; ++i) {
    PCRE2_SIZE begin = ends[2 * i];
    PCRE2_SIZE end = ends[2 * i + 1];
    bool took_part = begin != PCRE2_UNSET && begin <= end;  // \K of old libraries: behind the end
    out.text[i] = took_part ? subject.substr(begin, end - begin) : std::string_view{};
  }
}

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '-';
}

// What every line that matches begins with; empty: nothing in particular.
std::string beginning_of(std::string_view pattern) {
  if (!pattern.starts_with('^') || pattern.contains('|')) return {};
  std::size_t end = 1;
  while (end < pattern.size() && is_plain(pattern[end])) ++end;
  // What may be repeated may be absent.
  if (end < pattern.size() && std::string_view("*?{").contains(pattern[end])) --end;
  return std::string(pattern.substr(1, std::max<std::size_t>(end, 1) - 1));
}

// Patterns that need no automaton, of which rules have many that are asked often; and those that
// need one only where their first letters are found (`part`).
struct Simple {
  enum class Kind : std::uint8_t { no, whole_text, text, beginning, part };
  Kind kind = Kind::no;
  std::string text;
};

Simple simple(std::string_view pattern) {
  using enum Simple::Kind;
  if (pattern == "^.*$") return {.kind = whole_text, .text = {}};  // of several lines, too
  Simple made{.kind = pattern.starts_with('^') ? beginning : text, .text = {}};
  std::size_t i = made.kind == beginning ? 1 : 0;
  for (; i < pattern.size(); ++i) {
    const bool escaped = pattern[i] == '\\' && i + 1 < pattern.size();
    const char c = pattern[escaped ? i + 1 : i];
    const bool stands_for_itself =
        escaped ? std::string_view(".^$*+?()[]{}|\\/-").contains(c)
                : is_plain(c) || std::string_view("/ :;,=<>!@%&~\"'").contains(c);
    if (!stands_for_itself) break;
    if (escaped) ++i;
    made.text += c;
  }
  if (i < pattern.size()) {
    if (made.kind == beginning || pattern.contains('|')) return {};
    made.kind = part;
    // What may be repeated may be absent.
    if (!made.text.empty() && std::string_view("*?{").contains(pattern[i])) made.text.pop_back();
  }
  return made.text.empty() ? Simple{} : made;
}

}  // namespace

struct Regex::Code {
  std::string pattern;
  Simple simple;
  std::unique_ptr<pcre2_code, Freer<pcre2_code_free>> compiled;
  std::uint32_t match_limit = 0;
  std::string beginning;  // of what matches, in any case of letters; empty: nothing is known
  bool jit = false;       // pcre2_jit_match may be called, which checks nothing
  bool whole = false;     // it asks for more than bytes, or where the search begins
};

Regex::Regex(std::unique_ptr<Code> code) : code_(std::move(code)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

std::expected<Regex, std::string> Regex::compile(std::string_view pattern, Options options) {
  auto code = std::make_unique<Code>();
  code->pattern = pattern;
  code->beginning = beginning_of(pattern);
  if (!options.caseless) code->simple = simple(pattern);
  code->match_limit = options.match_limit != 0 ? options.match_limit : default_match_limit();

  std::uint32_t flags = PCRE2_DOTALL | PCRE2_MULTILINE | PCRE2_USE_OFFSET_LIMIT |
                        (options.caseless ? PCRE2_CASELESS : 0);
  int error = 0;
  PCRE2_SIZE offset = 0;
  code->compiled.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(code->pattern.data()),
                                     code->pattern.size(), flags, &error, &offset, nullptr));
  if (code->compiled == nullptr) return std::unexpected(error_sentence(error, offset));

  // Where there is no just-in-time compiler for this machine, the interpreter serves.
  bool jit = pcre2_jit_compile(code->compiled.get(), PCRE2_JIT_COMPLETE) == 0;
  std::uint32_t in_force = 0;  // flags, those that the pattern itself sets included
  pcre2_pattern_info(code->compiled.get(), PCRE2_INFO_ALLOPTIONS, &in_force);
  const bool utf = (in_force & PCRE2_UTF) != 0;
  code->jit = jit && !utf;  // the subject must be checked first
  code->whole = utf || pattern.contains("\\G");
  return Regex(std::move(code));
}

int Regex::run(std::string_view subject, std::size_t from, std::size_t last,
               std::uint32_t match_limit) const {
  const Workspace& own = workspace();
  pcre2_match_context* context = own.context(match_limit);
  if (last < subject.size()) pcre2_set_offset_limit(context, last);
  auto search = code_->jit ? pcre2_jit_match : pcre2_match;
  return search(code_->compiled.get(), reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(),
                from, 0, own.data(), context);
}

// From some places after the other, so as to look at the clock in between. What a step of PCRE2's
// costs depends on pattern and text, and so does how many steps a place needs, which may change
// from one place to the next: the more places at once, the fewer steps each of them may take. Where
// that was not enough there are fewer places, and from a single one more steps, if as many again
// would not be all the time that is left.
int Regex::search_in_parts(std::string_view subject, std::size_t from, WorkBudget& budget) const {
  constexpr std::int64_t kSlow = 100'000;  // nanoseconds
  constexpr unsigned kFewer = 4;
  const std::uint32_t steps = steps_of_part(subject.size() - from);
  std::uint32_t more = 1;
  std::size_t places = 1;
  std::size_t most = subject.size();  // so many places were not too many
  std::int64_t unlooked = 0;          // nanoseconds
  for (std::size_t at = from;;) {
    const std::size_t last = std::min(subject.size(), at + places - 1);
    const auto each = static_cast<std::uint32_t>(std::max<std::size_t>(steps / places, 1));
    const std::uint32_t limit = std::min(each * more, code_->match_limit);
    const std::uint64_t since = Ticks::now();
    const int found = run(subject, at, last, limit);
    const auto took = static_cast<std::int64_t>(Ticks::nanoseconds(since, Ticks::now()));
    const bool limited = found == PCRE2_ERROR_MATCHLIMIT;
    unlooked += took;
    if (unlooked > kSlow) {
      unlooked = 0;
      budget.look();
      if (budget.left() <= (limited ? kFewer * took : 0)) return PCRE2_ERROR_MATCHLIMIT;
    }
    if (limited) {
      if (places == 1 && limit == code_->match_limit) return found;
      if (places == 1) more *= kFewer;
      places = std::max<std::size_t>(places / kFewer, 1);
      most = places;
      continue;
    }
    if (found != PCRE2_ERROR_NOMATCH || last == subject.size()) return found;
    at = last + 1;
    more = 1;
    most += most / 8 + 1;
    places = std::min(2 * places, most);
  }
}

int Regex::search_within(std::string_view subject, std::size_t from, WorkBudget& budget) const {
  if (!budget.covers(subject.size() - from)) return PCRE2_ERROR_MATCHLIMIT;
  if (code_->whole) return run(subject, from, subject.size(), code_->match_limit);
  const std::size_t size = subject.size() - from;
  if (size <= kLong) {
    const std::uint32_t limit = std::min(kStepsOfShort, code_->match_limit);
    const int found = run(subject, from, subject.size(), limit);
    if (found != PCRE2_ERROR_MATCHLIMIT || limit == code_->match_limit) return found;
  }
  return search_in_parts(subject, from, budget);
}

// Where a simple pattern is found in a short text; nothing: that is for PCRE2 to find.
std::optional<std::string_view> Regex::search_simply(std::string_view subject) const {
  using enum Simple::Kind;
  const Simple& simple = code_->simple;
  switch (simple.kind) {
    case no:
      break;
    case whole_text:
      return subject;
    case text: {
      const std::size_t at = subject.find(simple.text);
      return at == std::string_view::npos ? std::string_view()
                                          : subject.substr(at, simple.text.size());
    }
    case part:
      if (!subject.contains(simple.text)) return std::string_view();
      break;
    case beginning:
      if (subject.contains('\n')) break;  // each line has one
      return subject.starts_with(simple.text) ? subject.substr(0, simple.text.size())
                                              : std::string_view();
  }
  return std::nullopt;
}

Regex::Outcome Regex::search(std::string_view subject, Groups* groups, std::size_t from) const {
  if (from > subject.size()) return Outcome::not_matched;
  if (from == 0 && subject.data() != nullptr && subject.size() <= kLong) {
    if (const std::optional<std::string_view> found = search_simply(subject)) {
      if (found->data() == nullptr) return Outcome::not_matched;
      if (groups != nullptr) {
        groups->count = 1;
        groups->text[0] = *found;
      }
      return Outcome::matched;
    }
  }
  const std::string& beginning = code_->beginning;
  if (!beginning.empty() && !subject.contains('\n') &&
      !text::equals_ignoring_case(subject.substr(0, beginning.size()), beginning)) {
    return Outcome::not_matched;
  }
  if (subject.data() == nullptr) subject = "";
  WorkBudget* const budget = WorkBudget::current();
  const int found = budget != nullptr ? search_within(subject, from, *budget)
                                      : run(subject, from, subject.size(), code_->match_limit);
  if (found >= 0) {
    if (groups != nullptr) read_groups(workspace().data(), found, subject, *groups);
    return Outcome::matched;
  }
  return found == PCRE2_ERROR_NOMATCH ? Outcome::not_matched : Outcome::limit_exceeded;
}

std::string_view Regex::pattern() const { return code_->pattern; }

}  // namespace sallyport::seclang
