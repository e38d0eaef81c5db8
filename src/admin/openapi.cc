// See openapi.h.
#include "admin/openapi.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <vector>

#include "admin/api/records.h"
#include "admin/routes.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/version.h"

namespace sallyport::admin {
namespace {

struct Parameter {
  std::string_view name;
  std::string_view schema;
  std::string_view description;
  bool required = false;
};

constexpr std::array kParameters = {
    Parameter{"limit", R"({"type":"integer","minimum":1,"maximum":1000,"default":100})",
              "How many records a page holds at most."},
    Parameter{"cursor", R"({"type":"string"})", "`next` of the page before."},
    Parameter{"name", R"({"type":"string"})", "Only the consumer of that name."},
    Parameter{"existing", R"({"enum":["refuse","skip"],"default":"refuse"})",
              "What becomes of a consumer whose name is taken."},
    Parameter{"consumer", R"({"type":"string"})", "Only those of the consumer with that id."},
    Parameter{"kind", R"({"enum":["token","subject","client"]})", "What `value` names.", true},
    Parameter{"value", R"({"type":"string"})", "The `jti`, subject or client.", true},
    Parameter{"method", R"({"type":"string"})", "Of the request.", true},
    Parameter{"url", R"({"type":"string"})", "Of the request.", true},
    Parameter{"client", R"({"type":"string"})", "Address that the request would come from."},
    Parameter{"header", R"({"type":"array","items":{"type":"string"}})",
              "Headers, as `Name: value`."},
    Parameter{"force", R"({"type":"boolean","default":false})",
              "Also if the file was changed and that is not in force; it is kept beside."},
    Parameter{"tls", R"({"type":"boolean"})", "Whether it would come over TLS."},
};

// What no record is.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kPlainSchemas = {
    {
        {"Any", R"({"type":"object"})"},
        {"Health",
         R"({"type":"object","properties":{"status":{"const":"alive"},"version":{"type":"string"},"build":{"type":"string"}},"required":["status","version","build"]})"},
        {"Readiness",
         R"({"type":"object","properties":{"ready":{"type":"boolean"},"revision":{"type":"integer"},"reasons":{"type":"array","items":{"type":"string"}},"notes":{"type":"array","items":{"type":"string"}}},"required":["ready","revision","reasons","notes"]})"},
        {"Configuration",
         R"({"type":"object","properties":{"revision":{"type":"integer"},"fingerprint":{"type":"string"},"file":{"type":"string"},"configuration":{"type":"object"}},"required":["revision","fingerprint","file","configuration"]})"},
        {"Reload",
         R"({"type":"object","properties":{"revision":{"type":"integer"},"findings":{"type":"object"}},"required":["revision"]})"},
        {"Text", R"({"type":"string"})"},
        {"ConfigRevision",
         R"({"type":"object","properties":{"number":{"type":"integer"},"loaded":{"type":"string","format":"date-time"},"actor":{"type":"string"},"why":{"type":"string"},"file":{"type":"string"},"fingerprint":{"type":"string"},"warnings":{"type":"integer"},"size":{"type":"integer","description":"Of the text, in bytes."},"in_force":{"type":"boolean"},"configuration":{"type":["object","null"],"description":"With its defaults; not in lists."}},"required":["number","loaded","actor","why","file","fingerprint","warnings","size","in_force"]})"},
        {"ConfigRevisionPage",
         R"({"type":"object","properties":{"kept":{"type":"boolean","description":"Whether they outlive the process."},"items":{"type":"array","items":{"$ref":"#/components/schemas/ConfigRevision"}},"next":{"type":["string","null"]}},"required":["kept","items","next"]})"},
        {"ConfigDiff",
         R"({"type":"object","properties":{"before":{"$ref":"#/components/schemas/ConfigRevision"},"after":{"$ref":"#/components/schemas/ConfigRevision"},"summary":{"type":"object","properties":{"changes":{"type":"array","items":{"type":"object","properties":{"path":{"type":"string"},"before":{"type":"string"},"after":{"type":"string"}},"required":["path"]}},"more":{"type":"integer"}},"required":["changes","more"]},"diff":{"type":"string","description":"As diff -u writes it."}},"required":["before","after","summary","diff"]})"},
        {"Lines", R"({"type":"string","description":"One NewConsumer a line."})"},
        {"Import",
         R"({"type":"object","properties":{"imported":{"type":"integer"},"skipped":{"type":"integer"}},"required":["imported","skipped"]})"},
        {"WhoAmI",
         R"({"type":"object","description":"Members that say nothing of this method are empty.","additionalProperties":false,"properties":{"method":{"enum":["token","certificate","oidc"]},"id":{"type":"string","description":"Public part of the token; subject of the certificate; `sub`."},"role":{"enum":["viewer","operator","security","admin"]},"name":{"type":"string","description":"Of the token."},"issuer":{"type":"string","description":"Of OpenID Connect."},"fingerprint":{"type":"string","description":"Of the certificate: SHA-256, hexadecimal."},"expires":{"type":["string","null"],"format":"date-time","description":"Of the token; null: never."}},"required":["method","id","role","name","issuer","fingerprint","expires"]})"},
        {"Problem",
         R"({"type":"object","description":"RFC 9457.","properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"code":{"type":"string","description":"Stable."},"detail":{"type":"string"}},"required":["type","title","status","code"]})"},
    }};

// What one may sign in with; any of them.
constexpr std::array<std::string_view, 3> kSchemes = {"token", "oidc", "certificate"};

std::string reference_to(std::string_view schema) {
  return R"({"$ref":"#/components/schemas/)" + std::string(schema) + "\"}";
}

void write_page_schema(JsonWriter& json, const std::string& name) {
  json.raw(name + "Page",
           R"({"type":"object","properties":{"items":{"type":"array","items":)" +
               reference_to(name) +
               R"(},"next":{"type":["string","null"]}},"required":["items","next"]})");
}

template <typename T>
void write_record_schemas(JsonWriter& json, const std::string& name, Members<T> members) {
  json.key(name);
  write_schema(members, json, std::nullopt);
  json.key("New" + name);
  write_schema(members, json, Occasion::making);
  if (std::ranges::any_of(members, [](const auto& each) { return each.who == Who::client; })) {
    json.key(name + "Patch");
    write_schema(members, json, Occasion::changing);
  }
  write_page_schema(json, name);
}

// A record with one member more, which is shown once.
template <typename T>
void write_issued_schema(JsonWriter& json, const std::string& name, Members<T> members,
                         std::string_view secret, bool always) {
  std::string plain;
  JsonWriter record(plain);
  write_schema(members, record, std::nullopt);
  constexpr std::string_view kProperties = R"("properties":{)";
  constexpr std::string_view kRequired = R"("required":[)";
  const std::string quoted = "\"" + std::string(secret) + "\"";
  plain.insert(plain.find(kProperties) + kProperties.size(),
               quoted + R"(:{"type":"string","description":"Shown here and never again."},)");
  if (always) plain.insert(plain.find(kRequired) + kRequired.size(), quoted + ",");
  json.raw("Issued" + name, plain);
}

void write_parameters(JsonWriter& json, const Route& route) {
  json.key("parameters").begin_array();
  std::string_view path = route.path;
  while (path.contains('{')) {
    path.remove_prefix(path.find('{') + 1);
    json.begin_object().string("name", path.substr(0, path.find('}'))).string("in", "path");
    json.boolean("required", true).raw("schema", R"({"type":"string"})").end_object();
  }
  for (std::string_view name : route.query) {
    const auto* known = std::ranges::find(kParameters, name, &Parameter::name);
    if (known == kParameters.end()) continue;
    json.begin_object().string("name", name).string("in", "query");
    json.string("description", known->description).boolean("required", known->required);
    json.raw("schema", known->schema).end_object();
  }
  if (route.method == "PATCH" || route.method == "DELETE") {
    json.begin_object().string("name", "If-Match").string("in", "header");
    json.string("description", "`ETag` of the record as it was read.");
    json.boolean("required", false).raw("schema", R"({"type":"string"})").end_object();
  }
  json.end_array();
}

void write_content(JsonWriter& json, std::string_view media_type, std::string_view schema) {
  json.key("content").begin_object().key(media_type).begin_object();
  json.raw("schema", reference_to(schema)).end_object().end_object();
}

void write_operation(JsonWriter& json, const Route& route) {
  json.key(text::to_lower(route.method)).begin_object();
  json.string("operationId", route.name).string("summary", route.summary);
  json.string("x-role", route.role ? name_of(*route.role) : "anyone");
  if (route.role_from_elsewhere) {
    json.string("x-role-from-elsewhere", name_of(*route.role_from_elsewhere));
  }
  json.key("security").begin_array();
  if (!route.role && route.role_from_elsewhere) json.raw("{}");
  if (route.role || route.role_from_elsewhere) {
    for (std::string_view scheme : kSchemes) json.raw("{\"" + std::string(scheme) + "\":[]}");
  }
  json.end_array();
  write_parameters(json, route);
  if (!route.request.empty()) {
    json.key("requestBody").begin_object();
    json.boolean("required", route.request != "Rotation" && route.request != "KeyRotation");
    write_content(json, route.request == "Lines" ? "application/jsonl" : "application/json",
                  route.request);
    json.end_object();
  }
  json.key("responses").begin_object();
  json.key(std::to_string(route.status)).begin_object().string("description", "Done.");
  if (!route.response.empty()) {
    write_content(json, route.response == "Text" ? "application/yaml" : "application/json",
                  route.response);
  }
  json.end_object();
  json.key("default").begin_object().string("description", "Refused, and why.");
  write_content(json, "application/problem+json", "Problem");
  json.end_object().end_object().end_object();
}

std::string write_document() {
  std::string text;
  JsonWriter json(text);
  json.begin_object().string("openapi", "3.1.0");
  json.key("info").begin_object().string("title", "Sallyport admin API");
  json.string("version", kVersion);
  json.string("description",
              "Roles, each of which may what those before it may: viewer, operator, security, "
              "admin. Times are RFC 3339. Lists come page by page: ask again with `cursor` until "
              "`next` is null.");
  json.end_object();
  std::map<std::string_view, std::vector<const Route*>> paths;
  for (const Route& route : routes()) paths[route.path].push_back(&route);
  json.key("paths").begin_object();
  for (const auto& [path, of_path] : paths) {
    json.key(path).begin_object();
    for (const Route* route : of_path) write_operation(json, *route);
    json.end_object();
  }
  json.end_object();
  json.key("components").begin_object();
  json.key("securitySchemes").begin_object();
  json.raw("token", R"({"type":"http","scheme":"bearer","description":"An admin token."})");
  json.raw(
      "oidc",
      R"({"type":"http","scheme":"bearer","bearerFormat":"JWT","description":"Of the OpenID Provider that `admin.oidc` names."})");
  json.raw(
      "certificate",
      R"({"type":"mutualTLS","description":"A client certificate that `admin.certificates` gives a role."})");
  json.end_object();
  json.key("schemas").begin_object();
  for (const auto& [name, schema] : kPlainSchemas) json.raw(name, schema);
  write_record_schemas(json, "Consumer", consumer_members());
  write_record_schemas(json, "Key", key_members());
  write_issued_schema(json, "Key", key_members(), "key", true);
  write_record_schemas(json, "Client", client_members());
  write_issued_schema(json, "Client", client_members(), "secret", false);
  write_record_schemas(json, "Revocation", revocation_members());
  write_record_schemas(json, "AdminToken", admin_token_members());
  write_issued_schema(json, "AdminToken", admin_token_members(), "token", true);
  json.key("SigningKey");
  write_schema(signing_key_members(), json, std::nullopt);
  write_page_schema(json, "SigningKey");
  json.key("KeyRotation");
  write_schema(key_rotation_members(), json, Occasion::making);
  json.key("Rotation");
  write_schema(rotation_members(), json, Occasion::making);
  json.end_object().end_object().end_object();
  return text;
}

}  // namespace

const std::string& openapi_document() {
  static const std::string document = write_document();
  return document;
}

}  // namespace sallyport::admin
