// Reading, changing and removing one record, alike for every kind that has an id and an entity tag.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "admin/api/requests.h"
#include "store/store.h"

namespace sallyport::admin {

// Where the store keeps records, what they hold, and what the audit trail calls them.
template <typename T, typename Repository>
struct RecordKind {
  const Repository store::Session::* repository;
  Members<T> (*members)();
  std::string_view name;  // "client"; actions are "client.update", objects "client/ID"

  [[nodiscard]] const Repository& in(const Work& work) const { return work.session().*repository; }
  [[nodiscard]] std::string action(std::string_view verb) const {
    return std::string(name).append(".").append(verb);
  }
  [[nodiscard]] std::string object_of(const T& record) const {
    return std::string(name).append("/").append(record.id);
  }
};

template <typename T, typename Repository>
[[nodiscard]] Prepared get_record(const Call& call, const RecordKind<T, Repository>& kind) {
  return [id = call.path[0], kind](Work& work) -> store::Outcome<Reply> {
    auto found = kind.in(work).get(id);
    if (!found) return store::fail(found);
    return record_reply(kind.members(), *found);
  };
}

template <typename T, typename Repository>
[[nodiscard]] Prepared change_record(const Call& call, const RecordKind<T, Repository>& kind) {
  auto body = read_json(call);
  if (!body) return std::unexpected(std::move(body.error()));
  return [id = call.path[0], body = std::move(*body), kind](Work& work) -> store::Outcome<Reply> {
    auto record = kind.in(work).get(id);
    if (!record) return store::fail(record);
    auto before = patch_record(work, kind.members(), body.root(), *record);
    if (!before) return store::fail(before);
    auto changed = kind.in(work).update(std::move(*record));
    if (!changed) return store::fail(changed);
    work.record(kind.action("update"), kind.object_of(*changed),
                difference(kind.members(), *before, *changed));
    return record_reply(kind.members(), *changed);
  };
}

template <typename T, typename Repository>
[[nodiscard]] Prepared remove_record(const Call& call, const RecordKind<T, Repository>& kind) {
  return [id = call.path[0], kind](Work& work) -> store::Outcome<Reply> {
    auto record = kind.in(work).get(id);
    if (!record) return store::fail(record);
    if (!precondition_holds(work.call(), entity_tag_of(kind.members(), *record))) {
      return work.refuse(reasons::kChangedMeanwhile);
    }
    auto removed = kind.in(work).remove(id);
    if (!removed) return store::fail(removed);
    work.record(kind.action("remove"), kind.object_of(*record),
                difference(kind.members(), *record, {}));
    return no_content();
  };
}

}  // namespace sallyport::admin
