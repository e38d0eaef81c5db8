// The tokens of the admin API itself. Somebody can always make another one.
#include "admin/api/handlers.h"
#include "admin/api/record_handlers.h"
#include "admin/api/records.h"
#include "admin/api/requests.h"
#include "store/records/admin_role.h"

namespace sallyport::admin {
namespace {

using store::AdminToken;
using store::Outcome;

constexpr RecordKind kKind{&store::Session::admin_tokens, admin_token_members, "admin_token"};

// Whether `token` is the only one good now that may make others.
Outcome<bool> is_last_admin(const store::Session& session, const AdminToken& token) {
  const bool good = !token.revoked && (!token.expires || *token.expires > session.now());
  if (token.role != AdminRole::admin || !good) return false;
  auto count = session.admin_tokens.count_admins(session.now());
  if (!count) return store::fail(count);
  return *count <= 1;
}

}  // namespace

Prepared list_admin_tokens(const Call& call) {
  auto asked = Asked::read(call, {}, true);
  if (!asked) return std::unexpected(std::move(asked.error()));
  return [query = asked->page()](Work& work) -> Outcome<Reply> {
    auto page = work.session().admin_tokens.list(query);
    if (!page) return store::fail(page);
    return page_reply(admin_token_members(), *page);
  };
}

Prepared create_admin_token(const Call& call) {
  auto wanted = read_record(call, admin_token_members());
  if (!wanted) return std::unexpected(std::move(wanted.error()));
  return [wanted = std::move(*wanted)](Work& work) -> Outcome<Reply> {
    auto issued = work.session().admin_tokens.issue(wanted);
    if (!issued) return store::fail(issued);
    work.record("admin_token.create", kKind.object_of(issued->token),
                difference(admin_token_members(), {}, issued->token));
    Reply reply =
        secret_reply(to_json(admin_token_members(), issued->token), "token", issued->text.view());
    reply.fields.emplace_back("Location", "/v1/admin-tokens/" + issued->token.id);
    return reply;
  };
}

Prepared get_admin_token(const Call& call) { return get_record(call, kKind); }

Prepared revoke_admin_token(const Call& call) {
  return [id = call.path[0]](Work& work) -> Outcome<Reply> {
    auto before = work.session().admin_tokens.get(id);
    if (!before) return store::fail(before);
    auto last = is_last_admin(work.session(), *before);
    if (!last) return store::fail(last);
    if (*last) return work.refuse(reasons::kLastAdmin, "Make another one with the role admin.");
    auto revoked = work.session().admin_tokens.revoke(id);
    if (!revoked) return store::fail(revoked);
    if (!before->revoked) work.record("admin_token.revoke", kKind.object_of(*revoked));
    return record_reply(admin_token_members(), *revoked);
  };
}

}  // namespace sallyport::admin
