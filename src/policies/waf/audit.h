// The line that an exchange leaves in the audit log. Private to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/exchange.h"
#include "seclang/engine/transaction.h"

namespace sallyport::policies::waf_detail {

struct Audited {
  const seclang::Transaction& transaction;  // it is over
  std::string_view components;              // SecComponentSignature
  std::int64_t begun = 0;                   // seconds since the epoch
  std::string_view request_body;
  std::string_view response_body;
  bool bodies = false;  // they are written too
};

// Whether the rules want it there.
[[nodiscard]] bool is_relevant(const seclang::Transaction& transaction);

// In ModSecurity's JSON, with its line feed. Credentials are not written: neither such headers and
// cookies, nor what rules found in them; of bodies, without `bodies`, nothing but the arguments in
// which rules matched.
[[nodiscard]] std::string audit_line(Exchange& x, const Audited& audited);

}  // namespace sallyport::policies::waf_detail
