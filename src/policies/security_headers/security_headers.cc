// Adds the response headers that make browsers careful with an API, and removes those that name the
// software behind it. On by default; refusals get them too.
//
// What the upstream says itself is kept unless told otherwise; it may know better.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/chars.h"
#include "policy/exchange.h"
#include "policy/policy.h"
#include "policy/registry.h"

namespace sallyport::policies {
namespace {

using http::HeaderId;

struct Config {
  std::string hsts = "max-age=31536000";
  std::string content_type_options = "nosniff";
  std::string frame_options = "DENY";
  std::string content_security_policy = "frame-ancestors 'none'";
  std::string referrer_policy = "no-referrer";
  std::string cross_origin_resource_policy = "same-origin";
  std::string cross_origin_opener_policy = "off";
  std::string permissions_policy = "off";
  bool override = false;
  std::vector<std::string> remove{"Server", "X-Powered-By", "X-AspNet-Version",
                                  "X-AspNetMvc-Version", "Via"};
};

class SecurityHeaders final : public Policy {
 public:
  explicit SecurityHeaders(const Config& config) : override_(config.override) {
    auto line = [this](HeaderId id, const std::string& value) {
      if (value != "off") lines_.push_back({.id = id, .value = value});
    };
    line(HeaderId::x_content_type_options, config.content_type_options);
    line(HeaderId::x_frame_options, config.frame_options);
    line(HeaderId::content_security_policy, config.content_security_policy);
    line(HeaderId::referrer_policy, config.referrer_policy);
    line(HeaderId::cross_origin_resource_policy, config.cross_origin_resource_policy);
    line(HeaderId::cross_origin_opener_policy, config.cross_origin_opener_policy);
    line(HeaderId::permissions_policy, config.permissions_policy);
    if (config.hsts != "off") hsts_ = config.hsts;

    for (const std::string& name : config.remove) {
      HeaderId id = http::header_id(name);
      if (id != HeaderId::unknown) {
        banners_.push_back(id);
      } else {
        other_banners_.push_back(name);
      }
    }
  }

  Task<Verdict> on_response(Exchange& x) const override {
    http::Headers& headers = x.response.headers;
    for (HeaderId id : banners_) {
      if (headers.maybe_has(id)) headers.remove(id);
    }
    if (headers.maybe_has(HeaderId::unknown)) remove_other_banners(headers);

    for (const Line& line : lines_) put(headers, line.id, line.value);
    // Over plain HTTP browsers must ignore it (RFC 6797 7.2).
    if (x.tls.on && !hsts_.empty()) put(headers, HeaderId::strict_transport_security, hsts_);
    return pass();
  }

 private:
  struct Line {
    HeaderId id;
    std::string value;
  };

  void put(http::Headers& headers, HeaderId id, std::string_view value) const {
    if (headers.maybe_has(id)) {
      if (!override_ && headers.find(id) != nullptr) return;
      headers.remove(id);
    }
    headers.add(id, value);
  }

  void remove_other_banners(http::Headers& headers) const {
    for (http::Field& field : headers) {
      if (field.id != HeaderId::unknown) continue;
      for (const std::string& name : other_banners_) {
        if (text::equals_ignoring_case(field.name(), name)) field.removed = true;
      }
    }
  }

  std::vector<Line> lines_;
  std::vector<HeaderId> banners_;
  std::vector<std::string> other_banners_;
  std::string hsts_;
  const bool override_;
};

// "max-age=N", then directives that are "includeSubDomains" or "preload".
std::string hsts_fault(const std::string& value) {
  if (value == "off") return {};
  std::string_view rest = value;
  bool has_age = false;
  while (!rest.empty()) {
    std::size_t semicolon = rest.find(';');
    std::string_view directive = text::trim(rest.substr(0, semicolon));
    rest.remove_prefix(semicolon == rest.npos ? rest.size() : semicolon + 1);
    if (!has_age && directive.starts_with("max-age=") && text::to_number(directive.substr(8))) {
      has_age = true;
    } else if (directive != "includeSubDomains" && directive != "preload") {
      return "'" + std::string(directive) +
             "' is not one of max-age=SECONDS, includeSubDomains, preload";
    }
  }
  return has_age ? std::string() : "needs max-age=SECONDS";
}

// Free text, but not a switch that was meant to be one.
std::string text_fault(const std::string& value) {
  for (std::string_view word : {"", "on", "yes", "no", "true", "false"}) {
    if (value == word) return "is neither a value for the header nor 'off'";
  }
  for (char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return "holds a control character";
  }
  return {};
}

std::string banner_fault(const std::string& name) {
  if (!http::is_token(name)) return "is no header name";
  switch (http::header_id(name)) {
    case HeaderId::connection:
    case HeaderId::content_length:
    case HeaderId::transfer_encoding:
    case HeaderId::trailer:
    case HeaderId::upgrade:
      return "belongs to the framing of the message, which is the gateway's";
    default:
      return {};
  }
}

schema::Fields<Config> fields() {
  return {
      field("hsts", &Config::hsts, "Strict-Transport-Security, sent over TLS only; or `off`.")
          .check(hsts_fault)
          .example("max-age=63072000; includeSubDomains; preload"),
      field("content_type_options", &Config::content_type_options,
            "X-Content-Type-Options, or `off`.")
          .one_of({"nosniff", "off"}),
      field("frame_options", &Config::frame_options, "X-Frame-Options, or `off`.")
          .one_of({"DENY", "SAMEORIGIN", "off"}),
      field("content_security_policy", &Config::content_security_policy,
            "Content-Security-Policy, or `off`.")
          .check(text_fault),
      field("referrer_policy", &Config::referrer_policy, "Referrer-Policy, or `off`.")
          .one_of({"no-referrer", "no-referrer-when-downgrade", "origin",
                   "origin-when-cross-origin", "same-origin", "strict-origin",
                   "strict-origin-when-cross-origin", "unsafe-url", "off"}),
      field("cross_origin_resource_policy", &Config::cross_origin_resource_policy,
            "Cross-Origin-Resource-Policy, or `off`.")
          .one_of({"same-origin", "same-site", "cross-origin", "off"}),
      field("cross_origin_opener_policy", &Config::cross_origin_opener_policy,
            "Cross-Origin-Opener-Policy, or `off`.")
          .one_of({"same-origin", "same-origin-allow-popups", "noopener-allow-popups",
                   "unsafe-none", "off"}),
      field("permissions_policy", &Config::permissions_policy, "Permissions-Policy, or `off`.")
          .check(text_fault),
      field("override", &Config::override,
            "Whether these values replace those that the upstream sends."),
      field("remove", &Config::remove, "Headers taken out of responses. `[]` keeps all.")
          .or_single()
          .check(banner_fault),
  };
}

}  // namespace

PolicyType security_headers() {
  return define_policy<SecurityHeaders, Config>({
      .name = "security_headers",
      .stage = Stage::transform,
      .summary = "Adds security headers to responses and removes those that name software.",
      .fields = fields(),
      .example = R"({"hsts": "max-age=31536000; includeSubDomains", "frame_options": "off"})",
  });
}

}  // namespace sallyport::policies
