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
    {"cmdLine", transform::cmd_line},
    {"compressWhitespace", transform::compress_whitespace},
    {"cssDecode", transform::css_decode},
    {"escapeSeqDecode", transform::escape_seq_decode},
    {"hexDecode", transform::hex_decode},
    {"hexEncode", transform::hex_encode},
    {"htmlEntityDecode", transform::html_entity_decode},
    {"jsDecode", transform::js_decode},
    {"length", transform::length},
    {"lowercase", transform::lowercase},
    {"md5", transform::md5},
    {"normalizePath", transform::normalize_path},
    {"normalizePathWin", transform::normalize_path_win},
    {"parityEven7bit", transform::parity_even_7bit},
    {"parityOdd7bit", transform::parity_odd_7bit},
    {"parityZero7bit", transform::parity_zero_7bit},
    {"phpArgsNames", transform::php_args_names},
    {"removeComments", transform::remove_comments},
    {"removeCommentsChar", transform::remove_comments_char},
    {"removeNulls", transform::remove_nulls},
    {"removeWhitespace", transform::remove_whitespace},
    {"replaceComments", transform::replace_comments},
    {"replaceNulls", transform::replace_nulls},
    {"sha1", transform::sha1},
    {"sqlHexDecode", transform::sql_hex_decode},
    {"trim", transform::trim},
    {"trimLeft", transform::trim_left},
    {"trimRight", transform::trim_right},
    {"uppercase", transform::uppercase},
    {"urlDecode", transform::url_decode},
    {"urlDecodeUni", transform::url_decode_uni},
    {"urlEncode", transform::url_encode},
    {"utf8toUnicode", transform::utf8_to_unicode},
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
