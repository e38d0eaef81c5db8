// What the commands that manage callers share: their flags, calls to the admin API whose refusals
// are reported, records as tables for people and as JSON for scripts.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "cli/admin_client.h"
#include "cli/command.h"
#include "json/document.h"

namespace sallyport::cli {

struct AdminFlags : AdminAccess {
  explicit AdminFlags(Command& command);
  Value<std::string> output;
};

class AdminApi {
 public:
  // Nothing, which is reported, if there is no gateway to ask or no fit token.
  [[nodiscard]] static std::optional<AdminApi> open(const AdminFlags& flags, Terminal& terminal);

  // The answer of a request that was granted; nothing if it was not, which is reported.
  struct Granted {
    std::string body;
    std::optional<json::Document> document;  // nothing: the answer has no body
  };
  [[nodiscard]] std::optional<Granted> call(const std::string& method, const std::string& target,
                                            const std::optional<AdminBody>& body = {});
  // Like `call`, but an answer that is not granted comes back as it is, unreported.
  [[nodiscard]] std::optional<AdminAnswer> try_call(const std::string& method,
                                                    const std::string& target,
                                                    const std::optional<AdminBody>& body);
  void report(const AdminAnswer& refused, std::string_view before = {});

  // Calls `each` with every record of a list, page by page. False: a page was refused, which is
  // reported.
  [[nodiscard]] bool for_each(const std::string& target,
                              const std::function<void(json::Value)>& each);
  // The id of the consumer that is called so, or has that id; nothing, which is reported.
  [[nodiscard]] std::optional<std::string> consumer_id(const std::string& name_or_id);

  [[nodiscard]] bool as_json() const { return as_json_; }
  [[nodiscard]] Terminal& terminal() { return terminal_; }

 private:
  AdminApi(AdminClient client, bool as_json, Terminal& terminal)
      : client_(std::move(client)), as_json_(as_json), terminal_(terminal) {}

  AdminClient client_;
  bool as_json_;
  Terminal& terminal_;
};

// The commands about one kind of record.
struct RecordFamily {
  std::string name;     // "clients"
  std::string record;   // "client"
  std::string example;  // an id
  std::string place;    // "/v1/clients/"

  [[nodiscard]] std::string path_of(const std::string& id) const;
};

// A command that makes one request about one record: `method` on its path with `behind` after it.
void add_plain(CLI::App& app, Session& session, const RecordFamily& family, const std::string& name,
               const std::string& description, const std::string& method,
               const std::string& behind);

// Prints a list: a table of these members, or all of every record as JSON. The exit status.
[[nodiscard]] int print_list(AdminApi& api, const std::string& target,
                             std::initializer_list<std::string_view> columns);
// Prints what a request was answered: member by member, or as JSON. The exit status.
[[nodiscard]] int print_answer(AdminApi& api, const std::optional<AdminApi::Granted>& granted);

// A value in a line of text: lists with commas between them, "-" for what is not there.
[[nodiscard]] std::string value_text(json::Value value);

// A time such as the API takes: `text` itself, or so long from now ("90d"). Nothing, which is
// reported, if it is neither.
[[nodiscard]] std::optional<std::string> time_text(const std::string& text, Terminal& terminal);

// The body of a request, member by member; empty values and lists are left out.
class BodyWriter {
 public:
  BodyWriter() : json_(text_) { json_.begin_object(); }
  BodyWriter& text(std::string_view name, const std::string& value);
  BodyWriter& list(std::string_view name, const std::vector<std::string>& values);
  BodyWriter& raw(std::string_view name, const std::string& json);
  [[nodiscard]] AdminBody body() {
    json_.end_object();
    return {.bytes = std::move(text_)};
  }

 private:
  std::string text_;
  JsonWriter json_;
};

// Whether `text` is a JSON object; reported as the value of `flag` if it is not.
[[nodiscard]] bool is_object(const std::string& text, std::string_view flag, Terminal& terminal);

}  // namespace sallyport::cli
