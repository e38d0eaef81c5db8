#include "cli/waf/ftw_target.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <unordered_map>

#include "base/random.h"
#include "base/text.h"
#include "cli/plain_connection.h"
#include "cli/waf/inspection.h"
#include "cli/waf/reflect.h"

namespace sallyport::cli::waf {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswerPatience{3000};
constexpr milliseconds kLogPatience{5000};
constexpr milliseconds kLateLines{50};
constexpr milliseconds kBetweenLooks{10};
constexpr std::ptrdiff_t kWaitedFor = 50;  // of the last requests, whose lines may not be there yet

std::string marker_id() {
  static Random random;  // commands run on one thread
  std::string id(16, '0');
  write_hex(id.data(), random.next());
  return id;
}

// "HTTP/1.1 200 OK" to 200; 0: that is no answer.
unsigned status_of(const std::string& bytes) {
  if (!bytes.starts_with("HTTP/") || bytes.size() < 12) return 0;
  return static_cast<unsigned>(text::to_number(std::string_view(bytes).substr(9, 3)).value_or(0));
}

// A field of an answer's head; `name` in lower case.
std::string field(const std::string& bytes, std::string_view name) {
  std::istringstream head(bytes.substr(0, bytes.find("\r\n\r\n")));
  for (std::string line; std::getline(head, line);) {
    std::size_t colon = line.find(':');
    if (colon == std::string::npos || line.size() < 2) continue;
    if (!text::equals_ignoring_case(std::string_view(line).substr(0, colon), name)) continue;
    std::string_view value = std::string_view(line).substr(colon + 1);
    if (value.ends_with('\r')) value.remove_suffix(1);
    return std::string(text::trim(value));
  }
  return {};
}

// Whether nothing more belongs to the answer. `head`: it is the answer to a HEAD request.
bool complete(const std::string& bytes, bool head) {
  std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  unsigned status = status_of(bytes);
  if (head || status == 204 || status == 304) return true;
  if (!field(bytes, "transfer-encoding").empty()) return bytes.ends_with("0\r\n\r\n");
  std::optional<std::uint64_t> length = text::to_number(field(bytes, "content-length"));
  return length && bytes.size() - end - 4 >= *length;
}

// The id in a line of Sallyport's log.
std::string request_id_of(std::string_view line) {
  constexpr std::string_view kKey = "\"http.request.id\":\"";
  std::size_t at = line.find(kKey);
  if (at == std::string_view::npos) return {};
  at += kKey.size();
  return std::string(line.substr(at, line.find('"', at) - at));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

std::vector<Observed> LocalTarget::send(const std::vector<std::string>& requests) {
  std::vector<Observed> all;
  for (const std::string& bytes : requests) all.push_back(inspect(bytes));
  return all;
}

Observed LocalTarget::inspect(const std::string& bytes) const {
  // Of its own, so that what IP and the like remember of one test does not decide the next.
  seclang::SharedCollections shared;
  Inspection inspection(*rules_, shared, read_request(bytes));
  inspection.inspect_request();
  WebResponse response = reflect(inspection.request());
  unsigned refused = refused_with(bytes);
  Observed observed{.status = refused != 0 ? refused : response.status};
  inspection.inspect_response(std::move(response));
  inspection.finish();
  if (inspection.intervention()) {
    observed.status = static_cast<unsigned>(inspection.intervention()->status);
  }
  observed.lines = inspection.lines();
  return observed;
}

RemoteTarget::RemoteTarget(std::string host, std::uint16_t port, std::string log)
    : host_(std::move(host)), port_(port), log_(std::move(log)) {}

std::vector<Observed> RemoteTarget::send(const std::vector<std::string>& requests) {
  Answer first = mark(marker_id());
  if (first.status == 0) {
    return std::vector<Observed>(requests.size(), Observed{.error = first.error});
  }
  if (!first.id.empty()) return send_named(requests);
  std::vector<Observed> all;
  for (const std::string& bytes : requests) all.push_back(send_marked(bytes));
  return all;
}

RemoteTarget::Answer RemoteTarget::exchange(const std::string& bytes) const {
  Answer answer;
  PlainConnection connection;
  if (!connection.open(host_, port_, answer.error)) return answer;
  std::string received;
  bool head = bytes.starts_with("HEAD ");
  // A server that refuses early may close before it has taken everything, so an answer counts even
  // if sending failed.
  bool sent = connection.send_all(bytes);
  auto deadline = std::chrono::steady_clock::now() + kAnswerPatience;
  while (!complete(received, head)) {
    auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !connection.receive(received, left)) break;
  }
  answer.status = status_of(received);
  if (answer.status == 0) {
    answer.error = sent ? "the connection ended without one" : "the request was not taken";
  }
  answer.id = field(received, "x-request-id");
  return answer;
}

RemoteTarget::Answer RemoteTarget::mark(const std::string& marker) const {
  return exchange("GET /status/200?ftw=" + marker +
                  " HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: go-ftw test agent\r\n"
                  "X-CRS-Test: " +
                  marker + "\r\nConnection: close\r\n\r\n");
}

std::string RemoteTarget::log_from(std::size_t offset) const {
  std::ifstream stream(log_, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::size_t RemoteTarget::log_size() const {
  std::error_code error;  // no log yet: it begins at 0
  std::uintmax_t size = std::filesystem::file_size(log_, error);
  return error ? 0 : static_cast<std::size_t>(size);
}

bool RemoteTarget::logged(const std::string& text, std::size_t begin) const {
  auto deadline = std::chrono::steady_clock::now() + kLogPatience;
  while (!log_from(begin).contains(text)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return true;
}

std::vector<Observed> RemoteTarget::send_named(const std::vector<std::string>& requests) const {
  const std::size_t begin = log_size();
  std::vector<Observed> all;
  std::vector<Answer> answers;
  for (const std::string& bytes : requests) {
    answers.push_back(exchange(bytes));
    all.push_back({.status = answers.back().status, .lines = {}, .error = answers.back().error});
  }
  // Lines are written late and not in order: those of the last request may come before others.
  for (auto answer = answers.rbegin(); answer != answers.rend(); ++answer) {
    if (!answer->id.empty() && !logged(answer->id, begin)) break;
    if (answer - answers.rbegin() > kWaitedFor) break;
  }
  std::unordered_map<std::string, std::vector<std::string>> lines;
  for (std::string& line : lines_of(log_from(begin))) {
    std::string id = request_id_of(line);
    if (!id.empty()) lines[id].push_back(std::move(line));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!answers[i].id.empty()) all[i].lines = lines[answers[i].id];
  }
  return all;
}

Observed RemoteTarget::send_marked(const std::string& bytes) const {
  const std::string id = marker_id();
  const std::string unlogged =
      "the log does not have the marker: it must log the header X-CRS-Test, or the query";
  const std::size_t begin = log_size();
  Answer marked = mark(id + "-s");
  if (marked.status == 0) return {.error = marked.error};
  if (!logged(id + "-s", begin)) return {.error = unlogged};
  Answer answer = exchange(bytes);
  Answer end = mark(id + "-e");
  if (end.status == 0) return {.error = end.error};
  if (!logged(id + "-e", begin)) return {.error = unlogged};
  std::this_thread::sleep_for(kLateLines);
  Observed observed{.status = answer.status, .lines = {}, .error = answer.error};
  for (std::string& line : lines_of(log_from(begin))) {
    if (line.contains(id + "-s")) {
      observed.lines.clear();
    } else if (!line.contains(id)) {
      observed.lines.push_back(std::move(line));
    }
  }
  return observed;
}

}  // namespace sallyport::cli::waf
