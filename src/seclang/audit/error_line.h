// The line that a matching rule leaves in an error log, in the form that tools for ModSecurity's
// logs read.
//
// Quotes, backslashes and bytes that are not printable ASCII are written as escapes, so that what a
// client sends cannot pretend to be another field or another line.
#pragma once

#include <string>
#include <string_view>

#include "seclang/engine/match.h"

namespace sallyport::seclang {

// What a line says of the request.
struct LineFacts {
  std::string_view hostname;  // address of the server, or its name
  std::string_view uri;       // path, decoded, without the query
  std::string_view unique_id;
  int status = 403;  // with which a disruptive match ended the transaction
};

// `Matched "Operator `Rx' with parameter `...' against variable `ARGS:x' (Value: `...' )`, not
// escaped.
[[nodiscard]] std::string match_text(const Match& match);

// Without a line feed.
[[nodiscard]] std::string error_line(const Match& match, const LineFacts& facts);

}  // namespace sallyport::seclang
