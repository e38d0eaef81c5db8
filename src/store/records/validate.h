// What a record may say. An error is `invalid` and names the field, never what a secret holds.
#pragma once

#include "store/error.h"
#include "store/records/records.h"

namespace sallyport::store {

[[nodiscard]] Outcome<void> validate(const Consumer& consumer);
[[nodiscard]] Outcome<void> validate(const ApiKey& key);
[[nodiscard]] Outcome<void> validate(const Client& client);
[[nodiscard]] Outcome<void> validate(const Revocation& revocation);
[[nodiscard]] Outcome<void> validate(const SigningKey& key);
[[nodiscard]] Outcome<void> validate(const AdminToken& token);

}  // namespace sallyport::store
