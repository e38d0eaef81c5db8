// Tokens that are refused before they expire.
#include "admin/api/handlers.h"
#include "admin/api/records.h"
#include "admin/api/requests.h"

namespace sallyport::admin {
namespace {

using store::Outcome;
using store::Revocation;
using store::RevocationKind;

std::string object_of(RevocationKind kind, std::string_view value) {
  return "revocation/" + std::string(name_of(kind)) + "/" + std::string(value);
}

std::expected<RevocationKind, Reply> kind_in(const Asked& asked) {
  const auto kind = revocation_kind(asked.find("kind").value_or(""));
  if (!kind) {
    return std::unexpected(
        problem(reasons::kBadQuery, "`kind` is needed: token, subject or client."));
  }
  return *kind;
}

}  // namespace

Prepared list_revocations(const Call& call) {
  auto asked = Asked::read(call, {"kind"}, true);
  if (!asked) return std::unexpected(std::move(asked.error()));
  auto kind = kind_in(*asked);
  if (!kind) return std::unexpected(std::move(kind.error()));
  return [kind = *kind, query = asked->page()](Work& work) -> Outcome<Reply> {
    auto page = work.session().revocations.list(kind, query);
    if (!page) return store::fail(page);
    return page_reply(revocation_members(), *page);
  };
}

Prepared revoke_tokens(const Call& call) {
  auto wanted = read_record(call, revocation_members());
  if (!wanted) return std::unexpected(std::move(wanted.error()));
  return [wanted = std::move(*wanted)](Work& work) -> Outcome<Reply> {
    auto added = work.session().revocations.add(wanted);
    if (!added) return store::fail(added);
    work.record("revocation.add", object_of(added->kind, added->value),
                difference(revocation_members(), {}, *added));
    return json_reply(to_json(revocation_members(), *added), 201);
  };
}

Prepared remove_revocation(const Call& call) {
  auto asked = Asked::read(call, {"kind", "value"});
  if (!asked) return std::unexpected(std::move(asked.error()));
  auto kind = kind_in(*asked);
  if (!kind) return std::unexpected(std::move(kind.error()));
  auto value = asked->find("value");
  if (!value) return std::unexpected(problem(reasons::kBadQuery, "`value` is needed."));
  return [kind = *kind, value = std::move(*value)](Work& work) -> Outcome<Reply> {
    auto removed = work.session().revocations.remove(kind, value);
    if (!removed) return store::fail(removed);
    work.record("revocation.remove", object_of(kind, value));
    return no_content();
  };
}

}  // namespace sallyport::admin
