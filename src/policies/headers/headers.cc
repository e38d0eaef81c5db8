// Sets, removes and renames headers, on the way in and on the way out.
//
// Never those that frame a message or belong to one hop only: they are the gateway's, and two
// readers must not disagree about them. The Host header has its own setting (`rewrite`).
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/chars.h"
#include "policies/headers/value_template.h"
#include "policy/exchange.h"
#include "policy/policy.h"
#include "policy/registry.h"

namespace sallyport::policies {
namespace {

using headers_detail::ValueTemplate;
using http::HeaderId;

std::string name_fault(std::string_view name) {
  constexpr std::array kFraming{HeaderId::connection,
                                HeaderId::content_length,
                                HeaderId::expect,
                                HeaderId::http2_settings,
                                HeaderId::keep_alive,
                                HeaderId::proxy_connection,
                                HeaderId::te,
                                HeaderId::trailer,
                                HeaderId::transfer_encoding,
                                HeaderId::upgrade};
  if (!http::is_token(name)) return "'" + std::string(name) + "' is no header name";
  HeaderId id = http::header_id(name);
  if (id == HeaderId::host) return "'Host' is changed by `rewrite`, not here";
  for (HeaderId framing : kFraming) {
    if (id == framing) {
      return "'" + std::string(name) +
             "' belongs to the connection or to the framing of the message, which is the gateway's";
    }
  }
  return {};
}

// What is done to the headers of one direction.
struct Changes {
  schema::NamedList<std::string> rename;
  std::vector<std::string> remove;
  schema::NamedList<std::string> set;

  static void check(const Changes& changes, const schema::Node& /*node*/,
                    schema::Context& context) {
    schema::Diagnostics& diagnostics = context.diagnostics();
    auto check_name = [&](const schema::Where& where, std::string_view name) {
      std::string fault = name_fault(name);
      if (!fault.empty()) diagnostics.error(where, std::move(fault));
    };
    for (const schema::Named<std::string>& entry : changes.rename) {
      check_name(entry.where, entry.name);
      check_name(entry.where, entry.value);
      if (text::equals_ignoring_case(entry.name, entry.value)) {
        diagnostics.error(entry.where, "both names are the same: letter case does not count");
      }
    }
    for (const schema::Named<std::string>& entry : changes.set) {
      check_name(entry.where, entry.name);
      std::string fault = headers_detail::value_fault(entry.value);
      if (!fault.empty()) diagnostics.error(entry.where, std::move(fault));
    }
  }

  static schema::Fields<Changes> fields() {
    schema::Fields<Changes> table{
        field("rename", &Changes::rename,
              "Old names and their new ones. Where the old one is there, it replaces the new one."),
        field("remove", &Changes::remove, "Names to take out.").or_single().check(name_fault),
        field("set", &Changes::set,
              "Names and values; replaces every header of that name. Values may hold " +
                  headers_detail::placeholder_list() + "."),
    };
    return table.check(check);
  }
};

struct Config {
  Changes request;
  Changes response;
};

// Changes in the form that is applied.
class Rules {
 public:
  explicit Rules(const Changes& changes) : remove_(changes.remove) {
    for (const auto& entry : changes.rename) rename_.emplace_back(entry.name, entry.value);
    for (const auto& entry : changes.set) {
      set_.push_back({.name = entry.name, .value = ValueTemplate(entry.value)});
    }
  }

  void apply(http::Headers& headers, Exchange& x) const {
    for (const auto& [from, to] : rename_) rename(headers, from, to);
    for (const std::string& name : remove_) headers.remove(name);
    for (const Setting& setting : set_) headers.set(setting.name, setting.value.render(x));
  }

 private:
  struct Setting {
    std::string name;
    ValueTemplate value;
  };

  static void rename(http::Headers& headers, std::string_view from, std::string_view to) {
    if (headers.find(from) == nullptr) return;
    headers.remove(to);
    HeaderId id = http::header_id(from);
    // By position: adding may move the list.
    std::size_t count = headers.size();
    for (std::size_t i = 0; i < count; ++i) {
      const http::Field& field = headers.begin()[i];
      if (field.removed || field.id != id) continue;
      if (!text::equals_ignoring_case(field.name(), from)) continue;
      headers.add(to, field.value());
    }
    headers.remove(from);
  }

  std::vector<std::pair<std::string, std::string>> rename_;
  std::vector<std::string> remove_;
  std::vector<Setting> set_;
};

class HeaderChanges final : public Policy {
 public:
  explicit HeaderChanges(const Config& config)
      : request_(config.request), response_(config.response) {}

  Task<Verdict> on_request(Exchange& x) const override {
    request_.apply(x.request.headers, x);
    return pass();
  }
  Task<Verdict> on_response(Exchange& x) const override {
    response_.apply(x.response.headers, x);
    return pass();
  }

 private:
  const Rules request_;
  const Rules response_;
};

}  // namespace

PolicyType headers() {
  return define_policy<HeaderChanges, Config>({
      .name = "headers",
      .stage = Stage::transform,
      .summary = "Renames, then removes, then sets headers of the request and of the response.",
      .fields = {field("request", &Config::request, "What the upstream gets to see."),
                 field("response", &Config::response, "What the client gets to see.")},
      .example = R"({"request": {"set": {"X-Client": "{client.address}"}, "remove": ["X-Debug"]},
                    "response": {"rename": {"X-Internal-Id": "X-Order-Id"}}})",
  });
}

}  // namespace sallyport::policies
