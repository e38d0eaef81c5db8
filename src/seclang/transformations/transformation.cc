// The table of transformations.
#include "seclang/transformations/transformation.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "seclang/transformations/functions.h"

namespace sallyport::seclang {
namespace {

constexpr std::array kTransformations = std::to_array<Transformation>({
    {"base64Decode", transform::base64_decode},
    {"base64DecodeExt", transform::base64_decode_ext},
    {"base64Encode", transform::base64_encode},
    {"cmdLine", transform::cmd_line,
     mark::kUpper | mark::kBackslash | mark::kQuote | mark::kComma | mark::kSpace | mark::kBlank |
         mark::kSlash | mark::kBracket | mark::kNul | mark::kHigh},
    {"compressWhitespace", transform::compress_whitespace,
     mark::kSpace | mark::kBlank | mark::kHigh | mark::kNul},
    {"cssDecode", transform::css_decode, mark::kBackslash | mark::kNul},
    {"escapeSeqDecode", transform::escape_seq_decode, mark::kBackslash | mark::kNul},
    {"hexDecode", transform::hex_decode},
    {"hexEncode", transform::hex_encode},
    {"htmlEntityDecode", transform::html_entity_decode, mark::kAmpersand | mark::kNul},
    {"jsDecode", transform::js_decode, mark::kBackslash | mark::kNul},
    {"length", transform::length},
    {"lowercase", transform::lowercase, mark::kUpper},
    {"md5", transform::md5},
    {"normalizePath", transform::normalize_path, mark::kSlash | mark::kDot | mark::kNul},
    {"normalizePathWin", transform::normalize_path_win,
     mark::kSlash | mark::kDot | mark::kBackslash | mark::kNul},
    {"parityEven7bit", transform::parity_even_7bit},
    {"parityOdd7bit", transform::parity_odd_7bit},
    {"parityZero7bit", transform::parity_zero_7bit},
    {"phpArgsNames", transform::php_args_names},
    {"removeComments", transform::remove_comments, mark::kSlash | mark::kDash | mark::kNul},
    {"removeCommentsChar", transform::remove_comments_char,
     mark::kSlash | mark::kDash | mark::kNul},
    {"removeNulls", transform::remove_nulls, mark::kNul},
    {"removeWhitespace", transform::remove_whitespace, mark::kSpace | mark::kBlank | mark::kHigh},
    {"replaceComments", transform::replace_comments, mark::kSlash | mark::kDash | mark::kNul},
    {"replaceNulls", transform::replace_nulls, mark::kNul},
    {"sha1", transform::sha1},
    {"sqlHexDecode", transform::sql_hex_decode},
    {"trim", transform::trim, mark::kSpace | mark::kBlank | mark::kHigh | mark::kNul},
    {"trimLeft", transform::trim_left, mark::kSpace | mark::kBlank | mark::kHigh | mark::kNul},
    {"trimRight", transform::trim_right, mark::kSpace | mark::kBlank | mark::kHigh | mark::kNul},
    {"uppercase", transform::uppercase, mark::kLower},
    {"urlDecode", transform::url_decode, mark::kPercent | mark::kPlus | mark::kNul},
    {"urlDecodeUni", transform::url_decode_uni, mark::kPercent | mark::kPlus | mark::kNul},
    {"urlEncode", transform::url_encode},
    {"utf8toUnicode", transform::utf8_to_unicode, mark::kHigh | mark::kNul},
});
static_assert(std::ranges::is_sorted(kTransformations, {}, &Transformation::name));

struct OldSpelling {
  std::string_view old;
  std::string_view name;
};
constexpr std::array kOldSpellings = std::to_array<OldSpelling>({
    {"normalisePath", "normalizePath"},
    {"normalisePathWin", "normalizePathWin"},
});

}  // namespace

std::span<const Transformation> transformations() { return kTransformations; }

const Transformation* find_transformation(std::string_view name) {
  for (const OldSpelling& spelling : kOldSpellings) {
    if (text::equals_ignoring_case(spelling.old, name)) name = spelling.name;
  }
  const auto* found = std::ranges::find_if(kTransformations, [name](const Transformation& t) {
    return text::equals_ignoring_case(t.name, name);
  });
  return found != kTransformations.end() ? found : nullptr;
}

}  // namespace sallyport::seclang
