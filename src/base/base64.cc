#include "base/base64.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/base64url.h"

namespace sallyport {
namespace {

// Characters that are translated to the other alphabet at a time; each four are three bytes.
constexpr std::size_t kPiece = 256;

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text = base64url_encode(bytes);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::size_t> base64_decode(std::string_view text, std::span<char> out) {
  if (text.size() % 4 != 0 || text.find_first_of("-_") != std::string_view::npos) {
    return std::nullopt;
  }
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  std::array<char, kPiece> other;  // NOLINT(*-member-init): filled below
  std::optional<std::size_t> size = 0;
  while (size && !text.empty()) {
    const std::string_view piece = text.substr(0, kPiece);
    std::ranges::transform(piece, other.begin(), [](char c) {
      return c == '+' ? '-' : c == '/' ? '_' : c;
    });
    const auto more = base64url_decode({other.data(), piece.size()}, out.subspan(*size));
    size = more ? std::optional(*size + *more) : std::nullopt;
    text.remove_prefix(piece.size());
  }
  explicit_bzero(other.data(), other.size());
  return size;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string out(text.size() / 4 * 3, '\0');
  const std::optional<std::size_t> size = base64_decode(text, std::span(out));
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

}  // namespace sallyport
