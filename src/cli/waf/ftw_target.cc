#include "cli/waf/ftw_target.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/random.h"
#include "base/text.h"
#include "cli/waf/inspection.h"
#include "cli/waf/reflect.h"

namespace sallyport::cli::waf {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAnswerPatience{3000};
constexpr milliseconds kLogPatience{3000};
constexpr milliseconds kLateLines{150};
constexpr milliseconds kBetweenLooks{2};

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

// Whether nothing more belongs to the answer. `head`: it is the answer to a HEAD request.
bool complete(const std::string& bytes, bool head) {
  std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  unsigned status = status_of(bytes);
  if (head || status == 204 || status == 304) return true;
  std::string fields = text::to_lower(std::string_view(bytes).substr(0, end + 2));
  if (fields.contains("\r\ntransfer-encoding:")) return bytes.ends_with("0\r\n\r\n");
  constexpr std::string_view kLength = "\r\ncontent-length:";
  std::size_t at = fields.find(kLength);
  if (at == std::string::npos) return false;
  at += kLength.size();
  std::string_view value = std::string_view(fields).substr(at, fields.find('\r', at) - at);
  std::optional<std::uint64_t> length = text::to_number(text::trim(value));
  return length && bytes.size() - end - 4 >= *length;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

Observed LocalTarget::send(const std::string& bytes) {
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

Observed RemoteTarget::exchange(const std::string& bytes) {
  Observed observed;
  PlainConnection connection;
  if (!connection.open(host_, port_, observed.error)) return observed;
  std::string answer;
  bool head = bytes.starts_with("HEAD ");
  // A gateway that refuses early may close before it has taken everything, so an answer counts
  // even if sending failed.
  bool sent = connection.send_all(bytes);
  auto deadline = std::chrono::steady_clock::now() + kAnswerPatience;
  while (!complete(answer, head)) {
    auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !connection.receive(answer, left)) break;
  }
  observed.status = status_of(answer);
  if (observed.status == 0) {
    observed.error = sent ? "the connection ended without one" : "the request was not taken";
  }
  return observed;
}

std::string RemoteTarget::log_from(std::size_t offset) const {
  std::ifstream stream(log_, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

bool RemoteTarget::mark(const std::string& marker, std::string& error) {
  Observed observed =
      exchange("GET /status/200?ftw=" + marker + " HTTP/1.1\r\nHost: localhost\r\n" +
               "Accept: */*\r\nUser-Agent: go-ftw test agent\r\nX-CRS-Test: " + marker +
               "\r\nConnection: close\r\n\r\n");
  if (observed.status == 0) {
    error = "the gateway does not answer: " + observed.error;
    return false;
  }
  auto deadline = std::chrono::steady_clock::now() + kLogPatience;
  while (!log_from(begin_).contains(marker)) {
    if (std::chrono::steady_clock::now() > deadline) {
      error = "the log does not have the marker: it must log the header X-CRS-Test or the query";
      return false;
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return true;
}

void RemoteTarget::collect(Observed& observed) const {
  observed.lines.clear();
  std::vector<std::string> lines = lines_of(log_from(begin_));
  std::size_t first = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].contains(id_ + "-s")) first = i + 1;
  }
  for (std::size_t i = first; i < lines.size(); ++i) {
    if (!lines[i].contains(id_)) observed.lines.push_back(lines[i]);
  }
}

Observed RemoteTarget::send(const std::string& bytes) {
  std::error_code ignored;  // no log yet: it begins at 0
  std::uintmax_t size = std::filesystem::file_size(log_, ignored);
  begin_ = ignored ? 0 : static_cast<std::size_t>(size);
  id_ = marker_id();
  Observed observed;
  if (!mark(id_ + "-s", observed.error)) return observed;
  observed = exchange(bytes);
  std::string error;
  if (!mark(id_ + "-e", error)) {
    return {.status = 0, .lines = {}, .error = error};
  }
  collect(observed);
  return observed;
}

bool RemoteTarget::look_again(Observed& observed) {
  std::size_t before = observed.lines.size();
  std::this_thread::sleep_for(kLateLines);
  collect(observed);
  return observed.lines.size() != before;
}

}  // namespace sallyport::cli::waf
