// The keys that the token service signs with. The service itself sees every second what was done to
// them, on every node.
#include <algorithm>

#include "admin/api/handlers.h"
#include "admin/api/records.h"
#include "admin/api/requests.h"
#include "token_service/make_key.h"

namespace sallyport::admin {
namespace {

using store::Outcome;
using store::SigningKey;

constexpr std::int64_t kLongestNotice = 7LL * 24 * 3600;  // seconds
// What is published at one time stays few enough for everybody to read.
constexpr std::size_t kMostKeys = 32;

std::string object_of(std::string_view kid) { return "signing_key/" + std::string(kid); }

// Whether there may be another one now, which `in_seconds` says; why not, otherwise.
std::string why_not(const std::vector<SigningKey>& keys, std::int64_t in_seconds,
                    std::int64_t now) {
  if (keys.empty()) {
    return "The token service has made no signing keys yet: it makes them itself, once the "
           "configuration has `token_service`.";
  }
  if (keys.size() >= kMostKeys) {
    return "There are " + std::to_string(keys.size()) +
           " signing keys already: wait until tokens of the former ones have expired.";
  }
  const auto coming = std::ranges::find_if(
      keys, [now](const SigningKey& key) { return !key.retired && key.active_from > now; });
  if (in_seconds == 0 || coming == keys.end()) return {};
  return "The next key is published already: " + coming->kid +
         ". Wait until it signs, or let a new one sign at once (`in_seconds`: 0).";
}

Outcome<SigningKey> find(const Work& work, std::string_view kid) {
  auto keys = work.session().signing_keys.list();
  if (!keys) return store::fail(keys);
  auto found = std::ranges::find(*keys, kid, &SigningKey::kid);
  if (found != keys->end()) return std::move(*found);
  return store::fail(store::ErrorKind::not_found, "there is no signing key " + std::string(kid));
}

}  // namespace

Prepared list_signing_keys(const Call& call) {
  auto asked = Asked::read(call, {}, true);
  if (!asked) return std::unexpected(std::move(asked.error()));
  return [after = asked->page().after](Work& work) -> Outcome<Reply> {
    store::Page<SigningKey> page;
    auto keys = work.session().signing_keys.list();  // few: one page, and nothing behind it
    if (!keys) return store::fail(keys);
    if (after.empty()) page.items = std::move(*keys);
    return page_reply(signing_key_members(), page);
  };
}

Prepared rotate_signing_keys(const Call& call) {
  auto body = read_json(call, true);
  if (!body) return std::unexpected(std::move(body.error()));
  KeyRotation rotation;
  if (auto wrong = read_members(key_rotation_members(), body->root(), Occasion::making, rotation)) {
    return std::unexpected(problem(reasons::kInvalid, *wrong));
  }
  if (rotation.in_seconds < 0 || rotation.in_seconds > kLongestNotice) {
    return std::unexpected(problem(reasons::kInvalid, "`in_seconds` is not between 0 and a week."));
  }
  return [rotation](Work& work) -> Outcome<Reply> {
    auto keys = work.session().signing_keys.list();
    if (!keys) return store::fail(keys);
    const std::int64_t now = work.session().now();
    const std::string why = why_not(*keys, rotation.in_seconds, now);
    if (!why.empty()) return work.refuse(reasons::kConflict, why);
    // Like the newest one: it is for the algorithm that the configuration asks for.
    const auto algorithm = jose::algorithm_named(keys->front().algorithm);
    if (!algorithm) {
      return work.refuse(reasons::kConflict,
                         "The newest key is of an algorithm that this program "
                         "does not know.");
    }
    auto key = token_service::make_key(*algorithm);
    if (!key) return store::fail(store::ErrorKind::unavailable, std::move(key.error()));
    key->active_from = now + rotation.in_seconds * 1000;
    auto created = work.session().signing_keys.create(*key);
    if (!created) return store::fail(created);
    auto made = find(work, key->kid);
    if (!made) return store::fail(made);
    std::string detail;
    JsonWriter(detail)
        .begin_object()
        .string("algorithm", made->algorithm)
        .number("in_seconds", rotation.in_seconds)
        .end_object();
    work.record("signing_key.create", object_of(made->kid), detail);
    return json_reply(to_json(signing_key_members(), *made), 201);
  };
}

Prepared retire_signing_key(const Call& call) {
  return [kid = call.path[0]](Work& work) -> Outcome<Reply> {
    auto key = find(work, kid);
    if (!key) return store::fail(key);
    if (!key->retired) {
      auto retired = work.session().signing_keys.retire(kid);
      if (!retired) return store::fail(retired);
      key->retired = work.session().now();
      work.record("signing_key.retire", object_of(kid));
    }
    return json_reply(to_json(signing_key_members(), *key));
  };
}

Prepared remove_signing_key(const Call& call) {
  return [kid = call.path[0]](Work& work) -> Outcome<Reply> {
    auto removed = work.session().signing_keys.remove(kid);
    if (!removed) return store::fail(removed);
    work.record("signing_key.remove", object_of(kid));
    return no_content();
  };
}

}  // namespace sallyport::admin
