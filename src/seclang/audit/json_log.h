// One transaction as a line of ModSecurity's JSON audit log:
// {"transaction":{...,"request":{},"response":{},"producer":{},"messages":[]}}.
//
// Which of it is written is said by the parts (SecAuditLogParts): A and Z always, B the request's
// headers, C its body, E the response's body, F its headers, H the rules that matched.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "seclang/bodies/body.h"
#include "seclang/engine/match.h"

namespace sallyport::seclang {

struct AuditRecord {
  std::string_view parts;
  std::int64_t seconds = 0;  // since the epoch, at its beginning
  std::string_view unique_id;
  std::string_view server_id;  // which gateway this is
  std::string_view client;
  unsigned client_port = 0;
  std::string_view server;
  unsigned server_port = 0;

  std::string_view method;
  std::string_view uri;      // as it stood in the request line
  std::string_view version;  // "1.1"
  std::span<const Field> request_headers;
  std::string_view request_body;

  unsigned status = 0;
  std::span<const Field> response_headers;
  std::string_view response_body;

  EngineMode mode = EngineMode::off;
  std::string_view components;  // Settings::component_signature
  // Those of rules with noauditlog are left out.
  std::span<const Match> matches;
};

// One line, its line feed included. Bytes that are not UTF-8 become \u00XX.
[[nodiscard]] std::string json_log(const AuditRecord& record);

}  // namespace sallyport::seclang
