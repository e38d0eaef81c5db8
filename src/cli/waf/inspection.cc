#include "cli/waf/inspection.h"

#include <chrono>

#include "base/random.h"
#include "seclang/audit/error_line.h"

namespace sallyport::cli::waf {
namespace {

// Not loopback: rule sets let requests of the machine itself pass.
constexpr const char* kClient = "192.0.2.1";
constexpr const char* kServer = "192.0.2.2";
constexpr unsigned kClientPort = 40000;
constexpr unsigned kServerPort = 80;

std::string new_id() {
  static Random random;  // commands run on one thread
  std::string id(32, '0');
  write_hex(id.data(), random.next());
  write_hex(id.data() + 16, random.next());
  return id;
}

seclang::Transaction::Facts facts(const std::string& id) {
  using namespace std::chrono;
  return {
      .unique_id = id,
      .seconds = duration_cast<seconds>(system_clock::now().time_since_epoch()).count(),
      .microseconds = duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count()};
}

}  // namespace

Inspection::Inspection(const seclang::RuleSet& rules, seclang::SharedCollections& shared,
                       WebRequest request)
    : request_(std::move(request)),
      unique_id_(new_id()),
      transaction_(rules, shared, arena_, facts(unique_id_)) {}

void Inspection::inspect_request() {
  transaction_.set_connection(kClient, kClientPort, kServer, kServerPort);
  transaction_.set_request(request_.method, request_.uri, request_.version);
  for (const Header& each : request_.headers) {
    transaction_.add_request_header(each.name, each.value);
  }
  transaction_.request_headers();
  if (intervention()) return;
  if (transaction_.wants_request_body()) transaction_.set_request_body(request_.body);
  transaction_.request_body();
}

void Inspection::inspect_response(WebResponse response) {
  if (intervention()) return;
  response_ = std::move(response);
  protocol_ = "HTTP/1.1";
  transaction_.set_response(response_.status, protocol_);
  for (const Header& each : response_.headers) {
    transaction_.add_response_header(each.name, each.value);
  }
  transaction_.response_headers();
  if (intervention() || !transaction_.wants_response_body()) return;
  transaction_.set_response_body(response_.body);
  transaction_.response_body();
}

void Inspection::finish() { transaction_.logging(); }

std::vector<std::string> Inspection::lines() {
  std::vector<seclang::Value> uri = transaction_.values(seclang::Variable::request_filename);
  seclang::LineFacts known{.hostname = kServer,
                           .uri = uri.empty() ? std::string_view() : uri.front().text,
                           .unique_id = unique_id_,
                           .status = intervention() ? intervention()->status : 0};
  std::vector<std::string> lines;
  for (const seclang::Match& match : matches()) lines.push_back(error_line(match, known));
  return lines;
}

}  // namespace sallyport::cli::waf
