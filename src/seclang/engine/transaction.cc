// The stations of a transaction: what is given to it, and when its phases run.
#include "seclang/engine/transaction.h"

#include <algorithm>

#include "base/text.h"
#include "seclang/plan/plan.h"

namespace sallyport::seclang {
namespace {

// Every well-formed %XX replaced; nothing else. The text itself when there is none.
std::string_view percent_decoded(std::string_view in, Arena& arena) {
  if (in.find('%') == std::string_view::npos) return in;
  char* out = arena.chars(in.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '%' && i + 2 < in.size()) {
      const int high = text::hex_digit(in[i + 1]);
      const int low = text::hex_digit(in[i + 2]);
      if (high >= 0 && low >= 0) {
        out[size++] = static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out[size++] = in[i];
  }
  return {out, size};
}

// What follows scheme and authority, where a target names them.
std::string_view without_authority(std::string_view target) {
  if (target.empty() || target.front() == '/') return target;
  std::size_t scheme = target.find("://");
  if (scheme == std::string_view::npos) return target;
  std::size_t path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? target : target.substr(path);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         text::equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

}  // namespace

Transaction::Transaction(const RuleSet& rules, SharedCollections& shared, Arena& arena, Facts facts)
    : Transaction(rules, nullptr, shared, arena, facts) {}

Transaction::Transaction(const Plan& plan, SharedCollections& shared, Arena& arena, Facts facts)
    : Transaction(*plan.rules, &plan, shared, arena, facts) {}

Transaction::Transaction(const RuleSet& rules, const Plan* plan, SharedCollections& shared,
                         Arena& arena, Facts facts)
    : rules_(rules),
      plan_(plan),
      shared_(shared),
      arena_(arena),
      facts_(facts),
      buffers_(Buffers::lend()),
      tx_(arena, std::move(buffers_->tx), plan != nullptr ? &plan->tx->values : nullptr),
      env_(arena),
      mode_(facts.mode.value_or(rules.settings.engine)),
      audit_mode_(rules.settings.audit_engine),
      audit_parts_(rules.settings.audit_parts) {
  surroundings_.geo = rules.settings.geo.get();
  if (facts.work) {
    work_.allow(*facts.work);
  } else {
    work_.allow(allowance().at_all);
  }
}

Transaction::~Transaction() { buffers_->tx = tx_.take(); }

bool Transaction::scans() const { return plan_ != nullptr && plan_->scanner != nullptr; }

const WorkAllowance& Transaction::allowance() const { return scans() ? kPlannedWork : kPlainWork; }

void Transaction::allow_work_for(std::size_t bytes) {
  if (facts_.work) return;
  work_.allow(allowance().for_byte * static_cast<std::int64_t>(bytes));
}

void Transaction::set_connection(std::string_view client, unsigned client_port,
                                 std::string_view server, unsigned server_port) {
  client_ = client;
  client_port_ = client_port;
  server_ = server;
  server_port_ = server_port;
}

void Transaction::set_request(std::string_view method, std::string_view uri,
                              std::string_view version) {
  method_ = method;
  uri_raw_ = uri;
  allow_work_for(uri.size());
  version_ = version;
  // Divided before it is decoded: what stands behind an encoded question mark is still path. A
  // fragment is not for a server.
  std::string_view target = uri.substr(0, uri.find('#'));
  uri_path_ = percent_decoded(target.substr(0, target.find('?')), arena_);
  uri_ = without_authority(percent_decoded(target, arena_));
  if (std::size_t mark = target.find('?'); mark != std::string_view::npos) {
    query_ = target.substr(mark + 1);
    FormBody query =
        parse_form(query_, rules_.settings.argument_separator, room_for_arguments(), arena_);
    bad_urlencoding_ = query.invalid_encoding;
    if (query.too_many && observer_ != nullptr) observer_->too_many_arguments();
    add_arguments(query.arguments, false);
  }
}

std::size_t Transaction::room_for_arguments() const {
  const std::size_t limit = rules_.settings.arguments_limit;
  const std::size_t taken = args_get_.size() + args_post_.size();
  return limit == 0 ? kNoLimit : limit - std::min(limit, taken);
}

void Transaction::add_arguments(const std::vector<Field>& fields, bool post) {
  const std::size_t limit = rules_.settings.arguments_limit;
  for (const Field& field : fields) {
    if (limit != 0 && args_get_.size() + args_post_.size() >= limit) return;
    (post ? args_post_ : args_get_).push_back(field);
    proven_.note(post ? http::Place::body : http::Place::query, field);
    arguments_size_ += field.name.size() + field.value.size();
  }
}

void Transaction::add_request_header(std::string_view name, std::string_view value) {
  request_headers_.push_back({.name = name, .value = value});
  allow_work_for(name.size() + value.size());
  proven_.note(http::Place::header, request_headers_.back());
  if (text::equals_ignoring_case(name, "authorization")) {
    auth_type_ = value.substr(0, value.find(' '));
  } else if (text::equals_ignoring_case(name, "cookie")) {
    const std::size_t known = cookies_.size();
    parse_cookies(value, cookies_);
    for (std::size_t i = known; i < cookies_.size(); ++i) {
      proven_.note(http::Place::cookie, cookies_[i]);
    }
  } else if (text::equals_ignoring_case(name, "host")) {
    host_ = value.substr(0, value.find(':'));
  } else if (text::equals_ignoring_case(name, "content-type")) {
    content_type_ = value;
    if (starts_with_ignoring_case(value, "multipart/form-data")) {
      set_processor(Processor::multipart);
    } else if (starts_with_ignoring_case(value, "application/x-www-form-urlencoded")) {
      set_processor(Processor::urlencoded);
    }
  }
}

void Transaction::request_headers() {
  asked_.set(1);
  claims_at_head_ = claims_.size();
  run_phase(1);
}

bool Transaction::wants_request_body() const {
  return mode_ != EngineMode::off &&
         request_body_access_.value_or(rules_.settings.request_body_access.value_or(true));
}

void Transaction::set_request_body(std::string_view body, bool complete) {
  const std::size_t limit = rules_.settings.request_body_limit;
  request_body_complete_ = complete && (limit == 0 || body.size() <= limit);
  request_body_given_ = true;
  full_request_.reset();
  inbound_error_ = !request_body_complete_;
  request_body_ = limit == 0 ? body : body.substr(0, limit);
  allow_work_for(request_body_.size());
  if (inbound_error_ && rules_.settings.request_body_limit_reject) {
    refuse_size("the request body is larger than the rules allow");
  }
}

void Transaction::request_body() {
  asked_.set(2);
  if (mode_ == EngineMode::off) return;
  body_done_ = true;
  take_body_apart();
  if (!wants_request_body()) return;
  request_body_for_rules_ = request_body_;
  run_phase(2);
}

void Transaction::set_response(unsigned status, std::string_view protocol) {
  status_ = status;
  response_protocol_ = protocol;
}

void Transaction::add_response_header(std::string_view name, std::string_view value) {
  response_headers_.push_back({.name = name, .value = value});
  allow_work_for(name.size() + value.size());
  if (text::equals_ignoring_case(name, "content-type")) {
    response_content_type_ = value.substr(0, value.find(';'));
  }
}

void Transaction::response_headers() {
  asked_.set(3);
  head_status_ = status_;
  run_phase(3);
}

bool Transaction::wants_response_body() const {
  if (mode_ == EngineMode::off) return false;
  if (!response_body_access_.value_or(rules_.settings.response_body_access)) return false;
  const std::vector<std::string>& types = rules_.settings.response_mime_types;
  return std::ranges::find(types, response_content_type_) != types.end();
}

void Transaction::set_response_body(std::string_view body, bool complete) {
  const std::size_t limit = rules_.settings.response_body_limit;
  response_body_given_ = true;
  outbound_error_ = !complete || (limit != 0 && body.size() > limit);
  response_body_ = limit == 0 ? body : body.substr(0, limit);
  allow_work_for(response_body_.size());
  if (outbound_error_ && rules_.settings.response_body_limit_reject) {
    refuse_size("the response body is larger than the rules allow");
  }
}

void Transaction::refuse_size(std::string_view reason) {
  if (mode_ != EngineMode::on || intervention_) return;
  intervention_ = {.status = 403, .redirect = {}, .drop = false, .rule = nullptr, .reason = reason};
}

void Transaction::response_body() {
  asked_.set(4);
  if (!wants_response_body()) return;
  response_body_done_ = true;
  run_phase(4);
}

void Transaction::logging() {
  asked_.set(5);
  run_phase(5);
}

}  // namespace sallyport::seclang
