#include "policies/authenticate/signature/signature_base.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "http/chars.h"
#include "policies/authenticate/proof/client_uri.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using Component = std::expected<std::string, std::string>;

std::string path_of(const Exchange& x) {
  const std::string_view target = written_target(x);
  const std::string_view path = target.substr(0, target.find('?'));
  return path.empty() ? "/" : std::string(path);
}

std::string query_of(const Exchange& x) { return "?" + std::string(x.request.query); }

std::string scheme_of(const Exchange& x) { return client_uri(x).https ? "https" : "http"; }

// As forms encode it (RFC 9421 section 2.2.8).
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? text::hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? text::hex_digit(text[i + 2]) : -1;
    if (text[i] == '%' && high >= 0 && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Component query_parameter(std::string_view name, const Exchange& x) {
  const std::string wanted = decoded(name);
  std::optional<std::string> found;
  std::string_view rest = x.request.query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = pair.find('=');
    if (decoded(pair.substr(0, equals)) != wanted) continue;
    if (found) return std::unexpected("a query parameter that is covered is there twice");
    found = equals == std::string_view::npos ? "" : decoded(pair.substr(equals + 1));
  }
  if (!found) return std::unexpected("a query parameter that is covered is not there");
  return text::percent_encoded(*found, "*");
}

Component derived(std::string_view name, const http::FieldItem& item, const Exchange& x) {
  if (name == "@query-param") {
    const http::BareItem* which = http::find_parameter(item.parameters, "name");
    const std::optional<std::string> text = which != nullptr ? which->string() : std::nullopt;
    if (!text || item.parameters.size() != 1) {
      return std::unexpected("@query-param without the name of one");
    }
    return query_parameter(*text, x);
  }
  if (!item.parameters.empty()) {
    return std::unexpected("a component has parameters that are not understood");
  }
  if (name == "@method") return std::string(x.request.method);
  if (name == "@authority") return authority_of(x);
  if (name == "@scheme") return scheme_of(x);
  if (name == "@path") return path_of(x);
  if (name == "@query") return query_of(x);
  if (name == "@request-target") {
    return std::string(x.request.target.empty() ? x.request.path : x.request.target);
  }
  if (name == "@target-uri") {
    std::string uri = scheme_of(x) + "://" + authority_of(x) + path_of(x);
    return x.request.has_query ? uri + query_of(x) : uri;
  }
  return std::unexpected("a component that is covered is not known");
}

Component value_of(const http::FieldItem& item, const Exchange& x) {
  const std::optional<std::string> name = item.value.string();
  if (!name) return std::unexpected("the name of a component is no string");
  if (name->starts_with('@')) return derived(*name, item, x);
  if (!item.parameters.empty()) {
    return std::unexpected("a component has parameters that are not understood");
  }
  if (!http::is_token(*name) || *name != text::to_lower(*name)) {
    return std::unexpected("the name of a field is not in lower case");
  }
  std::optional<std::string> value = joined_field(x.request.headers, *name);
  if (!value) return std::unexpected("the field " + *name + " is covered, but not there");
  return *std::move(value);
}

}  // namespace

std::optional<std::string> joined_field(const http::Headers& headers, std::string_view name) {
  std::optional<std::string> joined;
  for (const http::Field& field : headers) {
    if (field.removed || !text::equals_ignoring_case(field.name(), name)) continue;
    const std::string_view value = text::trim(field.value());
    joined = joined ? *joined + ", " + std::string(value) : std::string(value);
  }
  return joined;
}

bool covers(const http::DictionaryMember& input, std::string_view component) {
  return std::ranges::any_of(input.items, [component](const http::FieldItem& item) {
    if (!item.parameters.empty()) return false;
    const std::string name = item.value.string().value_or("");
    if (name == component) return true;
    if (name == "@target-uri") {
      return component == "@scheme" || component == "@authority" || component == "@path" ||
             component == "@query";
    }
    return name == "@request-target" && (component == "@path" || component == "@query");
  });
}

std::expected<std::string, std::string> signature_base(const http::DictionaryMember& input,
                                                       const Exchange& x) {
  std::string base;
  std::vector<std::string> seen;
  for (const http::FieldItem& item : input.items) {
    std::string identifier;
    http::append_item(identifier, item);
    if (std::ranges::find(seen, identifier) != seen.end()) {
      return std::unexpected("a component is covered twice");
    }
    const Component value = value_of(item, x);
    if (!value) return std::unexpected(value.error());
    base += identifier + ": " + *value + "\n";
    seen.push_back(std::move(identifier));
  }
  base += "\"@signature-params\": ";
  http::append_list(base, input);
  return base;
}

}  // namespace sallyport::policies::authenticate_detail
