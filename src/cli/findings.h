// Diagnostics for people.
#pragma once

#include "cli/cli.h"
#include "schema/diagnostics.h"

namespace sallyport::cli {

// One line each, where they can be clicked on, severities in colour.
void print_findings(const schema::Diagnostics& diagnostics, Terminal& terminal);

}  // namespace sallyport::cli
