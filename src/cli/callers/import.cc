// `sallyport consumers import`: many consumers from a file, in batches that are taken whole or not
// at all.
#include <algorithm>
#include <array>
#include <ostream>

#include "cli/callers/admin_api.h"
#include "cli/callers/csv.h"
#include "cli/commands.h"
#include "cli/input_file.h"
#include "cli/paint.h"

namespace sallyport::cli {
namespace {

constexpr std::size_t kMostLines = 5000;
constexpr std::size_t kMostBytes = 8UZ << 20;
constexpr std::array<std::string_view, 6> kColumns = {"name", "groups",   "roles",
                                                      "plan", "metadata", "disabled"};

// Consumers as lines of JSON, and where each came from.
struct Lines {
  std::string text;
  std::vector<std::size_t> origins;  // line in the file, from 1
};

// Sends what is collected, and counts.
class Importer {
 public:
  Importer(AdminApi& api, bool skip_existing) : api_(api), skip_existing_(skip_existing) {}

  [[nodiscard]] bool add(std::string_view line, std::size_t origin) {
    if (lines_.origins.size() == kMostLines || lines_.text.size() + line.size() > kMostBytes) {
      if (!send()) return false;
    }
    lines_.text.append(line).append("\n");
    lines_.origins.push_back(origin);
    return true;
  }
  [[nodiscard]] bool send() {
    if (lines_.origins.empty()) return true;
    const Lines lines = std::exchange(lines_, {});
    const auto answer = api_.try_call(
        "POST", std::string("/v1/consumers/import") + (skip_existing_ ? "?existing=skip" : ""),
        AdminBody{.bytes = lines.text, .media_type = "application/jsonl"});
    if (!answer) return false;
    const auto document = json::Document::parse(answer->body);
    if (answer->status == 200 && document) {
      imported_ += number_in(*document, "imported");
      skipped_ += number_in(*document, "skipped");
      return true;
    }
    api_.report(*answer, "in lines " + std::to_string(lines.origins.front()) + " to " +
                             std::to_string(lines.origins.back()) + " of the input: ");
    return false;
  }
  [[nodiscard]] std::int64_t imported() const { return imported_; }
  [[nodiscard]] std::int64_t skipped() const { return skipped_; }

 private:
  static std::int64_t number_in(const json::Document& document, std::string_view name) {
    const auto value = document.find(name);
    return value ? value->integer().value_or(0) : 0;
  }

  AdminApi& api_;
  bool skip_existing_;
  Lines lines_;
  std::int64_t imported_ = 0;
  std::int64_t skipped_ = 0;
};

bool import_lines(std::string_view text, Importer& importer) {
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.ends_with('\r')) one.remove_suffix(1);
    if (!one.empty() && !importer.add(one, line)) return false;
  }
  return importer.send();
}

std::vector<std::string> words_in(std::string_view field) {
  std::vector<std::string> words;
  while (!field.empty()) {
    const std::size_t end = std::min(field.find(';'), field.size());
    if (end != 0) words.emplace_back(field.substr(0, end));
    field.remove_prefix(std::min(end + 1, field.size()));
  }
  return words;
}

// The error is a sentence.
std::expected<std::string, std::string> json_of(const CsvReader::Record& names,
                                                const CsvReader::Record& fields) {
  BodyWriter body;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (names[i] == "name" || names[i] == "plan") {
      body.text(names[i], fields[i]);
    } else if (names[i] == "groups" || names[i] == "roles") {
      body.list(names[i], words_in(fields[i]));
    } else if (names[i] == "disabled") {
      if (fields[i] != "true" && fields[i] != "false" && !fields[i].empty()) {
        return std::unexpected("`disabled` is neither true nor false.");
      }
      body.raw("disabled", fields[i]);
    } else {
      const auto document = json::Document::parse(fields[i]);
      if (!fields[i].empty() && (!document || !document->root().is_object())) {
        return std::unexpected("`metadata` is no JSON object.");
      }
      std::string one_line = fields[i];
      std::ranges::replace(one_line, '\n', ' ');
      std::ranges::replace(one_line, '\r', ' ');
      body.raw("metadata", one_line);
    }
  }
  return body.body().bytes;
}

bool import_csv(std::string_view text, Importer& importer, Terminal& terminal) {
  const auto wrong = [&terminal](const std::string& sentence) {
    terminal.err << "sallyport: " << printable(sentence) << '\n';
    return false;
  };
  CsvReader reader(text);
  const auto names = reader.next();
  if (!names) return wrong(names.error());
  if (!*names || std::ranges::count(**names, "name") == 0) {
    return wrong("the first line must name the columns, `name` among them.");
  }
  for (const std::string& name : **names) {
    if (std::ranges::count(**names, name) > 1) return wrong("there are two columns " + name + ".");
    if (std::ranges::count(kColumns, name) == 0) {
      return wrong("there is no column " + name +
                   "; there are name, groups, roles, plan, metadata and disabled.");
    }
  }
  for (;;) {
    const auto record = reader.next();
    if (!record) return wrong(record.error());
    if (!*record) return importer.send();
    const auto line = json_of(**names, **record);
    if (!line) return wrong("Line " + std::to_string(reader.line()) + ": " + line.error());
    if (!importer.add(*line, reader.line())) return false;
  }
}

int import_file(const std::string& file, const std::string& form, bool skip_existing,
                const AdminFlags& flags, Terminal& terminal) {
  auto api = AdminApi::open(flags, terminal);
  const auto text = api ? read_input(file, terminal) : std::nullopt;
  if (!text) return kWrong;
  Importer importer(*api, skip_existing);
  const bool csv = form == "csv" || (form.empty() && file.ends_with(".csv"));
  const bool complete = csv ? import_csv(*text, importer, terminal) : import_lines(*text, importer);
  if (api->as_json()) {
    std::string out;
    JsonWriter(out)
        .begin_object()
        .number("imported", importer.imported())
        .number("skipped", importer.skipped())
        .boolean("complete", complete)
        .end_object();
    terminal.out << out << '\n';
  } else {
    terminal.out << importer.imported() << " consumers imported, " << importer.skipped()
                 << " skipped\n";
  }
  if (!complete && importer.imported() > 0) {
    terminal.err << "sallyport: what was imported stays; mend the input and go on with "
                    "--skip-existing.\n";
  }
  return complete ? kFine : kWrong;
}

}  // namespace

void add_consumers_import(CLI::App& family, Session& session) {
  Command command(family, session, "import", "Make the consumers that a file names");
  Value<std::string> file = command.argument(
      "file", "FILE", "JSON objects, one a line, or comma-separated values; - reads it", true);
  Value<std::string> form =
      command.choice("--format", {"jsonl", "csv"}, "How it is written (default: by its name)");
  Value<bool> skip = command.flag("--skip-existing", "Pass over consumers whose name is taken");
  const AdminFlags flags(command);
  command.examples({"sallyport consumers import partners.jsonl",
                    "sallyport consumers import --format csv --skip-existing - < partners.csv"});
  command.action(
      [=, &session] { return import_file(*file, *form, *skip, flags, session.terminal); });
}

}  // namespace sallyport::cli
