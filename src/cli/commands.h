// Each adds its command to the program and, when it is the one named, sets Session::action.
#pragma once

#include "cli/cli.h"

namespace sallyport::cli {

void add_run(CLI::App& app, Session& session);

}  // namespace sallyport::cli
