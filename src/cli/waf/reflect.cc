#include "cli/waf/reflect.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/waf/base64.h"
#include "config/yaml_loader.h"

namespace sallyport::cli::waf {
namespace {

bool has(const WebResponse& response, std::string_view name) {
  return std::ranges::any_of(response.headers, [&](const Header& each) {
    return text::equals_ignoring_case(each.name, name);
  });
}

std::string scalar(const schema::Node& object, std::string_view key) {
  const schema::Node* found = object.find(key);
  return found != nullptr && found->is_scalar() ? found->text : std::string();
}

WebResponse bad_request(std::string text) {
  return {.status = 400,
          .headers = {{.name = "Content-Type", .value = "text/plain; charset=utf-8"}},
          .body = std::move(text)};
}

WebResponse answer(const std::string& specification) {
  schema::Diagnostics diagnostics;
  std::optional<schema::Node> tree = config::load_yaml(specification, "body", diagnostics);
  if (!tree || !tree->is_map() || diagnostics.has_errors()) {
    return bad_request("Invalid JSON in request body");
  }
  WebResponse response;
  if (std::string status = scalar(*tree, "status"); !status.empty()) {
    std::uint64_t number = text::to_number(status).value_or(1);
    if (number != 0 && (number < 100 || number >= 600)) {
      return bad_request("Invalid status code: " + status);
    }
    if (number != 0) response.status = static_cast<unsigned>(number);
  }
  if (const schema::Node* headers = tree->find("headers")) {
    for (const schema::Node::Entry& each : headers->entries) {
      response.headers.push_back({.name = each.key, .value = each.value.text});
    }
  }
  response.body = scalar(*tree, "body");
  if (response.body.empty()) {
    std::optional<std::string> decoded = decode_base64(scalar(*tree, "encodedBody"));
    if (!decoded) return bad_request("invalid base64 encoding of response body");
    response.body = std::move(*decoded);
  }
  if (!response.body.empty() && !has(response, "content-type")) {
    response.headers.push_back(
        {.name = "Content-Type", .value = std::string(sniffed_type(response.body))});
  }
  return response;
}

}  // namespace

std::string_view sniffed_type(std::string_view body) {
  constexpr std::size_t kLookedAt = 512;
  body = body.substr(0, kLookedAt);
  std::string_view text = body;
  text.remove_prefix(std::min(text.find_first_not_of("\t\n\x0C\r "), text.size()));
  constexpr std::array<std::string_view, 17> kHtml{"<!doctype html",
                                                   "<html",
                                                   "<head",
                                                   "<script",
                                                   "<iframe",
                                                   "<h1",
                                                   "<div",
                                                   "<font",
                                                   "<table",
                                                   "<a",
                                                   "<style",
                                                   "<title",
                                                   "<b",
                                                   "<body",
                                                   "<br",
                                                   "<p",
                                                   "<!--"};
  for (std::string_view tag : kHtml) {
    if (text.size() <= tag.size()) continue;
    char behind = text[tag.size()];
    if (text::equals_ignoring_case(text.substr(0, tag.size()), tag) &&
        (behind == ' ' || behind == '>')) {
      return "text/html; charset=utf-8";
    }
  }
  if (text.starts_with("<?xml")) return "text/xml; charset=utf-8";
  if (body.starts_with("%PDF-")) return "application/pdf";
  if (body.starts_with("GIF87a") || body.starts_with("GIF89a")) return "image/gif";
  if (body.starts_with("\x89PNG\r\n\x1A\n")) return "image/png";
  if (body.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  if (body.starts_with("\x1F\x8B\x08")) return "application/x-gzip";
  if (body.starts_with("PK\x03\x04")) return "application/zip";
  bool binary = std::ranges::any_of(body, [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte <= 0x08 || byte == 0x0B || (byte >= 0x0E && byte <= 0x1A) ||
           (byte >= 0x1C && byte <= 0x1F);
  });
  return binary ? "application/octet-stream" : "text/plain; charset=utf-8";
}

WebResponse reflect(const WebRequest& request) {
  std::string_view path = request.uri;
  path = path.substr(0, path.find('?'));
  bool asked = request.method == "POST" && (path == "/reflect" || path.starts_with("/reflect/"));
  WebResponse response = asked ? answer(request.body) : WebResponse{};
  response.headers.push_back(
      {.name = "Content-Length", .value = std::to_string(response.body.size())});
  return response;
}

}  // namespace sallyport::cli::waf
