// See admin_api.h.
#include "cli/callers/admin_api.h"

#include <algorithm>
#include <chrono>
#include <ostream>

#include "base/clock.h"
#include "base/text.h"
#include "cli/paint.h"
#include "json/text.h"
#include "schema/types.h"

namespace sallyport::cli {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::size_t kWidest = 40;

void print_rows(const std::vector<std::vector<std::string>>& rows, Terminal& terminal) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::min(std::max(widths[i], row[i].size()), kWidest);
    }
  }
  const Paint paint(terminal);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line;
    for (std::size_t k = 0; k < rows[i].size(); ++k) {
      line += k + 1 == rows[i].size() ? rows[i][k] : padded(rows[i][k], widths[k]) + "  ";
    }
    terminal.out << (i == 0 ? paint.bold(line) : line) << '\n';
  }
}

}  // namespace

AdminFlags::AdminFlags(Command& command)
    : AdminAccess(command), output(command.output({"text", "json"})) {}

std::optional<AdminApi> AdminApi::open(const AdminFlags& flags, Terminal& terminal) {
  auto client = AdminClient::find(flags, terminal);
  if (!client) return std::nullopt;
  return AdminApi(std::move(*client), *flags.output == "json", terminal);
}

std::optional<AdminAnswer> AdminApi::try_call(const std::string& method, const std::string& target,
                                              const std::optional<AdminBody>& body) {
  return client_.call(method, target, terminal_, body);
}

void AdminApi::report(const AdminAnswer& refused, std::string_view before) {
  const auto document = json::Document::parse(refused.body);
  terminal_.err << "sallyport: " << before;
  if (!document || document->root().text("title").empty()) {
    terminal_.err << "the gateway answered with status " << refused.status << ".\n";
    return;
  }
  terminal_.err << printable(std::string(document->root().text("title")));
  const std::string_view detail = document->root().text("detail");
  if (!detail.empty()) terminal_.err << ' ' << printable(detail);
  if (refused.status == 401) {
    terminal_.err << " Name a file with --token-file, or set " << kAdminTokenVariable << '.';
  }
  terminal_.err << '\n';
}

std::optional<AdminApi::Granted> AdminApi::call(const std::string& method,
                                                const std::string& target,
                                                const std::optional<AdminBody>& body) {
  std::optional<AdminAnswer> answer = try_call(method, target, body);
  if (!answer) return std::nullopt;
  if (answer->status < 200 || answer->status > 299) {
    report(*answer);
    return std::nullopt;
  }
  Granted granted{.body = std::move(answer->body), .document = std::nullopt};
  if (granted.body.empty()) return granted;
  auto document = json::Document::parse(granted.body, {.secret = true});
  if (!document || !document->root().is_object()) {
    terminal_.err << "sallyport: what answers there is no admin API.\n";
    return std::nullopt;
  }
  granted.document = std::move(*document);
  return granted;
}

bool AdminApi::for_each(const std::string& target, const std::function<void(json::Value)>& each) {
  const std::string first =
      target + (target.contains('?') ? "&" : "?") + "limit=" + std::to_string(kPage);
  std::string next;
  do {
    auto page = call("GET", next.empty() ? first : first + "&cursor=" + next);
    if (!page || !page->document) return false;
    const auto items = page->document->find("items");
    if (!items) return false;
    for (json::Value item : items->items()) each(item);
    next = text::percent_encoded(std::string(page->document->root().text("next")));
  } while (!next.empty());
  return true;
}

std::optional<std::string> AdminApi::consumer_id(const std::string& name_or_id) {
  auto found = call("GET", "/v1/consumers?name=" + text::percent_encoded(name_or_id));
  if (!found || !found->document) return std::nullopt;
  const auto items = found->document->find("items");
  if (items && items->size() == 1) {
    const auto id = (*items->items().begin()).find("id");
    return std::string(id ? id->string().value_or("") : "");
  }
  const std::string path = "/v1/consumers/" + text::percent_encoded(name_or_id);
  const auto by_id = try_call("GET", path, {});
  if (!by_id) return std::nullopt;
  if (by_id->status == 200) return name_or_id;
  terminal_.err << "sallyport: there is no consumer " << printable(name_or_id) << ".\n";
  return std::nullopt;
}

