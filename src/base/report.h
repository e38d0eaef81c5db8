// Lines for the operator on standard error: one event, one line, what and where and what to do.
#pragma once

#include <string_view>

namespace sallyport {

enum class Severity : unsigned char { info, warning, error };

// Any thread; the line is written in one piece.
void report(Severity severity, std::string_view text);

}  // namespace sallyport
