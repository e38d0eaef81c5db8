// A compiled regular expression: PCRE2 with its just-in-time compiler and a bound on its work.
//
// Immutable and shared by threads; each thread brings its own match block (kept by this class).
// This header keeps PCRE2's own out of everything else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::seclang {

// What a regular expression or a phrase search found.
struct Groups {
  static constexpr std::size_t kMost = 10;
  std::array<std::string_view, kMost> text;  // views into the subject; [0]: the whole match
  std::size_t count = 0;                     // groups in use; a group that took no part is empty
};

class WorkBudget;

class Regex {
 public:
  // limit_exceeded: it could not tell, at a limit or as the text is none that it can search, which
  // with (*UTF) is one that is not UTF-8.
  enum class Outcome : std::uint8_t { matched, not_matched, limit_exceeded };

  // ModSecurity's flags: dot matches newline, ^ and $ match at lines. `match_limit`: PCRE2's count
  // of steps (0: the library's default). The error is a sentence with the offset.
  struct Options {
    bool caseless = false;
    std::uint32_t match_limit = 0;
  };
  [[nodiscard]] static std::expected<Regex, std::string> compile(std::string_view pattern,
                                                                 Options options);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  // The first match at or behind `from`. `groups` may be null. Gives up where the match limit or
  // the thread's WorkBudget, if there is one, is spent.
  [[nodiscard]] Outcome search(std::string_view subject, Groups* groups,
                               std::size_t from = 0) const;
  [[nodiscard]] std::string_view pattern() const;

 private:
  struct Code;
  [[nodiscard]] std::optional<std::string_view> search_simply(std::string_view subject) const;
  // PCRE2's result. Matches begin between `from` and `last`.
  [[nodiscard]] int run(std::string_view subject, std::size_t from, std::size_t last,
                        std::uint32_t match_limit) const;
  [[nodiscard]] int search_within(std::string_view subject, std::size_t from,
                                  WorkBudget& budget) const;
  [[nodiscard]] int search_in_parts(std::string_view subject, std::size_t from,
                                    WorkBudget& budget) const;
  explicit Regex(std::unique_ptr<Code> code);
  std::unique_ptr<Code> code_;
};

}  // namespace sallyport::seclang
