// Files that a configuration names keys by. Private to this folder.
#pragma once

#include <expected>
#include <string>

#include "jose/key.h"
#include "schema/context.h"
#include "schema/types.h"

namespace sallyport::policies::authenticate_detail {

// Notes the file as one that the configuration was made from.
[[nodiscard]] std::expected<std::string, std::string> content_of(const schema::FilePath& file,
                                                                 schema::Context& context);

// A key that signs: a JSON Web Key, or PEM without a passphrase. Nothing of it is left elsewhere.
[[nodiscard]] std::expected<jose::Key, std::string> signing_key_of(const schema::FilePath& file,
                                                                   schema::Context& context);

}  // namespace sallyport::policies::authenticate_detail
