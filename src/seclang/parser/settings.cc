// One row per directive: what it sets and which values it takes.
#include "seclang/parser/settings.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "base/text.h"
#include "seclang/geo_database.h"
#include "seclang/transformations/unicode_map.h"

namespace sallyport::seclang {
namespace {

struct Reading {
  const Directive& directive;
  Settings& settings;
  Files& files;
  bool& mime_types_given;
  Report& report;

  [[nodiscard]] const std::string& text() const { return directive.arguments.front().text(); }
  void refuse(const std::string& expected) const {
    report.error(directive.arguments.front().place(),
                 directive.name + ": \"" + text() + "\" is not " + expected);
  }
};

using Read = void (*)(const Reading& reading);

template <typename T>
struct Choice {
  std::string_view name;
  T value;
};

// nullopt: reported.
template <typename T, std::size_t N>
std::optional<T> choose(const Reading& reading, const std::array<Choice<T>, N>& choices) {
  std::string expected;
  for (const Choice<T>& choice : choices) {
    if (text::equals_ignoring_case(choice.name, reading.text())) return choice.value;
    if (!expected.empty()) expected += &choice == &choices.back() ? " or " : ", ";
    expected += choice.name;
  }
  reading.refuse(expected);
  return std::nullopt;
}

constexpr std::array<Choice<bool>, 2> kOnOff = {{{"On", true}, {"Off", false}}};
constexpr std::array<Choice<bool>, 2> kLimitAction = {
    {{"Reject", true}, {"ProcessPartial", false}}};
constexpr std::array<Choice<bool>, 2> kFormat = {{{"JSON", true}, {"Native", false}}};
constexpr std::array<Choice<bool>, 3> kLogType = {
    {{"Serial", false}, {"Parallel", true}, {"Concurrent", true}}};
constexpr std::array<Choice<EngineMode>, 3> kEngine = {
    {{"On", EngineMode::on},
     {"Off", EngineMode::off},
     {"DetectionOnly", EngineMode::detection_only}}};
constexpr std::array<Choice<AuditMode>, 3> kAudit = {
    {{"On", AuditMode::on}, {"Off", AuditMode::off}, {"RelevantOnly", AuditMode::relevant_only}}};
using XmlMode = ControlParseXmlIntoArgs::Mode;
constexpr std::array<Choice<XmlMode>, 3> kXmlIntoArgs = {
    {{"On", XmlMode::on}, {"Off", XmlMode::off}, {"OnlyArgs", XmlMode::only_args}}};

template <auto Member, const auto& Choices>
void read_choice(const Reading& reading) {
  auto value = choose(reading, Choices);
  if (!value) return;
  const auto chosen = *value;  // the member may be optional itself
  reading.settings.*Member = chosen;
}

template <auto Member>
void read_number(const Reading& reading) {
  auto& into = reading.settings.*Member;
  using T = std::remove_reference_t<decltype(into)>;
  auto number = text::to_number(reading.text());
  if (!number || *number > std::numeric_limits<T>::max()) {
    return reading.refuse("a number of 0 to " + std::to_string(std::numeric_limits<T>::max()));
  }
  into = static_cast<T>(*number);
}

template <auto Member>
void read_text(const Reading& reading) {
  reading.settings.*Member = reading.text();
}

void read_mime_types(const Reading& reading) {
  std::vector<std::string>& types = reading.settings.response_mime_types;
  if (!std::exchange(reading.mime_types_given, true)) types.clear();
  for (const Word& type : reading.directive.arguments) {
    if (std::ranges::find(types, type.text()) == types.end()) types.push_back(type.text());
  }
}

void clear_mime_types(const Reading& reading) {
  reading.mime_types_given = true;
  reading.settings.response_mime_types.clear();
}

void read_separator(const Reading& reading) {
  if (reading.text().size() != 1) return reading.refuse("a single character");
  reading.settings.argument_separator = reading.text().front();
}

void read_signature(const Reading& reading) {
  std::string& all = reading.settings.component_signature;
  all += (all.empty() ? "" : ", ") + reading.text();
}

void read_audit_parts(const Reading& reading) {
  if (reading.text().empty() ||
      reading.text().find_first_not_of("ABCDEFGHIJKZ") != std::string::npos) {
    return reading.refuse("a list of parts, such as ABIJDEFHZ");
  }
  reading.settings.audit_parts = reading.text();
}

void read_relevant_status(const Reading& reading) {
  auto regex = Regex::compile(reading.text(), {});
  if (!regex) return reading.refuse("a regular expression: " + regex.error());
  reading.settings.audit_relevant_status = std::make_shared<const Regex>(std::move(*regex));
}

void read_cookie_format(const Reading& reading) {
  if (reading.text() != "0") reading.refuse("0: cookies of version 1 are not understood");
}

// The path, which may hold blanks, and the code page.
void read_unicode_map(const Reading& reading) {
  const std::vector<Word>& words = reading.directive.arguments;
  auto complain = [&](const std::string& message) {
    reading.report.error(words.front().place(), reading.directive.name + ": " + message,
                         "write SecUnicodeMapFile unicode.mapping 20127");
  };
  auto code_page = text::to_number(words.back().text());
  if (words.size() < 2 || !code_page || *code_page > std::numeric_limits<unsigned>::max()) {
    return complain("\"" + words.back().text() + "\" is not the number of a code page");
  }
  std::string path = words.front().text();
  for (std::size_t i = 1; i + 1 < words.size(); ++i) path += " " + words[i].text();
  std::vector<std::string> found = reading.files.find(reading.report.file(), path);
  if (found.empty()) return complain("there is no file " + path);
  auto content = reading.files.read(found.front());
  if (!content) return complain(content.error());
  auto map = UnicodeMap::parse(*content, static_cast<unsigned>(*code_page));
  if (!map) return complain(path + ": " + map.error());
  reading.settings.unicode_map = std::move(*map);
}

void read_geo_database(const Reading& reading) {
  const std::string& path = reading.text();
  std::vector<std::string> found = reading.files.find(reading.report.file(), path);
  auto complain = [&](const std::string& message) {
    reading.report.error(reading.directive.arguments.front().place(),
                         reading.directive.name + ": " + message,
                         "name a database in MaxMind's format, such as GeoLite2-City.mmdb");
  };
  if (found.empty()) return complain("there is no file " + path);
  auto database = GeoDatabase::open(found.front());
  if (!database) return complain(database.error());
  reading.settings.geo = std::move(*database);
}

constexpr std::size_t kMany = 1000;

struct Row {
  std::string_view name;
  Read read;
  std::size_t least = 1;  // arguments
  std::size_t most = 1;
};

constexpr std::array kRows = std::to_array<Row>({
    {"SecArgumentSeparator", read_separator},
    {"SecArgumentsLimit", read_number<&Settings::arguments_limit>},
    {"SecAuditEngine", read_choice<&Settings::audit_engine, kAudit>},
    {"SecAuditLog", read_text<&Settings::audit_log>},
    {"SecAuditLogFormat", read_choice<&Settings::audit_json, kFormat>},
    {"SecAuditLogParts", read_audit_parts},
    {"SecAuditLogRelevantStatus", read_relevant_status},
    {"SecAuditLogStorageDir", read_text<&Settings::audit_storage_directory>},
    {"SecAuditLogType", read_choice<&Settings::audit_concurrent, kLogType>},
    {"SecCollectionTimeout", read_number<&Settings::collection_timeout>},
    {"SecComponentSignature", read_signature},
    {"SecCookieFormat", read_cookie_format},
    {"SecDataDir", read_text<&Settings::data_directory>},
    {"SecGeoLookupDb", read_geo_database},
    {"SecParseXmlIntoArgs", read_choice<&Settings::parse_xml_into_args, kXmlIntoArgs>},
    {"SecPcreMatchLimit", read_number<&Settings::pcre_match_limit>},
    {"SecRequestBodyAccess", read_choice<&Settings::request_body_access, kOnOff>},
    {"SecRequestBodyJsonDepthLimit", read_number<&Settings::json_depth_limit>},
    {"SecRequestBodyLimit", read_number<&Settings::request_body_limit>},
    {"SecRequestBodyLimitAction", read_choice<&Settings::request_body_limit_reject, kLimitAction>},
    {"SecRequestBodyNoFilesLimit", read_number<&Settings::request_body_no_files_limit>},
    {"SecResponseBodyAccess", read_choice<&Settings::response_body_access, kOnOff>},
    {"SecResponseBodyLimit", read_number<&Settings::response_body_limit>},
    {"SecResponseBodyLimitAction",
     read_choice<&Settings::response_body_limit_reject, kLimitAction>},
    {"SecResponseBodyMimeType", read_mime_types, 1, kMany},
    {"SecResponseBodyMimeTypesClear", clear_mime_types, 0, 0},
    {"SecRuleEngine", read_choice<&Settings::engine, kEngine>},
    {"SecUnicodeMapFile", read_unicode_map, 1, kMany},
    {"SecUploadFileLimit", read_number<&Settings::upload_file_limit>},
    {"SecWebAppId", read_text<&Settings::web_app_id>},
    {"SecXmlExternalEntity", read_choice<&Settings::xml_external_entity, kOnOff>},
});

}  // namespace

bool SettingsReader::read(const Directive& directive, Report& report) {
  auto same_name = [&](const Row& row) {
    return text::equals_ignoring_case(row.name, directive.name);
  };
  const auto* row = std::ranges::find_if(kRows, same_name);
  if (row == kRows.end()) return false;

  std::size_t count = directive.arguments.size();
  if (count < row->least || count > row->most) {
    std::string takes = row->most == 0   ? "no argument"
                        : row->most == 1 ? "one argument"
                                         : "one argument or more";
    report.error(directive.place,
                 directive.name + " takes " + takes + ", not " + std::to_string(count),
                 count > row->most ? "put an argument with blanks in double quotes" : "");
    return true;
  }
  row->read({.directive = directive,
             .settings = settings_,
             .files = files_,
             .mime_types_given = mime_types_given_,
             .report = report});
  return true;
}

std::vector<std::string_view> setting_names() {
  std::vector<std::string_view> names;
  names.reserve(kRows.size());
  for (const Row& row : kRows) names.push_back(row.name);
  return names;
}

}  // namespace sallyport::seclang
