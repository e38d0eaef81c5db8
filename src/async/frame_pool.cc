#include "async/frame_pool.h"

namespace sallyport::async {

thread_local FramePool::Lists FramePool::lists_;

FramePool::Lists::~Lists() {
  closed = true;
  for (Node*& head : heads) {
    while (head != nullptr) {
      Node* node = head;
      head = node->next;
      ::operator delete(node);
    }
  }
}

}  // namespace sallyport::async
