// API keys. The text of a key is in the answer to the request that made it, and nowhere else.
#include "admin/api/handlers.h"
#include "admin/api/record_handlers.h"
#include "admin/api/records.h"
#include "admin/api/requests.h"

namespace sallyport::admin {
namespace {

using store::ApiKey;
using store::Outcome;

constexpr std::int64_t kLongestOverlap = 366LL * 24 * 3600;  // seconds

constexpr RecordKind kKind{&store::Session::keys, key_members, "api_key"};

Reply issued_reply(const store::IssuedKey& issued) {
  Reply reply = secret_reply(to_json(key_members(), issued.key), "key", issued.text.view());
  reply.fields.emplace_back("ETag", entity_tag_of(key_members(), issued.key));
  reply.fields.emplace_back("Location", "/v1/keys/" + issued.key.id);
  return reply;
}

}  // namespace

Prepared list_keys(const Call& call) {
  auto asked = Asked::read(call, {"consumer"}, true);
  if (!asked) return std::unexpected(std::move(asked.error()));
  return [asked = std::move(*asked)](Work& work) -> Outcome<Reply> {
    auto page = work.session().keys.list(asked.page(), asked.find("consumer").value_or(""));
    if (!page) return store::fail(page);
    return page_reply(key_members(), *page);
  };
}

Prepared issue_key(const Call& call) {
  auto wanted = read_record(call, key_members());
  if (!wanted) return std::unexpected(std::move(wanted.error()));
  return [wanted = std::move(*wanted)](Work& work) -> Outcome<Reply> {
    if (wanted.expires && *wanted.expires <= work.session().now()) {
      return work.refuse(reasons::kInvalid, "`expires` has passed.");
    }
    auto issued = work.session().keys.issue(wanted);
    if (!issued) return store::fail(issued);
    work.record("api_key.issue", kKind.object_of(issued->key),
                difference(key_members(), {}, issued->key));
    return issued_reply(*issued);
  };
}

Prepared get_key(const Call& call) { return get_record(call, kKind); }

Prepared change_key(const Call& call) { return change_record(call, kKind); }

Prepared rotate_key(const Call& call) {
  auto body = read_json(call, true);
  if (!body) return std::unexpected(std::move(body.error()));
  Rotation rotation;
  if (auto wrong = read_members(rotation_members(), body->root(), Occasion::making, rotation)) {
    return std::unexpected(problem(reasons::kInvalid, *wrong));
  }
  if (rotation.overlap_seconds < 0 || rotation.overlap_seconds > kLongestOverlap) {
    return std::unexpected(
        problem(reasons::kInvalid, "`overlap_seconds` is not between 0 and a year."));
  }
  return [id = call.path[0], rotation](Work& work) -> Outcome<Reply> {
    auto issued = work.session().keys.rotate(id, rotation.overlap_seconds * 1000);
    if (!issued) return store::fail(issued);
    std::string detail;
    JsonWriter(detail)
        .begin_object()
        .string("new", issued->key.id)
        .number("overlap_seconds", rotation.overlap_seconds)
        .end_object();
    work.record("api_key.rotate", "api_key/" + id, detail);
    return issued_reply(*issued);
  };
}

Prepared revoke_key(const Call& call) {
  return [id = call.path[0]](Work& work) -> Outcome<Reply> {
    auto before = work.session().keys.get(id);
    if (!before) return store::fail(before);
    auto revoked = work.session().keys.revoke(id);
    if (!revoked) return store::fail(revoked);
    if (!before->revoked) work.record("api_key.revoke", kKind.object_of(*revoked));
    return record_reply(key_members(), *revoked);
  };
}

Prepared remove_key(const Call& call) { return remove_record(call, kKind); }

}  // namespace sallyport::admin
