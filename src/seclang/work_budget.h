// What the rules of one transaction may cost: a bound on the processor's time, whatever patterns do
// with what they are given. Between two looks at the clock stands at most one call of an operator
// or a transformation, or one scan of a text, all of which are linear; patterns look at it
// themselves.
//
// A pattern that begins anew at every place of a text and goes far from each is quadratic or worse,
// and PCRE2's own limit counts from each place anew; a key of a JSON document stands in the name of
// every value below it. Limits on each of these would forbid honest requests too; a limit on what
// they cost together does not: such cost a tenth of it at most.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sallyport::seclang {

// What the rules of a transaction may cost, in nanoseconds: so much, and for each byte it is given.
struct WorkAllowance {
  std::int64_t at_all;
  std::int64_t for_byte;
};
// Ten times what honest texts cost at the highest paranoia level.
inline constexpr WorkAllowance kPlannedWork{.at_all = 4'000'000, .for_byte = 400};
// Where every rule is evaluated, for want of a scanner: that costs ten to forty times as much.
inline constexpr WorkAllowance kPlainWork{.at_all = 80'000'000, .for_byte = 8'000};

// Of one thread at a time. Scopes of one thread may stand within each other.
class WorkBudget {
 public:
  static constexpr std::int64_t kUnlimited = std::int64_t{1} << 62;  // 146 years

  WorkBudget() = default;
  WorkBudget(const WorkBudget&) = delete;  // a scope may point at it
  WorkBudget& operator=(const WorkBudget&) = delete;

  // Nanoseconds of the processor's time.
  void allow(std::int64_t nanoseconds) { left_ += nanoseconds; }
  [[nodiscard]] std::int64_t left() const { return left_; }

  // In force for the calling thread until this is destroyed: time is counted.
  class Scope {
   public:
    explicit Scope(WorkBudget& budget);
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope();

   private:
    WorkBudget& budget_;
    WorkBudget* before_;
  };
  // The calling thread's; null: none is in force.
  [[nodiscard]] static WorkBudget* current() { return in_force; }

  // About to do something with so many bytes: looks at the clock when some have come together.
  // False: nothing is left, and it should not be done.
  [[nodiscard]] bool covers(std::size_t bytes) {
    bytes_ += bytes + kBytesOfCall;
    if (bytes_ >= kBytesBeforeLooks && looked_ == 0) begin_to_look();
    if (bytes_ >= kBytesBetweenLooks) {
      look();
      if (bytes >= kBytesBetweenLooks) ask_processor();
    }
    return left_ > 0;
  }
  // Takes what was used since the last look, if there was one.
  void look();

 private:
  static constexpr std::size_t kBytesOfCall = 64;
  static constexpr std::size_t kBytesBetweenLooks = 4096;
  // Of one scope: what an ordinary request has costs too little to be counted.
  static constexpr std::size_t kBytesBeforeLooks = 2048;

  void begin();
  void begin_to_look();
  void ask_processor();

  static inline thread_local WorkBudget* in_force = nullptr;

  std::int64_t left_ = 0;
  std::size_t bytes_ = 0;        // since the last look
  std::uint64_t looked_ = 0;     // when that was, in ticks; 0: not yet in this scope
  std::int64_t processor_ = -1;  // the thread's time then; -1: not asked for in this scope
};

}  // namespace sallyport::seclang
