#include "seclang/engine/buffers.h"

#include <utility>

namespace sallyport::seclang {
namespace {

constexpr std::size_t kMostKept = 256;       // sets of buffers, for exchanges that are under way
constexpr std::size_t kMostElements = 1024;  // of a buffer that is kept

bool emptied(auto& buffer) {
  buffer.clear();
  return buffer.capacity() <= kMostElements;
}

}  // namespace

std::vector<std::unique_ptr<Buffers>>& Buffers::kept() {
  static thread_local std::vector<std::unique_ptr<Buffers>> all;
  return all;
}

Buffers::Lent Buffers::lend() {
  std::vector<std::unique_ptr<Buffers>>& all = kept();
  if (all.empty()) return Lent(new Buffers);  // NOLINT(*-owning-memory): its own deleter
  Lent lent(all.back().release());
  all.pop_back();
  return lent;
}

void Buffers::Return::operator()(Buffers* buffers) const {
  std::unique_ptr<Buffers> owned(buffers);
  bool small = emptied(owned->proven);
  for (auto* each : {&owned->request_headers, &owned->response_headers, &owned->cookies,
                     &owned->args_get, &owned->args_post}) {
    small = emptied(*each) && small;
  }
  for (auto* each : {&owned->matched, &owned->values}) small = emptied(*each) && small;
  small = emptied(owned->tx.entries) && emptied(owned->tx.slots) && small;
  if (small && kept().size() < kMostKept) kept().push_back(std::move(owned));
}

}  // namespace sallyport::seclang
