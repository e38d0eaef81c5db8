// A transaction once more: what it was given, kept in memory of its own, can be evaluated again by
// another thread, and both ends compared. Nothing outside is changed by that: persistent
// collections are replaced by what the first evaluation read of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "seclang/engine/transaction.h"
#include "seclang/plan/plan.h"

namespace sallyport::seclang {

using OwnedFields = std::vector<std::pair<std::string, std::string>>;  // name and value

// What a transaction was given, in the order of its stations.
struct Recording {
  struct Record {  // of a persistent collection, as it was when it was opened
    SharedCollections::Id id;
    OwnedFields values;
  };

  struct Proven {
    http::Place place{};
    http::ValueKind kind{};
    std::string name;
  };

  std::string unique_id;
  std::int64_t seconds = 0;
  std::int64_t microseconds = 0;
  std::optional<EngineMode> mode;
  std::optional<std::int64_t> work;  // see Transaction::Facts
  std::string client, server;
  unsigned client_port = 0;
  unsigned server_port = 0;
  std::string method, uri, version;
  OwnedFields request_headers;
  std::string request_body;
  bool request_body_given = false;
  bool request_body_complete = true;
  unsigned head_status = 0;  // as phase 3 saw it
  unsigned status = 0;       // in the end
  std::string response_protocol;
  OwnedFields response_headers;
  std::string response_body;
  bool response_body_given = false;
  bool response_body_complete = true;
  Transaction::Phases phases{};  // that were asked for
  std::vector<Record> records;
  std::vector<Proven> proven;
  std::size_t proven_at_head = 0;  // so many of them before phase 1
};

// What rules made of a transaction.
struct Outcome {
  struct End {
    int status = 0;
    std::int64_t rule = 0;  // 0: a limit
    std::string redirect;
    bool drop = false;
    friend bool operator==(const End&, const End&) = default;
  };
  std::vector<std::int64_t> rules;  // that matched and log, in their order
  std::optional<End> end;
  // TX, sorted, scores among it. Without captures, which the last rule that was looked at leaves
  // behind even if it does not match, and without the flag that a pattern reached its limit.
  OwnedFields tx;
  bool gave_up = false;  // at a limit or for want of time: others may not have to
  friend bool operator==(const Outcome& a, const Outcome& b) {
    return a.rules == b.rules && a.end == b.end && a.tx == b.tx;
  }
};

[[nodiscard]] Outcome outcome_of(Transaction& transaction);

// Every rule one after the other, as written.
[[nodiscard]] Outcome replay(const Recording& recording, const RuleSet& rules);
[[nodiscard]] Outcome replay(const Recording& recording, const Plan& plan);

}  // namespace sallyport::seclang
