// Callers known by an API key of the store. Private to this folder.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/authenticate/proof/method.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

struct ApiKeySettings {
  std::optional<std::string> header;
  std::optional<std::string> query;
  std::optional<std::string> cookie;
  std::vector<std::string> trusted_origins;
  bool forward = false;

  static schema::Fields<ApiKeySettings> fields();
};

// Null: there is no store of keys, and the context heard so.
[[nodiscard]] std::unique_ptr<const Method> make_api_key(
    const schema::Marked<ApiKeySettings>& settings, schema::Context& context);

}  // namespace sallyport::policies::authenticate_detail
