// See locked_memory.h.
#include "store/sealing/locked_memory.h"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace sallyport::store {
namespace {

std::size_t whole_pages(std::size_t size) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

}  // namespace

LockedMemory::LockedMemory(std::size_t size) : size_(size) {
  void* pages = ::mmap(nullptr, whole_pages(size), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  // Both as far as the system lets us: a gateway without the right to lock memory still serves.
  (void)::mlock(pages, whole_pages(size));
  (void)::madvise(pages, whole_pages(size), MADV_DONTDUMP);
  data_ = static_cast<unsigned char*>(pages);
}

LockedMemory::~LockedMemory() {
  if (data_ == nullptr) return;
  OPENSSL_cleanse(data_, size_);
  ::munmap(data_, whole_pages(size_));
}

std::string_view LockedMemory::bytes() const {
  return {reinterpret_cast<const char*>(data_), size_};  // bytes as text, as callers want them
}

void cleanse(std::span<char> bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

void SecretText::take(std::string& text) {
  cleanse(text_);
  text_.clear();
  // A move copies short strings, and leaves the copy behind.
  text_.swap(text);
  cleanse({text.data(), text.capacity()});
}

}  // namespace sallyport::store
