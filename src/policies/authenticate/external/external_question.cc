#include "policies/authenticate/external/external_question.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace sallyport::policies::authenticate_detail {
namespace {

constexpr std::array<std::string_view, 5> kPseudoNames = {":method", ":scheme", ":host", ":path",
                                                          ":address"};

// As the upstream gets it, which is what is decided about.
std::string target_of(const Exchange& x) {
  std::string target(x.request.path.starts_with('/') ? "" : "/");
  target += x.request.path;
  if (x.request.has_query) (target += '?') += x.request.query;
  return target;
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// With its length in front: what stands behind it cannot be taken for a part of it.
void append_part(std::string& key, std::string_view part) {
  ((key += std::to_string(part.size())) += ':') += part;
}

std::string pseudo_value(const Exchange& x, std::string_view name) {
  if (name == ":method") return std::string(x.request.method);
  if (name == ":scheme") return x.tls.on ? "https" : "http";
  if (name == ":path") return target_of(x);
  if (name == ":host") return std::string(x.request.authority);
  return std::string(x.client.text);
}

}  // namespace

bool ExternalQuestion::is_pseudo_name(std::string_view name) {
  return std::ranges::find(kPseudoNames, name) != kPseudoNames.end();
}

ExternalQuestion::ExternalQuestion(const ExternalAuthSettings& settings, const Service& service)
    : service_(service),
      contract_(settings.contract),
      method_(settings.method),
      prefix_(without_slash(service.url())),
      headers_(settings.headers),
      most_bytes_(settings.max_answer.bytes) {
  if (settings.body) headers_.emplace_back("Content-Type");
  std::ranges::sort(headers_);
  headers_.erase(std::ranges::unique(headers_).begin(), headers_.end());
  if (!settings.cache) return;
  key_ = settings.cache->key;
  if (!key_.empty()) return;
  key_ = headers_;
  key_.insert(key_.end(), kPseudoNames.begin(), kPseudoNames.end());
}

http::ClientRequest ExternalQuestion::about(const Exchange& x) const {
  http::ClientRequest request = service_.question();
  request.most_bytes = most_bytes_;
  if (contract_ == ExternalContract::ext_authz) {
    request.method = x.request.method;
    request.url = prefix_ + target_of(x);
    request.headers.push_back({.name = "Host", .value = std::string(x.request.authority)});
  } else {
    request.method = method_;
    request.headers.push_back(
        {.name = "X-Forwarded-Method", .value = std::string(x.request.method)});
    request.headers.push_back(
        {.name = "X-Forwarded-Host", .value = std::string(x.request.authority)});
    request.headers.push_back({.name = "X-Forwarded-Uri", .value = target_of(x)});
  }
  request.headers.push_back({.name = "X-Forwarded-Proto", .value = x.tls.on ? "https" : "http"});
  request.headers.push_back({.name = "X-Forwarded-For", .value = std::string(x.client.text)});
  add_fields(request, x);
  return request;
}

void ExternalQuestion::add_fields(http::ClientRequest& request, const Exchange& x) const {
  for (const http::Field& field : x.request.headers) {
    if (field.removed) continue;
    auto is_it = [&field](const std::string& name) {
      return text::equals_ignoring_case(name, field.name());
    };
    if (std::ranges::none_of(headers_, is_it)) continue;
    request.headers.push_back(
        {.name = std::string(field.name()), .value = std::string(field.value())});
  }
}

std::string ExternalQuestion::key_of(const Exchange& x) const {
  std::string key;
  for (const std::string& part : key_) {
    if (part.starts_with(':')) {
      append_part(key, pseudo_value(x, part));
      continue;
    }
    for (const http::Field& field : x.request.headers) {
      if (field.removed || !text::equals_ignoring_case(part, field.name())) continue;
      append_part(key, field.value());
    }
    key += ';';  // the next header begins
  }
  return key;
}

}  // namespace sallyport::policies::authenticate_detail
