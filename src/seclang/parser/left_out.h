// Directives of ModSecurity that are not here: those that change nothing about what rules decide
// are passed over, the others are errors.
#pragma once

#include <string_view>

#include "seclang/parser/report.h"

namespace sallyport::seclang {

enum class LeftOut { no, ignored, reported };

[[nodiscard]] LeftOut check_left_out(const Directive& directive, Report& report);

}  // namespace sallyport::seclang
