// See admin_token.h.
#include "cli/admin_token.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ostream>
#include <span>

#include "cli/paint.h"

namespace sallyport::cli {
namespace {

constexpr std::size_t kLongestToken = 16 * 1024;  // of an OpenID Provider

// A token is one word; anything else would end up in a header as it is.
std::optional<store::SecretText> one_word(std::string text, const std::string& source,
                                          Terminal& terminal) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  store::SecretText word(std::move(text));
  bool good = !word.view().empty() && word.view().size() <= kLongestToken;
  for (char c : word.view()) good = good && c > ' ' && c < 0x7F;
  if (good) return word;
  terminal.err << "sallyport: " << printable(source) << " holds no admin token.\n";
  return std::nullopt;
}

}  // namespace

std::optional<store::SecretText> find_admin_token(const std::string& file, Terminal& terminal) {
  if (file.empty()) {
    const char* text = std::getenv(kAdminTokenVariable);  // NOLINT(concurrency-mt-unsafe)
    if (text == nullptr || *text == '\0') return store::SecretText();
    return one_word(text, kAdminTokenVariable, terminal);
  }
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    terminal.err << "sallyport: " << printable(file) << ": " << std::strerror(errno) << ".\n";
    return std::nullopt;
  }
  struct stat status{};
  const bool known = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const bool private_to_owner = known && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  std::array<char, kLongestToken + 2> bytes{};
  const ssize_t size = private_to_owner ? read(fd, bytes.data(), bytes.size()) : -1;
  close(fd);
  if (known && !private_to_owner) {
    terminal.err << "sallyport: " << printable(file)
                 << " may be read by others than its owner; make it private: chmod 600.\n";
    return std::nullopt;
  }
  std::string text(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  store::cleanse(bytes);
  return one_word(std::move(text), file, terminal);
}

}  // namespace sallyport::cli