std::string value_text(json::Value value) {
  switch (value.kind()) {
    case json::Kind::null:
      return "-";
    case json::Kind::string:
      return value.string()->empty() ? "-" : printable(*value.string());
    case json::Kind::boolean:
      return *value.boolean() ? "yes" : "no";
    case json::Kind::array: {
      std::string text;
      for (json::Value each : value.items()) text += (text.empty() ? "" : ", ") + value_text(each);
      return text.empty() ? "-" : text;
    }
    default:
      return printable(json::to_text(value));
  }
}

std::string RecordFamily::path_of(const std::string& id) const {
  return place + text::percent_encoded(id);
}

void add_plain(CLI::App& app, Session& session, const RecordFamily& family, const std::string& name,
               const std::string& description, const std::string& method,
               const std::string& behind) {
  Command command(app, session, name, description);
  Value<std::string> id = command.argument(family.record, "ID", "Which one", true);
  const AdminFlags flags(command);
  command.examples({"sallyport " + family.name + " " + name + " " + family.example});
  command.action([=, &session] {
    auto api = AdminApi::open(flags, session.terminal);
    return api ? print_answer(*api, api->call(method, family.path_of(*id) + behind)) : kWrong;
  });
}

int print_list(AdminApi& api, const std::string& target,
               std::initializer_list<std::string_view> columns) {
  std::ostream& out = api.terminal().out;
  if (api.as_json()) {
    bool first = true;
    const bool complete = api.for_each(target, [&](json::Value record) {
      out << (std::exchange(first, false) ? "[" : ",\n ") << json::to_text(record);
    });
    if (!complete) return kWrong;
    out << (first ? "[]\n" : "]\n");
    return kFine;
  }
  std::vector<std::vector<std::string>> rows{{columns.begin(), columns.end()}};
  const bool complete = api.for_each(target, [&](json::Value record) {
    std::vector<std::string>& row = rows.emplace_back();
    for (std::string_view column : columns) {
      const auto value = record.find(column);
      row.push_back(value ? value_text(*value) : "-");
    }
  });
  if (!complete) return kWrong;
  print_rows(rows, api.terminal());
  return kFine;
}

int print_answer(AdminApi& api, const std::optional<AdminApi::Granted>& granted) {
  if (!granted) return kWrong;
  if (api.as_json()) {
    api.terminal().out << granted->body;
    return kFine;
  }
  if (!granted->document) return kFine;
  const Paint paint(api.terminal());
  for (const json::Member& member : granted->document->root().members()) {
    api.terminal().out << paint.faint(padded(member.name, 14)) << "  " << value_text(member.value)
                       << '\n';
  }
  return kFine;
}

std::optional<std::string> time_text(const std::string& text, Terminal& terminal) {
  if (text.empty() || parse_rfc3339(text)) return text;
  const auto duration = schema::parse_duration(text);
  if (!duration) {
    terminal.err << "sallyport: " << printable(text)
                 << " is neither a time such as 2027-01-31T12:00:00Z nor a duration such as 90d.\n";
    return std::nullopt;
  }
  std::string time(24, '\0');
  write_rfc3339(time.data(), wall_milliseconds() + duration->count());
  return time;
}

BodyWriter& BodyWriter::text(std::string_view name, const std::string& value) {
  if (!value.empty()) json_.string(name, value);
  return *this;
}

BodyWriter& BodyWriter::list(std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return *this;
  json_.key(name).begin_array();
  for (const std::string& value : values) json_.string(value);
  json_.end_array();
  return *this;
}

BodyWriter& BodyWriter::raw(std::string_view name, const std::string& json) {
  if (!json.empty()) json_.raw(name, json);
  return *this;
}

bool is_object(const std::string& text, std::string_view flag, Terminal& terminal) {
  if (text.empty()) return true;
  const auto document = json::Document::parse(text);
  if (document && document->root().is_object()) return true;
  terminal.err << "sallyport: " << flag << " is no JSON object.\n";
  return false;
}

}  // namespace sallyport::cli
