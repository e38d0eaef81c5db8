// Metadata of the protected resource (RFC 9728): from what it says a client finds out whom to ask
// for a token. Private to this folder.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policies/authenticate/proof/method.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

struct ResourceSettings {
  std::string identifier;
  std::vector<std::string> authorization_servers;
  std::vector<std::string> scopes;
  std::optional<std::string> name;
  std::optional<std::string> documentation;

  static schema::Fields<ResourceSettings> fields();
};

// The document, made once. Immutable.
class ProtectedResource {
 public:
  ProtectedResource(const ResourceSettings& settings, std::span<const Method* const> methods);

  [[nodiscard]] const std::string& url() const { return url_; }    // of the document
  [[nodiscard]] const std::string& path() const { return path_; }  // of that URL
  [[nodiscard]] const std::string& document() const { return document_; }

 private:
  std::string url_;
  std::string path_;
  std::string document_;
};

}  // namespace sallyport::policies::authenticate_detail
