// Each adds its command to the program; the one that is named sets Session::action.
#pragma once

#include "cli/cli.h"

namespace sallyport::cli {

void add_run(CLI::App& app, Session& session);
void add_init(CLI::App& app, Session& session);
void add_check(CLI::App& app, Session& session);
void add_explain(CLI::App& app, Session& session);
void add_reload(CLI::App& app, Session& session);
void add_docs(CLI::App& app, Session& session);
void add_version(CLI::App& app, Session& session);

}  // namespace sallyport::cli
