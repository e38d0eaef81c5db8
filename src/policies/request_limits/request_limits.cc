// Refuses requests that are larger than an API has any use for: head, body, nesting of JSON.
//
// Looks at admission, before anything is spent on the request; what the listener accepts at all is
// limited before that. Bodies are counted as they stream by, never held. A JSON body that is
// compressed is not looked into.
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "policies/request_limits/json_depth.h"
#include "policy/exchange.h"
#include "policy/inspected_body.h"
#include "policy/policy.h"
#include "policy/registry.h"

namespace sallyport::policies {
namespace {

using request_limits_detail::JsonDepth;

struct Config {
  std::optional<schema::Size> request_line;
  std::optional<std::uint32_t> header_count;
  std::optional<schema::Size> header_bytes;
  std::optional<schema::Size> body;
  std::uint32_t json_depth = 64;
};

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

constexpr Reason kRequestLineTooLong{"request_limits.request_line_too_long", 414,
                                     "The request line is longer than this API accepts."};
constexpr Reason kTooManyHeaders{"request_limits.too_many_headers", 431,
                                 "The request has more headers than this API accepts."};
constexpr Reason kHeadersTooLarge{"request_limits.headers_too_large", 431,
                                  "The headers are larger than this API accepts."};
constexpr Reason kBodyTooLarge{"request_limits.body_too_large", 413,
                               "The body is larger than this API accepts."};
constexpr Reason kJsonTooDeep{"request_limits.json_too_deep", 400,
                              "The JSON body nests deeper than this API accepts."};

std::string over(std::uint64_t found, std::uint64_t limit) {
  return std::to_string(found) + " of at most " + std::to_string(limit);
}

// The line as it came: method, target and version.
std::uint64_t request_line_size(const http::Request& request) {
  constexpr std::string_view kRest = "  HTTP/1.1";
  return request.method.size() + request.path.size() + (request.has_query ? 1 : 0) +
         request.query.size() + kRest.size();
}

bool is_json(const http::Headers& headers) {
  std::string_view type = headers.get(http::HeaderId::content_type);
  type = text::trim(type.substr(0, type.find(';')));
  constexpr std::string_view kSuffix = "+json";
  if (type.size() > kSuffix.size() &&
      text::equals_ignoring_case(type.substr(type.size() - kSuffix.size()), kSuffix)) {
    return true;
  }
  return text::equals_ignoring_case(type, "application/json") ||
         text::equals_ignoring_case(type, "text/json");
}

class LimitedBody final : public InspectedBody {
 public:
  LimitedBody(Exchange& x, Phase phase, http::Body& source, std::uint64_t size,
              std::uint32_t json_depth)
      : InspectedBody(x, phase, source), size_(size), depth_(json_depth), json_(json_depth != 0) {}

 private:
  Verdict look(std::span<const std::byte> bytes, bool /*last*/) override {
    seen_ += bytes.size();
    if (seen_ > size_) return stop(kBodyTooLarge, over(seen_, size_));
    if (json_ && !depth_.scan(bytes)) {
      return stop(kJsonTooDeep, "within " + std::to_string(seen_) + " bytes");
    }
    return pass();
  }

  std::uint64_t seen_ = 0;
  std::uint64_t size_;
  JsonDepth depth_;
  bool json_;
};

class RequestLimits final : public Policy {
 public:
  explicit RequestLimits(const Config& config)
      : request_line_(config.request_line ? config.request_line->bytes : kUnlimited),
        header_count_(config.header_count ? *config.header_count : kUnlimited),
        header_bytes_(config.header_bytes ? config.header_bytes->bytes : kUnlimited),
        body_(config.body ? config.body->bytes : kUnlimited),
        json_depth_(config.json_depth) {}

  Task<Verdict> on_request(Exchange& x) const override {
    if (std::uint64_t size = request_line_size(x.request); size > request_line_) {
      return stop(kRequestLineTooLong, over(size, request_line_));
    }
    if (std::uint64_t count = x.request.headers.size(); count > header_count_) {
      return stop(kTooManyHeaders, over(count, header_count_));
    }
    if (header_bytes_ != kUnlimited) {
      if (std::uint64_t size = header_size(x.request.headers); size > header_bytes_) {
        return stop(kHeadersTooLarge, over(size, header_bytes_));
      }
    }
    return x.request.body == nullptr ? pass() : look_at_body(x);
  }

 private:
  // Fields for one hop count too: they came and were read.
  static std::uint64_t header_size(const http::Headers& headers) {
    std::uint64_t size = 0;
    constexpr std::string_view kAround = ": \r\n";
    for (const http::Field& field : headers) {
      size += field.name().size() + field.value().size() + kAround.size();
    }
    return size;
  }

  Verdict look_at_body(Exchange& x) const {
    const std::optional<std::uint64_t>& length = x.request.content_length;
    if (length && *length > body_) return stop(kBodyTooLarge, over(*length, body_));
    bool count = !length && body_ != kUnlimited;
    bool json =
        json_depth_ != 0 && is_json(x.request.headers) && !http::is_compressed(x.request.headers);
    if (count || json) {
      put_in_front<LimitedBody>(x, x.request.body, Phase::request_body, body_,
                                json ? json_depth_ : 0);
    }
    return pass();
  }

  const std::uint64_t request_line_;
  const std::uint64_t header_count_;
  const std::uint64_t header_bytes_;
  const std::uint64_t body_;
  const std::uint32_t json_depth_;
};

}  // namespace

PolicyType request_limits() {
  return define_policy<RequestLimits, Config>({
      .name = "request_limits",
      .stage = Stage::admission,
      .summary = "Refuses requests that are larger than the API has any use for.",
      .fields = {field("request_line", &Config::request_line,
                       "Bytes of the request line: method, path, query and version.")
                     .default_text("what the listener accepts"),
                 field("header_count", &Config::header_count, "Number of header lines.")
                     .default_text("what the listener accepts"),
                 field("header_bytes", &Config::header_bytes, "Bytes of all header lines together.")
                     .default_text("what the listener accepts"),
                 field("body", &Config::body, "Bytes of the body.").default_text("no limit"),
                 field("json_depth", &Config::json_depth,
                       "How deep objects and lists of a JSON body may nest; 0: not looked at.")
                     .range(0, 100'000)},
      .reasons = {kRequestLineTooLong, kTooManyHeaders, kHeadersTooLarge, kBodyTooLarge,
                  kJsonTooDeep},
      .example =
          R"({"request_line": "2KiB", "header_count": 50, "body": "10MiB", "json_depth": 32})",
  });
}

}  // namespace sallyport::policies
