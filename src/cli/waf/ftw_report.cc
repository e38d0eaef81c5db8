#include "cli/waf/ftw_report.h"

#include <algorithm>
#include <ostream>

#include "base/json_writer.h"
#include "cli/paint.h"

namespace sallyport::cli::waf {
namespace {

constexpr std::size_t kColumn = 9;

std::string right(std::size_t number) {
  std::string text = std::to_string(number);
  return std::string(text.size() < kColumn ? kColumn - text.size() : 0, ' ') + text;
}

void print_counts(const FtwReport::Counts& counts, const Paint& paint, Terminal& terminal) {
  std::string failed = right(counts.failed);
  terminal.out << right(counts.total) << right(counts.passed)
               << (counts.failed > 0 ? paint.bad(failed) : failed) << right(counts.skipped) << '\n';
}

void write_counts(JsonWriter& json, const FtwReport::Counts& counts) {
  json.number("total", counts.total).number("passed", counts.passed);
  json.number("failed", counts.failed).number("skipped", counts.skipped);
}

}  // namespace

void FtwReport::add_passed(const FtwTest& test) {
  for (Counts* counts : {&groups[test.group], &all}) {
    ++counts->total;
    ++counts->passed;
  }
}

void FtwReport::add_skipped(const FtwTest& test) {
  for (Counts* counts : {&groups[test.group], &all}) {
    ++counts->total;
    ++counts->skipped;
  }
}

void FtwReport::add_failed(const FtwTest& test, std::vector<std::string> reasons) {
  for (Counts* counts : {&groups[test.group], &all}) {
    ++counts->total;
    ++counts->failed;
  }
  failures.push_back({.group = test.group, .test = test.name(), .reasons = std::move(reasons)});
}

void print_report(const FtwReport& report, Terminal& terminal) {
  Paint paint(terminal);
  for (const FtwFailure& failure : report.failures) {
    for (const std::string& reason : failure.reasons) {
      terminal.out << paint.bad("failed") << ' ' << padded(failure.test, 12) << printable(reason)
                   << '\n';
    }
  }
  if (!report.failures.empty()) terminal.out << '\n';
  std::size_t width = 5;
  for (const auto& [group, counts] : report.groups) width = std::max(width, group.size());
  terminal.out << padded("", width) << "    total   passed   failed  skipped\n";
  for (const auto& [group, counts] : report.groups) {
    terminal.out << padded(printable(group), width);
    print_counts(counts, paint, terminal);
  }
  terminal.out << paint.bold(padded("all", width));
  print_counts(report.all, paint, terminal);
  terminal.out << report.files << " files";
  if (report.overridden > 0) terminal.out << ", " << report.overridden << " tests overridden";
  terminal.out << '\n';
}

std::string to_json(const FtwReport& report) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  write_counts(json, report.all);
  json.number("files", report.files).number("overridden", report.overridden);
  json.key("groups").begin_object();
  for (const auto& [group, counts] : report.groups) {
    json.key(group).begin_object();
    write_counts(json, counts);
    json.end_object();
  }
  json.end_object().key("failures").begin_array();
  for (const FtwFailure& failure : report.failures) {
    json.begin_object().string("group", failure.group).string("test", failure.test);
    json.key("reasons").begin_array();
    for (const std::string& reason : failure.reasons) json.string(reason);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return text;
}

}  // namespace sallyport::cli::waf
