// Explanations and decision trails for people.
#pragma once

#include "cli/cli.h"
#include "gateway/explain.h"
#include "schema/node.h"

namespace sallyport::cli {

void print_explanation(const gateway::Explanation& explanation, Terminal& terminal);

// `trail`: what the admin listener says about a request id.
void print_trail(const schema::Node& trail, Terminal& terminal);

}  // namespace sallyport::cli
