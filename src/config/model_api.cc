// See model_api.h.
#include "config/model_api.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "config/or_off.h"
#include "config/words.h"
#include "policies/all.h"

namespace sallyport::config {

using schema::field;
using schema::Fields;

const std::vector<PolicyType>& known_policies() {
  static const std::vector<PolicyType> types = policies::all();
  return types;
}

bool on_by_default(const PolicyType& type) {
  constexpr std::array<std::string_view, 2> kNames{"request_limits", "security_headers"};
  return std::ranges::find(kNames, type.name) != kNames.end();
}

namespace model {

namespace {

std::vector<schema::FieldShape> make_policy_keys(bool outermost) {
  std::vector<schema::FieldShape> keys;
  for (const PolicyType& type : known_policies()) {
    schema::FieldShape key = type.field_shape();
    key.shape = or_off(std::move(key.shape));
    key.shape.optional = !(outermost && on_by_default(type));
    key.info.default_text = on_by_default(type) ? "on" : "off";
    if (!outermost) key.info.default_text = "what stands further out";
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

std::vector<schema::FieldShape> policy_keys(bool outermost) {
  static const std::vector<schema::FieldShape> outer = make_policy_keys(true);
  static const std::vector<schema::FieldShape> inner = make_policy_keys(false);
  return outermost ? outer : inner;
}

Fields<Rewrite> Rewrite::fields() {
  return {
      field("prefix", &Rewrite::prefix,
            "Replaces the path of the API at the beginning of the path sent upstream; `/` strips "
            "it.")
          .check([](const std::string& prefix) { return path_fault(prefix); })
          .example("/v2/orders"),
      field("host", &Rewrite::host, "`Host` sent upstream.")
          .check([](const std::string& host) { return authority_fault(host); })
          .default_text("the client's"),
  };
}

Fields<RouteTimeouts> RouteTimeouts::fields() {
  constexpr std::chrono::milliseconds kNone{0};
  constexpr std::chrono::milliseconds kWeek = std::chrono::hours(168);
  return {
      field("request", &RouteTimeouts::request,
            "For a whole request, from its headers to the last byte of the response; 0 is no "
            "limit.")
          .range(kNone, kWeek)
          .default_text("that of the top-level `timeouts`"),
      field("response", &RouteTimeouts::response,
            "From the end of a request to the headers of the upstream's response.")
          .range(std::chrono::milliseconds(10), kWeek)
          .default_text("that of the upstream"),
  };
}

Fields<RouteKeys> RouteKeys::fields() {
  Fields<RouteKeys> fields{
      field("methods", &RouteKeys::methods,
            "Methods that are served; others get 405. GET includes HEAD.")
          .or_single()
          .min_items(1)
          .check([](const std::string& method) { return method_fault(method); })
          .default_text("every method; for a route, those of its API"),
      field("public", &RouteKeys::is_public,
            "Says that anyone may call. Needed where no policy proves who is calling."),
      field("rewrite", &RouteKeys::rewrite, "What is changed on the way to the upstream."),
      field("timeouts", &RouteKeys::timeouts, "How long requests may take."),
      field("websocket", &RouteKeys::websocket, "Whether requests may become WebSockets.")
          .default_text("true"),
  };
  fields.rest(&RouteKeys::policies, [] { return policy_keys(false); });
  return fields;
}

Fields<Route> Route::fields() {
  Fields<Route> fields{
      field("path", &Route::path,
            "Path below that of the API. `{name}` stands for any one segment; a last segment `*` "
            "for everything below.")
          .required()
          .example("/{id}/invoice"),
      field("upstream", &Route::upstream, "Name of an upstream, or the URL of a single endpoint.")
          .default_text("that of the API"),
  };
  fields.inlined(&Route::keys);
  fields.named("Route", "A part of an API with rules of its own.");
  return fields;
}

Fields<Api> Api::fields() {
  Fields<Api> fields{
      field("hosts", &Api::hosts,
            "Names the API answers to: `api.example.com`, or `*.example.com` for everything below.")
          .or_single()
          .check([](const std::string& host) { return host_pattern_fault(host); })
          .default_text("every host"),
      field("path", &Api::path,
            "What paths of the API begin with. `{name}` stands for any one segment.")
          .example("/orders"),
      field("upstream", &Api::upstream, "Name of an upstream, or the URL of a single endpoint.")
          .required()
          .example("http://127.0.0.1:9000"),
      field("routes", &Api::routes,
            "Parts of the API with rules of their own; the API itself serves what they do not "
            "claim."),
  };
  fields.inlined(&Api::keys);
  fields.named("Api", "What is served below one path.");
  return fields;
}

}  // namespace model
}  // namespace sallyport::config
