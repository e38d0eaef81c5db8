// The threads of what would keep a worker: making keys, and signing with RSA.
#pragma once

#include "async/background.h"

namespace sallyport::token_service {

[[nodiscard]] async::Background& threads();

}  // namespace sallyport::token_service
