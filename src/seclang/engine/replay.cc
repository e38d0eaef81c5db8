#include "seclang/engine/replay.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kBlock = 32'768;
constexpr unsigned kForGood = std::numeric_limits<unsigned>::max();

OwnedFields owned(const std::vector<Field>& fields) {
  OwnedFields copies;
  copies.reserve(fields.size());
  for (const Field& field : fields) copies.emplace_back(field.name, field.value);
  return copies;
}

bool is_left_behind(std::string_view name) {
  const bool capture = name.size() == 1 && name.front() >= '0' && name.front() <= '9';
  return capture || text::equals_ignoring_case(name, "MSC_PCRE_LIMITS_EXCEEDED");
}

void walk(const Recording& given, Transaction& t) {
  std::vector<http::ProvenValue> proven;
  proven.reserve(given.proven.size());
  for (const Recording::Proven& each : given.proven) {
    proven.push_back({.place = each.place, .kind = each.kind, .name = each.name});
  }
  t.set_proven(std::span(proven).first(given.proven_at_head));
  t.set_connection(given.client, given.client_port, given.server, given.server_port);
  t.set_request(given.method, given.uri, given.version);
  for (const auto& [name, value] : given.request_headers) t.add_request_header(name, value);
  if (given.phases[1]) t.request_headers();
  t.set_proven(proven);
  if (given.request_body_given) t.set_request_body(given.request_body, given.request_body_complete);
  if (given.phases[2]) t.request_body();
  if (given.phases[3]) {
    t.set_response(given.head_status, given.response_protocol);
    for (const auto& [name, value] : given.response_headers) t.add_response_header(name, value);
    t.response_headers();
  }
  if (given.response_body_given) {
    t.set_response_body(given.response_body, given.response_body_complete);
  }
  if (given.phases[4]) t.response_body();
  t.set_response(given.status, given.response_protocol);
  if (given.phases[5]) t.logging();
}

template <typename Rules>
Outcome run(const Recording& given, const Rules& rules) {
  SharedCollections shared;
  for (const Recording::Record& record : given.records) {
    for (const auto& [name, value] : record.values) {
      shared.set(record.id, name, value, given.seconds, kForGood);
    }
  }
  alignas(16) std::array<std::byte, kBlock> block;  // NOLINT(*-member-init): the arena's
  Arena arena(block);
  Transaction transaction(rules, shared, arena,
                          {.unique_id = given.unique_id,
                           .seconds = given.seconds,
                           .microseconds = given.microseconds,
                           .mode = given.mode,
                           .work = given.work});
  walk(given, transaction);
  return outcome_of(transaction);
}

}  // namespace

Recording Transaction::recording() const {
  Recording r{.unique_id = std::string(facts_.unique_id),
              .seconds = facts_.seconds,
              .microseconds = facts_.microseconds,
              .mode = facts_.mode,
              .work = facts_.work,
              .client = std::string(client_),
              .server = std::string(server_),
              .client_port = client_port_,
              .server_port = server_port_,
              .method = std::string(method_),
              .uri = std::string(uri_raw_),
              .version = std::string(version_),
              .request_headers = owned(request_headers_),
              .request_body = std::string(request_body_),
              .request_body_given = request_body_given_,
              .request_body_complete = request_body_complete_,
              .head_status = head_status_,
              .status = status_,
              .response_protocol = std::string(response_protocol_),
              .response_headers = owned(response_headers_),
              .response_body = std::string(response_body_),
              .response_body_given = response_body_given_,
              .response_body_complete = !outbound_error_,
              .phases = asked_,
              .records = {},
              .proven = {},
              .proven_at_head = claims_at_head_};
  for (const http::ProvenValue& each : claims_) {
    r.proven.push_back({.place = each.place, .kind = each.kind, .name = std::string(each.name)});
  }
  for (const std::unique_ptr<Record>& record : records_) {
    r.records.push_back({.id = record->id, .values = record->read});
  }
  return r;
}

std::size_t Transaction::recording_size() const {
  std::size_t size = uri_raw_.size() + request_body_.size() + response_body_.size();
  for (const Field& field : request_headers_) size += field.name.size() + field.value.size();
  for (const Field& field : response_headers_) size += field.name.size() + field.value.size();
  for (const std::unique_ptr<Record>& record : records_) {
    for (const auto& [name, value] : record->read) size += name.size() + value.size();
  }
  return size;
}

Outcome outcome_of(Transaction& transaction) {
  Outcome outcome;
  for (const Match& match : transaction.matches()) outcome.rules.push_back(match.rule->id);
  if (const std::optional<Intervention>& end = transaction.intervention()) {
    outcome.end = {.status = end->status,
                   .rule = end->rule != nullptr ? end->rule->id : 0,
                   .redirect = std::string(end->redirect),
                   .drop = end->drop};
  }
  for (const Value& value : transaction.values(Variable::tx)) {
    if (!is_left_behind(value.key)) {
      outcome.tx.emplace_back(text::to_lower(value.key), value.text);
    }
  }
  std::ranges::sort(outcome.tx);
  outcome.gave_up = transaction.gave_up();
  return outcome;
}

Outcome replay(const Recording& recording, const RuleSet& rules) { return run(recording, rules); }
Outcome replay(const Recording& recording, const Plan& plan) { return run(recording, plan); }

}  // namespace sallyport::seclang
