// What the handlers share: reading the query and the body, pages, preconditions, replies.
#pragma once

#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "admin/api/call.h"
#include "admin/api/members.h"
#include "admin/query.h"
#include "admin/reasons.h"
#include "base/base64url.h"
#include "json/document.h"

namespace sallyport::admin {

// UTF-8 without control characters, at most 512 bytes: what a database may be asked for.
[[nodiscard]] bool is_word(std::string_view text);

// The parameters of a query, each known and said once.
class Asked {
 public:
  // Beside `known` there may be `limit` and `cursor` where `pages`.
  [[nodiscard]] static std::expected<Asked, Reply> read(
      const Call& call, std::initializer_list<std::string_view> known, bool pages = false);
  [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
  [[nodiscard]] const store::PageQuery& page() const { return page_; }

 private:
  Parameters parameters_;
  store::PageQuery page_;
};

// The body as JSON; an empty one as an object without members where `may_be_empty`.
[[nodiscard]] std::expected<json::Document, Reply> read_json(const Call& call,
                                                             bool may_be_empty = false);

// A record as the body describes it.
template <typename T>
[[nodiscard]] std::expected<T, Reply> read_record(const Call& call, Members<T> members) {
  auto document = read_json(call);
  if (!document) return std::unexpected(std::move(document.error()));
  T record;
  if (auto wrong = read_members(members, document->root(), Occasion::making, record)) {
    return std::unexpected(problem(reasons::kInvalid, *wrong));
  }
  const std::string fault = grant_fault(call, members, Occasion::making, T{}, record);
  if (!fault.empty()) return std::unexpected(problem(reasons::kForbidden, fault));
  return record;
}

// Changes `record` as the body says (a merge patch, RFC 7396), if it is still the one that the
// client has read. The record as it was comes back.
template <typename T>
[[nodiscard]] store::Outcome<T> patch_record(Work& work, Members<T> members, json::Value body,
                                             T& record);

// Why the caller may not make `after` of `before`; empty: he may.
template <typename T>
[[nodiscard]] std::string grant_fault(const Call& call, Members<T> members, Occasion occasion,
                                      const T& before, const T& after) {
  if (call.actor.may(AdminRole::security)) return {};
  const std::string_view name = granted(members, occasion, before, after);
  if (name.empty()) return {};
  return "`" + std::string(name) + "` gives rights: that needs the role security; yours is " +
         std::string(name_of(call.actor.role)) + ".";
}

// False: the client wants to change another state of the record than this (RFC 9110 13.1.1).
[[nodiscard]] bool precondition_holds(const Call& call, std::string_view entity_tag);

[[nodiscard]] Reply no_content();

template <typename T>
[[nodiscard]] Reply record_reply(Members<T> members, const T& record, std::uint16_t status = 200) {
  Reply reply = json_reply(to_json(members, record), status);
  reply.fields.emplace_back("ETag", entity_tag_of(members, record));
  return reply;
}

// The record with one more member, which is never shown again.
[[nodiscard]] Reply secret_reply(std::string_view record, std::string_view name,
                                 std::string_view secret, std::uint16_t status = 201);

template <typename T>
[[nodiscard]] Reply page_reply(Members<T> members, const store::Page<T>& page) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("items").begin_array();
  for (const T& each : page.items) {
    json.begin_object();
    write_members(members, json, each);
    json.end_object();
  }
  json.end_array().key("next");
  if (page.next.empty()) {
    json.null();
  } else {
    json.string(base64url_encode(page.next));
  }
  json.end_object();
  return json_reply(std::move(text));
}

// ---- definitions ----

template <typename T>
store::Outcome<T> patch_record(Work& work, Members<T> members, json::Value body, T& record) {
  T before = record;
  if (!precondition_holds(work.call(), entity_tag_of(members, record))) {
    return work.refuse(reasons::kChangedMeanwhile);
  }
  if (auto wrong = read_members(members, body, Occasion::changing, record)) {
    return work.refuse(reasons::kInvalid, *wrong);
  }
  const std::string fault = grant_fault(work.call(), members, Occasion::changing, before, record);
  if (!fault.empty()) return work.refuse(reasons::kForbidden, fault);
  return before;
}

}  // namespace sallyport::admin
