// What a transaction says of itself: the rules that matched, and how it is to be ended.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "seclang/ruleset.h"

namespace sallyport::seclang {

// A rule that matched and wants to be seen (log). Texts live as long as the transaction's arena.
struct Match {
  const Rule* rule = nullptr;
  std::string_view message;   // msg, macros replaced
  std::string_view data;      // logdata, macros replaced
  std::string_view variable;  // of the last value that matched: "ARGS:id"
  std::string_view value;     // that value before transformations
  std::string_view argument;  // of the operator that found it, macros replaced
  // Where what matched stands: for each value what the operator found in it (o offset,length), the
  // value's place in the request (v offset,length) and its transformations: "o0,3v42,7t:trim".
  std::string_view reference;
  const Link* link = nullptr;  // whose operator found it; null for a SecAction
  std::vector<std::string_view> tags;
  std::optional<int> severity;
  int phase = 0;
  bool disruptive = false;  // it ended the transaction
};

// How rules want the transaction to end.
struct Intervention {
  int status = 403;
  std::string_view redirect;   // where to; empty: nowhere
  bool drop = false;           // close the connection without an answer
  const Rule* rule = nullptr;  // null: a limit, not a rule
  std::string_view reason;
};

}  // namespace sallyport::seclang
