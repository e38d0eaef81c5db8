// See routes.h.
#include "admin/routes.h"

#include "admin/api/handlers.h"
#include "admin/config_pages.h"
#include "admin/openapi.h"
#include "admin/pages.h"
#include "admin/query.h"

namespace sallyport::admin {
namespace {

constexpr auto kAnyone = std::nullopt;
constexpr AdminRole kViewer = AdminRole::viewer;
constexpr AdminRole kOperator = AdminRole::operate;
constexpr AdminRole kSecurity = AdminRole::security;
constexpr AdminRole kAdmin = AdminRole::admin;

constexpr std::size_t kRecord = 1UZ << 20;   // bytes
constexpr std::size_t kImport = 16UZ << 20;  // bytes

// Viewers read all but the tokens of the API itself; operators also reload, and change consumers
// but for what gives them rights (Member::grants); security also does that and deals with
// credentials; admins also make and revoke tokens of the API, and roll back: that changes the file,
// which a reload does not.
// clang-format off
constexpr std::array kRoutes = {
    // The gateway. Probes, and scrapers on this machine, need no token.
    Route{.method = "GET", .path = "/health", .name = "health", .summary = "Whether the process is alive", .role = kAnyone, .run = pages::health, .response = "Health"},
    Route{.method = "GET", .path = "/ready", .name = "ready", .summary = "Whether the gateway serves; 503 while it does not", .role = kAnyone, .run = pages::ready, .response = "Readiness"},
    Route{.method = "GET", .path = "/metrics", .name = "metrics", .summary = "The page that Prometheus reads; from other machines for viewers", .role = kAnyone, .run = pages::metrics, .role_from_elsewhere = kViewer},
    Route{.method = "GET", .path = "/v1/openapi.json", .name = "openapi", .summary = "This document", .role = kAnyone, .run = pages::openapi, .response = "Any"},
    Route{.method = "GET", .path = "/config", .name = "get_config", .summary = "The configuration in force, without secrets", .role = kViewer, .run = pages::configuration, .response = "Configuration"},
    Route{.method = "POST", .path = "/reload", .name = "reload", .summary = "Read the configuration again, and wait until it is in force or refused", .role = kOperator, .run = pages::reload, .response = "Reload"},
    Route{.method = "GET", .path = "/v1/config/revisions", .name = "list_revisions", .summary = "Configurations that were in force on this node, newest first", .role = kViewer, .run = pages::revisions, .response = "ConfigRevisionPage", .query = {"limit", "cursor"}},
    Route{.method = "GET", .path = "/v1/config/revisions/{number}", .name = "get_revision", .summary = "One of them, without secrets", .role = kViewer, .run = pages::revision, .response = "ConfigRevision"},
    Route{.method = "GET", .path = "/v1/config/revisions/{number}/text", .name = "get_revision_text", .summary = "One of them as it was written, comments included", .role = kAdmin, .run = pages::revision_text, .response = "Text"},
    Route{.method = "GET", .path = "/v1/config/revisions/{number}/diff/{other}", .name = "compare_revisions", .summary = "What differs between two of them, without secrets and comments", .role = kViewer, .run = pages::revision_diff, .response = "ConfigDiff"},
    Route{.method = "POST", .path = "/v1/config/revisions/{number}/rollback", .name = "roll_back", .summary = "Bring a former configuration into force and into the file", .role = kAdmin, .run = pages::roll_back, .response = "Reload", .query = {"force"}},
    Route{.method = "GET", .path = "/trails/{request_id}", .name = "get_trail", .summary = "What was decided about a request, and why", .role = kViewer, .run = pages::trail, .response = "Any"},
    Route{.method = "GET", .path = "/explain", .name = "explain", .summary = "What would be decided about a request", .role = kViewer, .run = pages::explain, .response = "Any", .query = {"method", "url", "client", "header", "tls"}},
    Route{.method = "GET", .path = "/v1/whoami", .name = "whoami", .summary = "Who asks, how that was proven, and his role", .role = kViewer, .run = pages::whoami, .response = "WhoAmI"},

    // Consumers.
    Route{.method = "GET", .path = "/v1/consumers", .name = "list_consumers", .summary = "Consumers, in the order of names", .role = kViewer, .handle = list_consumers, .response = "ConsumerPage", .query = {"name", "limit", "cursor"}},
    Route{.method = "POST", .path = "/v1/consumers", .name = "create_consumer", .summary = "Make a consumer", .role = kOperator, .handle = create_consumer, .status = 201, .most_bytes = kRecord, .request = "NewConsumer", .response = "Consumer"},
    Route{.method = "POST", .path = "/v1/consumers/import", .name = "import_consumers", .summary = "Make up to 10,000 consumers, one JSON object a line; all of them or none", .role = kOperator, .handle = import_consumers, .most_bytes = kImport, .request = "Lines", .response = "Import", .query = {"existing"}},
    Route{.method = "GET", .path = "/v1/consumers/{id}", .name = "get_consumer", .summary = "One consumer", .role = kViewer, .handle = get_consumer, .response = "Consumer"},
    Route{.method = "PATCH", .path = "/v1/consumers/{id}", .name = "change_consumer", .summary = "Change what the body names", .role = kOperator, .handle = change_consumer, .most_bytes = kRecord, .request = "ConsumerPatch", .response = "Consumer"},
    Route{.method = "DELETE", .path = "/v1/consumers/{id}", .name = "remove_consumer", .summary = "Remove a consumer, its keys and clients", .role = kSecurity, .handle = remove_consumer, .status = 204},

    // API keys.
    Route{.method = "GET", .path = "/v1/keys", .name = "list_keys", .summary = "API keys, of one consumer or of all", .role = kViewer, .handle = list_keys, .response = "KeyPage", .query = {"consumer", "limit", "cursor"}},
    Route{.method = "POST", .path = "/v1/keys", .name = "issue_key", .summary = "Issue a key; its text is in the answer and nowhere else", .role = kSecurity, .handle = issue_key, .status = 201, .most_bytes = kRecord, .request = "NewKey", .response = "IssuedKey"},
    Route{.method = "GET", .path = "/v1/keys/{id}", .name = "get_key", .summary = "One key", .role = kViewer, .handle = get_key, .response = "Key"},
    Route{.method = "PATCH", .path = "/v1/keys/{id}", .name = "change_key", .summary = "Change what the body names", .role = kSecurity, .handle = change_key, .most_bytes = kRecord, .request = "KeyPatch", .response = "Key"},
    Route{.method = "POST", .path = "/v1/keys/{id}/rotate", .name = "rotate_key", .summary = "Issue a key in the place of this one, which stays good for a while", .role = kSecurity, .handle = rotate_key, .status = 201, .most_bytes = kRecord, .request = "Rotation", .response = "IssuedKey"},
    Route{.method = "POST", .path = "/v1/keys/{id}/revoke", .name = "revoke_key", .summary = "Refuse the key from now on, for good", .role = kSecurity, .handle = revoke_key, .response = "Key"},
    Route{.method = "DELETE", .path = "/v1/keys/{id}", .name = "remove_key", .summary = "Forget the key altogether", .role = kSecurity, .handle = remove_key, .status = 204},

    // OAuth clients.
    Route{.method = "GET", .path = "/v1/clients", .name = "list_clients", .summary = "OAuth clients, of one consumer or of all", .role = kViewer, .handle = list_clients, .response = "ClientPage", .query = {"consumer", "limit", "cursor"}},
    Route{.method = "POST", .path = "/v1/clients", .name = "create_client", .summary = "Make a client; without a key or a certificate it is given a secret", .role = kSecurity, .handle = create_client, .status = 201, .most_bytes = kRecord, .request = "NewClient", .response = "IssuedClient"},
    Route{.method = "GET", .path = "/v1/clients/{id}", .name = "get_client", .summary = "One client", .role = kViewer, .handle = get_client, .response = "Client"},
    Route{.method = "PATCH", .path = "/v1/clients/{id}", .name = "change_client", .summary = "Change what the body names", .role = kSecurity, .handle = change_client, .most_bytes = kRecord, .request = "ClientPatch", .response = "Client"},
    Route{.method = "POST", .path = "/v1/clients/{id}/secret", .name = "issue_client_secret", .summary = "Give it a secret in the place of any it had", .role = kSecurity, .handle = issue_client_secret, .response = "IssuedClient"},
    Route{.method = "DELETE", .path = "/v1/clients/{id}", .name = "remove_client", .summary = "Remove a client", .role = kSecurity, .handle = remove_client, .status = 204},

    // Revocations.
    Route{.method = "GET", .path = "/v1/revocations", .name = "list_revocations", .summary = "Revocations of one kind", .role = kViewer, .handle = list_revocations, .response = "RevocationPage", .query = {"kind", "limit", "cursor"}},
    Route{.method = "POST", .path = "/v1/revocations", .name = "revoke_tokens", .summary = "Refuse a token, or those of a subject or client, before they expire", .role = kSecurity, .handle = revoke_tokens, .status = 201, .most_bytes = kRecord, .request = "NewRevocation", .response = "Revocation"},
    Route{.method = "DELETE", .path = "/v1/revocations", .name = "remove_revocation", .summary = "Take a revocation back", .role = kSecurity, .handle = remove_revocation, .status = 204, .query = {"kind", "value"}},

    // Keys of the token service.
    Route{.method = "GET", .path = "/v1/signing-keys", .name = "list_signing_keys", .summary = "Keys that tokens are signed with, newest first", .role = kViewer, .handle = list_signing_keys, .response = "SigningKeyPage", .query = {"limit", "cursor"}},
    Route{.method = "POST", .path = "/v1/signing-keys/rotate", .name = "rotate_signing_keys", .summary = "Make a new key, which is published now and signs later", .role = kSecurity, .handle = rotate_signing_keys, .status = 201, .most_bytes = kRecord, .request = "KeyRotation", .response = "SigningKey"},
    Route{.method = "POST", .path = "/v1/signing-keys/{kid}/retire", .name = "retire_signing_key", .summary = "Sign with it no more; what it has signed stays good until it expires", .role = kSecurity, .handle = retire_signing_key, .response = "SigningKey"},
    Route{.method = "DELETE", .path = "/v1/signing-keys/{kid}", .name = "remove_signing_key", .summary = "Forget it: what it has signed is refused from now on", .role = kSecurity, .handle = remove_signing_key, .status = 204},

    // Tokens of this API.
    Route{.method = "GET", .path = "/v1/admin-tokens", .name = "list_admin_tokens", .summary = "Tokens of this API", .role = kSecurity, .handle = list_admin_tokens, .response = "AdminTokenPage", .query = {"limit", "cursor"}},
    Route{.method = "POST", .path = "/v1/admin-tokens", .name = "create_admin_token", .summary = "Make a token; its text is in the answer and nowhere else", .role = kAdmin, .handle = create_admin_token, .status = 201, .most_bytes = kRecord, .request = "NewAdminToken", .response = "IssuedAdminToken"},
    Route{.method = "GET", .path = "/v1/admin-tokens/{id}", .name = "get_admin_token", .summary = "One token", .role = kSecurity, .handle = get_admin_token, .response = "AdminToken"},
    Route{.method = "POST", .path = "/v1/admin-tokens/{id}/revoke", .name = "revoke_admin_token", .summary = "Refuse the token from now on, for good", .role = kAdmin, .handle = revoke_admin_token, .response = "AdminToken"},
};
// clang-format on

}  // namespace

std::span<const Route> routes() { return kRoutes; }

std::optional<std::vector<std::string>> match(std::string_view path_template,
                                              std::string_view path) {
  std::vector<std::string> values;
  for (;;) {
    const std::size_t wanted_end = std::min(path_template.find('/', 1), path_template.size());
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view wanted = path_template.substr(0, wanted_end);
    const std::string_view segment = path.substr(0, end);
    if (wanted.starts_with("/{")) {
      std::optional<std::string> value =
          segment.size() > 1 ? percent_decoded(segment.substr(1)) : std::nullopt;
      if (!value) return std::nullopt;
      values.push_back(std::move(*value));
    } else if (wanted != segment) {
      return std::nullopt;
    }
    path_template.remove_prefix(wanted_end);
    path.remove_prefix(end);
    if (path_template.empty() || path.empty()) break;
  }
  if (!path_template.empty() || !path.empty()) return std::nullopt;
  return values;
}

}  // namespace sallyport::admin
