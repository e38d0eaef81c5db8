// Callers who bring a signed JSON Web Token. Private to this folder.
#pragma once

#include <memory>

#include "policies/authenticate/proof/method.h"
#include "policies/authenticate/token/jwt_settings.h"
#include "schema/context.h"

namespace sallyport::policies::authenticate_detail {

// Null: the keys cannot be used, and the context heard why. Notes the files it read.
[[nodiscard]] std::unique_ptr<const Method> make_jwt(const schema::Marked<JwtSettings>& settings,
                                                     schema::Context& context);

}  // namespace sallyport::policies::authenticate_detail
