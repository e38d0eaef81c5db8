// See threads.h.
#include "token_service/threads.h"

namespace sallyport::token_service {

async::Background& threads() {
  static async::Background kept(2);
  return kept;
}

}  // namespace sallyport::token_service
