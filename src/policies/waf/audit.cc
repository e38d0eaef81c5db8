#include "policies/waf/audit.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "policies/waf/request_line.h"
#include "seclang/audit/json_log.h"

namespace sallyport::policies::waf_detail {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::array<std::string_view, 4> kCredentials = {"authorization", "cookie",
                                                          "proxy-authorization", "set-cookie"};

bool is_credential(std::string_view header) {
  return std::ranges::any_of(kCredentials, [&](std::string_view each) {
    return text::equals_ignoring_case(each, header);
  });
}

std::vector<seclang::Field> masked(const http::Headers& headers) {
  std::vector<seclang::Field> fields;
  for (const http::Field& field : headers) {
    fields.push_back(
        {.name = field.name(), .value = is_credential(field.name()) ? kMask : field.value()});
  }
  return fields;
}

// Whether what stands in a variable is not to be written: "REQUEST_COOKIES:session".
bool is_secret(std::string_view variable, bool bodies) {
  const std::size_t colon = variable.find(':');
  const std::string_view collection = variable.substr(0, colon);
  const std::string_view key =
      colon == std::string_view::npos ? std::string_view{} : variable.substr(colon + 1);
  if (collection == "REQUEST_COOKIES") return true;
  if (collection == "REQUEST_HEADERS" || collection == "RESPONSE_HEADERS") {
    return is_credential(key);
  }
  constexpr std::array<std::string_view, 5> kBodies = {"REQUEST_BODY", "RESPONSE_BODY",
                                                       "FULL_REQUEST", "XML", "MULTIPART_PART"};
  return !bodies && std::ranges::any_of(kBodies, [&](std::string_view each) {
    return collection.starts_with(each);
  });
}

std::vector<seclang::Match> masked(std::vector<seclang::Match> matches, bool bodies) {
  for (seclang::Match& match : matches) {
    if (!is_secret(match.variable, bodies)) continue;
    match.value = kMask;
    if (!match.data.empty()) match.data = kMask;  // rules quote the value there
  }
  return matches;
}

}  // namespace

bool is_relevant(const seclang::Transaction& transaction) {
  if (transaction.audit_mode() == seclang::AuditMode::off) return false;
  if (transaction.audit_mode() == seclang::AuditMode::on) return true;
  return std::ranges::any_of(transaction.matches(),
                             [](const seclang::Match& match) { return match.rule->audit; });
}

std::string audit_line(Exchange& x, const Audited& audited) {
  const seclang::Transaction& transaction = audited.transaction;
  const std::vector<seclang::Field> request = masked(x.request.headers);
  const std::vector<seclang::Field> response = masked(x.response.headers);
  const std::vector<seclang::Match> matches = masked(transaction.matches(), audited.bodies);
  std::string parts(transaction.audit_parts());
  // "I" asks for the body too, without files.
  if (audited.bodies && parts.contains('I') && !parts.contains('C')) parts += 'C';
  if (!audited.bodies) std::erase_if(parts, [](char part) { return part == 'C' || part == 'E'; });
  return seclang::json_log({
      .parts = parts,
      .seconds = audited.begun,
      .unique_id = x.request_id_text(),
      .server_id = "sallyport",
      .client = x.client.text,
      .client_port = x.client.port,
      .server = server_of(x),
      .server_port = x.listener_port,
      .method = x.request.method,
      .uri = target_of(x),
      .version = version_of(x.request.version),
      .request_headers = request,
      .request_body = audited.request_body,
      .status = x.response.status,
      .response_headers = response,
      .response_body = audited.response_body,
      .mode = transaction.mode(),
      .components = audited.components,
      .matches = matches,
  });
}

}  // namespace sallyport::policies::waf_detail
