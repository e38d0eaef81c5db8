#include "async/scratch.h"

#include <memory>

namespace sallyport::async {

Scratch& Scratch::here() {
  // On the heap: 128 KiB of thread-local storage would be paid by threads that never read.
  static thread_local const std::unique_ptr<Scratch> scratch(new Scratch);
  return *scratch;
}

}  // namespace sallyport::async
