// Consumers, one by one and many at a time.
#include <algorithm>

#include "admin/api/handlers.h"
#include "admin/api/record_handlers.h"
#include "admin/api/records.h"
#include "admin/api/requests.h"

namespace sallyport::admin {
namespace {

using store::Consumer;
using store::Outcome;

constexpr std::size_t kMostImported = 10'000;
constexpr std::size_t kMostInAnEvent = 200;  // so that a line of the trail stays readable

constexpr RecordKind kKind{&store::Session::consumers, consumer_members, "consumer"};

std::string line_text(std::size_t line) { return "Line " + std::to_string(line) + ": "; }

// One consumer a line (https://jsonlines.org); empty lines are passed over.
std::expected<std::vector<Consumer>, Reply> read_lines(const Call& call) {
  std::string_view body = call.body;
  std::vector<Consumer> consumers;
  for (std::size_t line = 1; !body.empty(); ++line) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    std::string_view text = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) continue;
    if (consumers.size() == kMostImported) {
      return std::unexpected(
          problem(reasons::kInvalid, "There are more than 10,000 consumers in one request."));
    }
    const auto document = json::Document::parse(text);
    if (!document) {
      return std::unexpected(problem(reasons::kBadJson, line_text(line) + document.error()));
    }
    Consumer& consumer = consumers.emplace_back();
    if (auto wrong =
            read_members(consumer_members(), document->root(), Occasion::making, consumer)) {
      return std::unexpected(problem(reasons::kInvalid, line_text(line) + *wrong));
    }
    const std::string fault = grant_fault(call, consumer_members(), Occasion::making, {}, consumer);
    if (!fault.empty()) {
      return std::unexpected(problem(reasons::kForbidden, line_text(line) + fault));
    }
  }
  return consumers;
}

// Leaves out those whose name is taken, also by one before them.
Outcome<void> drop_known(const store::Session& session, std::vector<Consumer>& consumers) {
  Outcome<void> trouble;
  std::erase_if(consumers, [&](const Consumer& consumer) {
    if (!trouble) return false;
    auto found = session.consumers.find_by_name(consumer.name);
    if (!found && found.error().kind != store::ErrorKind::not_found) trouble = store::fail(found);
    return found.has_value();
  });
  return trouble;
}

void record_import(Work& work, const std::vector<Consumer>& consumers) {
  for (std::size_t i = 0; i < consumers.size(); i += kMostInAnEvent) {
    std::string detail;
    JsonWriter json(detail);
    json.begin_object().key("consumers").begin_object();
    const std::size_t end = std::min(i + kMostInAnEvent, consumers.size());
    for (std::size_t k = i; k < end; ++k) json.string(consumers[k].id, consumers[k].name);
    json.end_object().end_object();
    work.record("consumer.import", "consumers", detail);
  }
}

}  // namespace

Prepared list_consumers(const Call& call) {
  auto asked = Asked::read(call, {"name"}, true);
  if (!asked) return std::unexpected(std::move(asked.error()));
  return [asked = std::move(*asked)](Work& work) -> Outcome<Reply> {
    const auto& consumers = work.session().consumers;
    const auto name = asked.find("name");
    if (!name) {
      auto page = consumers.list(asked.page());
      if (!page) return store::fail(page);
      return page_reply(consumer_members(), *page);
    }
    store::Page<Consumer> page;
    auto found = consumers.find_by_name(*name);
    if (found) {
      page.items.push_back(std::move(*found));
    } else if (found.error().kind != store::ErrorKind::not_found) {
      return store::fail(found);
    }
    return page_reply(consumer_members(), page);
  };
}

Prepared create_consumer(const Call& call) {
  auto wanted = read_record(call, consumer_members());
  if (!wanted) return std::unexpected(std::move(wanted.error()));
  return [wanted = std::move(*wanted)](Work& work) -> Outcome<Reply> {
    auto made = work.session().consumers.create(wanted);
    if (!made) return store::fail(made);
    work.record("consumer.create", kKind.object_of(*made),
                difference(consumer_members(), {}, *made));
    Reply reply = record_reply(consumer_members(), *made, 201);
    reply.fields.emplace_back("Location", "/v1/consumers/" + made->id);
    return reply;
  };
}

Prepared import_consumers(const Call& call) {
  auto asked = Asked::read(call, {"existing"});
  if (!asked) return std::unexpected(std::move(asked.error()));
  const std::string existing = asked->find("existing").value_or("refuse");
  if (existing != "refuse" && existing != "skip") {
    return std::unexpected(
        problem(reasons::kBadQuery, "`existing` is neither `refuse` nor `skip`."));
  }
  if (call.media_type != "application/jsonl" && call.media_type != "application/x-ndjson") {
    return std::unexpected(problem(reasons::kMediaType, "Needed is application/jsonl."));
  }
  auto consumers = read_lines(call);
  if (!consumers) return std::unexpected(std::move(consumers.error()));
  return [consumers = std::move(*consumers),
          skip = existing == "skip"](Work& work) mutable -> Outcome<Reply> {
    const std::size_t given = consumers.size();
    if (skip) {
      auto dropped = drop_known(work.session(), consumers);
      if (!dropped) return store::fail(dropped);
    }
    auto made = work.session().consumers.create_all(consumers);
    if (!made) return store::fail(made);
    record_import(work, consumers);
    std::string body;
    JsonWriter json(body);
    json.begin_object().number("imported", consumers.size());
    json.number("skipped", given - consumers.size()).end_object();
    return json_reply(std::move(body));
  };
}

Prepared get_consumer(const Call& call) { return get_record(call, kKind); }

Prepared change_consumer(const Call& call) { return change_record(call, kKind); }

Prepared remove_consumer(const Call& call) { return remove_record(call, kKind); }

}  // namespace sallyport::admin
