// A value as the rules that look at it see it: its forms, each a result of their transformations,
// gathered with those of other values and scanned together. Private to this folder.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seclang/plan/scanner_parts.h"
#include "seclang/transformations/marks.h"

namespace sallyport::seclang {

// Of one thread and one scanner. The memory is kept from one scan to the next.
class Scanner::Forms {
 public:
  explicit Forms(std::size_t groups) : routes_(groups) {}

  // Before the texts of a transaction. What is known of transformations goes if it is too much.
  void begin();
  // A value as it is and as the rules of a group will see it, each text once. `number` is the
  // group's. The text, and what the transaction makes of it, must stay until the scan.
  void add(Transaction& transaction, const Group& group, std::size_t number, std::string_view text);
  // Scans what was added, all for the same group, and forgets it. Adds the rules that may match to
  // `hits`. False: the scanner failed, and nothing is known.
  [[nodiscard]] bool scan(const Group& group, Scratch& scratch, std::vector<RuleRef>& hits);

 private:
  // From a step on: which results are this very text, and which transformations may change it.
  struct Route {
    std::vector<std::uint32_t> same;     // steps that rules look at
    std::vector<std::uint32_t> changed;  // steps
  };
  // The forms of one value, and how they came about.
  struct Form {
    std::string_view text;
    Marks marks = 0;
    bool added = false;
  };
  struct Derivation {
    std::uint32_t from = 0;
    const Transformation* by = nullptr;
    std::uint32_t to = 0;
  };
  struct LongText {
    std::string_view text;
    const Database* database;
  };
  using Routes = std::unordered_map<std::uint64_t, Route>;  // by step and marks

  void follow(Transaction& transaction, const Group& group, Routes& routes, std::uint32_t step,
              std::uint32_t form);
  const Route& route_of(const Group& group, Routes& routes, std::uint32_t step, Marks marks);
  static void find_route(const Group& group, std::uint32_t at, Marks marks, Route& route);
  std::uint32_t derived(Transaction& transaction, std::uint32_t from, const Transformation& by);
  void add_form(const Group& group, std::uint32_t step, std::uint32_t index);
  std::string& of_step(std::uint32_t step, std::size_t tier);
  void join_few();

  std::vector<Routes> routes_;  // by group
  std::size_t known_routes_ = 0;
  std::vector<Form> forms_;
  std::vector<Derivation> derivations_;
  // What is to be scanned.
  std::array<std::string, kTiers> texts_;
  std::vector<std::array<std::string, kTiers - kCheapTiers>> of_steps_;  // by step
  std::vector<std::uint32_t> steps_used_;
  std::vector<LongText> long_texts_;
};

}  // namespace sallyport::seclang
