// Each adds its command to the program; the one that is named sets Session::action.
#pragma once

#include <memory>

#include "cli/cli.h"

namespace CLI {
class App;
}

namespace sallyport::cli {

void add_run(CLI::App& app, Session& session);
void add_init(CLI::App& app, Session& session);
void add_check(CLI::App& app, Session& session);
void add_explain(CLI::App& app, Session& session);
void add_reload(CLI::App& app, Session& session);
void add_config(CLI::App& app, Session& session);
void add_waf(CLI::App& app, Session& session);
void add_waf_test(CLI::App& family, Session& session);
void add_waf_ftw(CLI::App& family, Session& session);
void add_waf_rules(CLI::App& family, Session& session);
void add_tokens(CLI::App& app, Session& session);
void add_state(CLI::App& app, Session& session);
void add_state_copy(CLI::App& family, Session& session);
void add_state_rekey(CLI::App& family, Session& session);
void add_audit_log(CLI::App& app, Session& session);
void add_hash_password(CLI::App& app, Session& session);
void add_tokens_revocations(CLI::App& family, Session& session);
void add_consumers(CLI::App& app, Session& session);
void add_consumers_import(CLI::App& family, Session& session);
void add_keys(CLI::App& app, Session& session);
void add_clients(CLI::App& app, Session& session);
void add_signing_keys(CLI::App& app, Session& session);
void add_admin_tokens(CLI::App& app, Session& session);
void add_docs(CLI::App& app, Session& session);
void add_version(CLI::App& app, Session& session);

// All of them. `session` must outlive the result.
[[nodiscard]] std::shared_ptr<CLI::App> make_app(Session& session);

}  // namespace sallyport::cli
