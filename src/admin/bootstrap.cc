// See bootstrap.h.
#include "admin/bootstrap.h"

namespace sallyport::admin {

using store::Outcome;

Outcome<std::optional<store::IssuedAdminToken>> bootstrap(store::Store& store,
                                                          store::AuditTrail& trail) {
  using Made = std::optional<store::IssuedAdminToken>;
  return store
      .run([&trail](store::Session& session) -> Outcome<Made> {
        auto admins = session.admin_tokens.count_admins(session.now());
        if (!admins) return store::fail(admins);
        if (*admins != 0) return Made();
        auto issued =
            session.admin_tokens.issue({.name = "bootstrap", .role = store::AdminRole::admin});
        if (!issued) return store::fail(issued);
        auto written = trail
                           .append({.actor = "sallyport",
                                    .action = "admin_token.create",
                                    .object = "admin_token/" + issued->token.id,
                                    .detail = R"({"name":"bootstrap","role":"admin"})"})
                           .get();
        if (!written) return store::fail(written);
        return Made(std::move(*issued));
      })
      .get();
}

}  // namespace sallyport::admin
