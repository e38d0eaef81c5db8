#include "policies/authenticate/protected_resource.h"

#include <algorithm>

#include "base/json_writer.h"
#include "policy/route.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;

constexpr std::string_view kScheme = "https://";
constexpr std::string_view kWellKnown = "/.well-known/oauth-protected-resource";

// Without the slash that a path of nothing else may end with: RFC 9728 section 3.1 removes it.
std::string_view path_of(std::string_view identifier) {
  const std::size_t slash = identifier.find('/', kScheme.size());
  if (slash == std::string_view::npos) return {};
  const std::string_view path = identifier.substr(slash);
  return path == "/" ? std::string_view{} : path;
}

// RFC 9728 section 1.2, and what fits into a challenge without an escape.
std::string identifier_fault(const std::string& identifier) {
  constexpr std::string_view kWhat = "has to be an https URL without query and fragment";
  if (!identifier.starts_with(kScheme) || identifier.size() == kScheme.size() ||
      identifier[kScheme.size()] == '/') {
    return std::string(kWhat);
  }
  const bool odd = std::ranges::any_of(identifier, [](char c) {
    return c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '?' || c == '#';
  });
  if (odd) return std::string(kWhat);
  std::string why;
  std::optional<PathTemplate> path =
      PathTemplate::parse(std::string(kWellKnown) + std::string(path_of(identifier)), &why);
  if (!path || path->prefix) return "has a path that no request can have";
  return std::ranges::any_of(path->segments, &PathTemplate::Segment::parameter)
             ? "has a path with a parameter"
             : std::string();
}

void list(JsonWriter& json, std::string_view name, std::span<const std::string> texts) {
  if (texts.empty()) return;
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

}  // namespace

schema::Fields<ResourceSettings> ResourceSettings::fields() {
  return {
      field("identifier", &ResourceSettings::identifier,
            "URL of the API as clients know it. Its metadata is answered at "
            "`/.well-known/oauth-protected-resource` with the path of this URL behind it.")
          .required()
          .check(identifier_fault)
          .example("https://api.example.com/orders"),
      field("authorization_servers", &ResourceSettings::authorization_servers,
            "Where clients get tokens from.")
          .or_single()
          .default_text("the issuers of `jwt`"),
      field("scopes", &ResourceSettings::scopes, "Scopes that clients may ask for.").or_single(),
      field("name", &ResourceSettings::name, "Name for people."),
      field("documentation", &ResourceSettings::documentation, "URL of a page for developers."),
  };
}

ProtectedResource::ProtectedResource(const ResourceSettings& settings,
                                     std::span<const Method* const> methods) {
  const std::string& identifier = settings.identifier;
  const std::string_view resource_path = path_of(identifier);
  path_ = std::string(kWellKnown) + std::string(resource_path);
  url_ = identifier.substr(0, identifier.find('/', kScheme.size())) + path_;

  std::vector<std::string> servers = settings.authorization_servers;
  bool bearer = false;
  for (const Method* method : methods) {
    if (settings.authorization_servers.empty()) {
      for (std::string& issuer : method->issuers()) {
        if (std::ranges::find(servers, issuer) == servers.end())
          servers.push_back(std::move(issuer));
      }
    }
    for (const Challenge& challenge : method->challenges()) bearer |= challenge.scheme == "Bearer";
  }
  JsonWriter json(document_);
  json.begin_object().string("resource", identifier);
  list(json, "authorization_servers", servers);
  list(json, "scopes_supported", settings.scopes);
  if (bearer) json.key("bearer_methods_supported").begin_array().string("header").end_array();
  if (settings.name) json.string("resource_name", *settings.name);
  if (settings.documentation) json.string("resource_documentation", *settings.documentation);
  json.end_object();
  document_ += '\n';
}

}  // namespace sallyport::policies::authenticate_detail
