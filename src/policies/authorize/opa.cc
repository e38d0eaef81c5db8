#include "policies/authorize/opa.h"

#include <algorithm>
#include <expected>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "http/chars.h"
#include "http/client.h"
#include "json/document.h"
#include "json/text.h"

namespace sallyport::policies::authorize_detail {
namespace {

using schema::field;
using Kind = OpaDecision::Kind;

constexpr std::size_t kLongestAnswer = std::size_t{256} << 10;

std::string decision_fault(const std::string& path) {
  if (path.empty() || path.starts_with('/') || path.ends_with('/') || path.contains("//")) {
    return "is a path of names with slashes between them, none at its ends";
  }
  const bool plain = std::ranges::all_of(
      path, [](char c) { return http::is(c, http::kUnreservedChar) || c == '/'; });
  return plain && !path.contains("..") ? std::string()
                                       : "may hold letters, digits, '-', '.', '_', '~' and '/'";
}

std::string header_fault(const std::string& name) {
  return http::is_token(name) ? std::string() : "is not a name that HTTP allows";
}

void write_list(JsonWriter& json, std::string_view name, std::span<const std::string_view> texts) {
  json.key(name).begin_array();
  for (std::string_view text : texts) json.string(text);
  json.end_array();
}

void write_segments(JsonWriter& json, std::string_view path) {
  json.key("segments").begin_array();
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    json.string(path.substr(0, end));
    path.remove_prefix(end);
  }
  json.end_array();
}

void write_identity(JsonWriter& json, const std::optional<Identity>& identity) {
  json.key("identity");
  if (!identity) {
    json.null();
    return;
  }
  json.begin_object()
      .string("method", identity->method)
      .string("consumer", identity->consumer)
      .string("subject", identity->subject)
      .string("issuer", identity->issuer)
      .string("client", identity->client)
      .string("strength", name_of(identity->strength));
  write_list(json, "scopes", identity->scopes);
  write_list(json, "roles", identity->roles);
  write_list(json, "groups", identity->groups);
  json.key("claims");
  if (identity->claims) {
    json::write(json, *identity->claims);
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace

schema::Fields<OpaSettings> OpaSettings::fields() {
  schema::Fields<OpaSettings> table{
      field("decision", &OpaSettings::decision,
            "Path of the rule that decides, below `/v1/data/`. Its value is true or false, or an "
            "object whose `allow` is. Whatever has no value is refused.")
          .required()
          .check(decision_fault)
          .example("httpapi/authz/allow"),
      field("headers", &OpaSettings::headers,
            "Headers of the request that it is told, as `input.request.headers`, their names in "
            "lower case.")
          .check(header_fault),
      field("cache", &OpaSettings::cache,
            "How long a decision about the same input is remembered. What the rules take from "
            "elsewhere, such as the time, is not part of it.")
          .range(std::chrono::milliseconds(100), std::chrono::hours(1))
          .default_text("every request is asked about"),
  };
  return table.inlined(&OpaSettings::service);
}

std::unique_ptr<const Opa> Opa::make(const schema::Marked<OpaSettings>& settings,
                                     schema::Context& context) {
  auto service = Service::make({.value = settings.value.service, .where = settings.where}, context);
  if (service == nullptr) return nullptr;
  return std::unique_ptr<const Opa>(new Opa(settings.value, std::move(service)));
}

Opa::Opa(const OpaSettings& settings, std::unique_ptr<const Service> service)
    : service_(std::move(service)),
      url_(service_->url() + (service_->url().ends_with('/') ? "" : "/") + "v1/data/" +
           settings.decision),
      headers_(settings.headers),
      cached_for_(settings.cache) {}

Task<OpaDecision> Opa::decide(Exchange& x) const {
  std::string question = question_about(x);
  if (cached_for_) {
    auto known =
        cache_.find(question, [](const Known& entry) { return entry.good_until > Clock::now(); });
    if (known != nullptr) return known->decision;
  }
  return asked(x, std::move(question));
}

Task<OpaDecision> Opa::asked(Exchange& x, std::string question) const {
  if (x.services == nullptr) co_return OpaDecision{.detail = "opa: nobody is there to ask"};
  http::ClientRequest request = service_->question();
  request.method = "POST";
  request.url = url_;
  request.most_bytes = kLongestAnswer;
  request.headers = {{.name = "Content-Type", .value = "application/json"},
                     {.name = "Accept", .value = "application/json"}};
  request.body = question;
  Task<std::expected<http::ClientResponse, std::string>> asking =
      x.services->send(std::move(request));
  auto answer = co_await asking;
  if (!answer) co_return OpaDecision{.detail = "opa: " + answer.error()};
  if (answer->status != 200) {
    co_return OpaDecision{.detail = "opa: " + url_ + " answers " + std::to_string(answer->status)};
  }
  OpaDecision decision = read(answer->body);
  if (cached_for_ && decision.kind != Kind::undecided) {
    cache_.put(question, std::make_shared<const Known>(Known{
                             .decision = decision, .good_until = Clock::now() + *cached_for_}));
  }
  co_return decision;
}

OpaDecision Opa::read(std::string_view answer) {
  auto document = json::Document::parse(answer);
  if (!document || !document->root().is_object()) {
    return {.detail = "opa: the answer is no JSON object"};
  }
  const std::optional<json::Value> result = document->find("result");
  if (!result) return {.kind = Kind::denied, .detail = "opa: the decision is undefined"};
  const std::optional<json::Value> allow = result->is_object() ? result->find("allow") : result;
  if (!allow) return {.kind = Kind::denied, .detail = "opa: the decision has no `allow`"};
  const std::optional<bool> allows = allow->boolean();
  if (!allows) return {.detail = "opa: the decision is neither true nor false"};
  if (*allows) return {.kind = Kind::allowed, .detail = {}};
  return {.kind = Kind::denied, .detail = "opa: the decision is false"};
}

std::string Opa::question_about(const Exchange& x) const {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("input").begin_object().key("request").begin_object();
  json.string("method", x.request.method)
      .string("scheme", x.tls.on ? "https" : "http")
      .string("host", x.request.host)
      .string("path", x.request.path);
  write_segments(json, x.request.path);
  json.string("query", x.request.query).string("address", x.client.text);
  json.key("headers").begin_object();
  for (const std::string& name : headers_) {
    std::optional<std::string> all;
    for (const http::Field& each : x.request.headers) {
      if (each.removed || !text::equals_ignoring_case(each.name(), name)) continue;
      all = all ? *all + ", " + std::string(each.value()) : std::string(each.value());
    }
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), text::lower);
    if (all) json.string(lower, *all);
  }
  json.end_object().end_object();
  write_identity(json, x.identity);
  json.end_object().end_object();
  return text;
}

}  // namespace sallyport::policies::authorize_detail
