// base64Decode, which refuses what is not well formed; base64DecodeExt, which skips it; and
// base64Encode.
#include "seclang/transformations/bytes.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang::transform {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t kNone = 255;

// What each byte stands for.
constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    values[byte(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

// Digits, then at most two '='; line ends anywhere, spaces only before a line end.
bool is_well_formed(std::string_view in) {
  std::size_t padding = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    std::size_t word = in.find_first_not_of(' ', i);
    if (word == std::string_view::npos) return true;
    bool spaces = word != i;
    i = word;
    if (in[i] == '\n' || (in[i] == '\r' && in.substr(i + 1).starts_with('\n'))) continue;
    if (spaces) return false;
    if (in[i] == '=') {
      if (++padding > 2) return false;
    } else if (kValues[byte(in[i])] == kNone || padding != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

// Reads up to a NUL. What is not well formed decodes to nothing; digits behind the last whole group
// of four are dropped.
std::string_view base64_decode(std::string_view in, const TransformContext& context) {
  std::string_view text = in.substr(0, in.find('\0'));
  if (!is_well_formed(text)) return {};
  Output out(context, text.size() / 4 * 3);
  unsigned group = 0;
  unsigned count = 0;
  unsigned bytes = 3;  // that the group stands for: one less for each '='
  for (char c : text) {
    if (c == ' ' || c == '\r' || c == '\n') continue;
    if (c == '=') --bytes;
    group = group << 6 | (c == '=' ? 0 : kValues[byte(c)]);
    if (++count < 4) continue;
    count = 0;
    if (bytes > 0) out.put(static_cast<char>(group >> 16));
    if (bytes > 1) out.put(static_cast<char>(group >> 8));
    if (bytes > 2) out.put(static_cast<char>(group));
  }
  return out.value(in);
}

// Skips all that is no digit; a group that is cut short counts as far as
// it goes. A single digit before the end is an error, and errors decode to nothing.
std::string_view base64_decode_ext(std::string_view in, const TransformContext& context) {
  Output out(context, in.size() / 4 * 3 + 3);
  unsigned group = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '=' && count % 4 == 1 && !in.substr(i + 1).starts_with('=')) return {};
    std::uint8_t value = kValues[byte(in[i])];
    if (value == kNone) continue;
    group = group << 6 | value;
    // The digits 2, 3 and 4 of a group each complete a byte.
    std::size_t extra_bits = 6 - 2 * (count % 4);
    if (count % 4 != 0) out.put(static_cast<char>(group >> extra_bits));
    ++count;
  }
  // ModSecurity takes the value of a last '9' for padding: both are 61.
  bool padded = !in.empty() && (in.back() == '=' || in.back() == '9');
  if (padded && count % 4 == 1) return {};
  return out.value(in);
}

std::string_view base64_encode(std::string_view in, const TransformContext& context) {
  if (in.empty()) return in;
  Output out(context, (in.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < in.size(); i += 3) {
    std::string_view three = in.substr(i, 3);
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < three.size() ? byte(three[j]) : 0);
    for (unsigned j = 0; j < 4; ++j) {
      out.put(j <= three.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=');
    }
  }
  return out.value(in);
}

}  // namespace sallyport::seclang::transform
