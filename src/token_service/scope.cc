// See scope.h.
#include "token_service/scope.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"

namespace sallyport::token_service {
namespace {

constexpr std::size_t kMostWords = 256;

bool is_scope_char(char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; }

std::string joined(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

std::expected<std::string, ScopeFault> granted_scope(std::string_view wanted,
                                                     std::span<const std::string> allowed) {
  if (wanted.empty()) return joined(allowed);
  if (wanted.front() == ' ' || wanted.back() == ' ' || wanted.contains("  ")) {
    return std::unexpected(ScopeFault::malformed);
  }
  std::vector<std::string_view> words;
  std::optional<ScopeFault> fault;
  std::string granted;
  text::for_each_word(wanted, [&](std::string_view word) {
    if (fault || std::ranges::find(words, word) != words.end()) return;
    if (words.size() == kMostWords || !std::ranges::all_of(word, is_scope_char)) {
      fault = ScopeFault::malformed;
    } else if (std::ranges::find(allowed, word) == allowed.end()) {
      fault = ScopeFault::not_allowed;
    }
    words.push_back(word);
    granted.append(granted.empty() ? "" : " ").append(word);
  });
  if (fault) return std::unexpected(*fault);
  return granted;
}

}  // namespace sallyport::token_service
