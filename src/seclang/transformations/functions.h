// The functions behind the table of transformations; each has a file of its own or shares one with
// its family.
#pragma once

#include <string_view>

#include "seclang/transformations/transformation.h"

namespace sallyport::seclang::transform {

using Function = std::string_view(std::string_view in, const TransformContext& context);

Function base64_decode;
Function base64_decode_ext;
Function base64_encode;
Function cmd_line;
Function compress_whitespace;
Function css_decode;
Function escape_seq_decode;
Function hex_decode;
Function hex_encode;
Function html_entity_decode;
Function js_decode;
Function length;
Function lowercase;
Function md5;
Function normalize_path;
Function normalize_path_win;
Function parity_even_7bit;
Function parity_odd_7bit;
Function parity_zero_7bit;
Function php_args_names;
Function remove_comments;
Function remove_comments_char;
Function remove_nulls;
Function remove_whitespace;
Function replace_comments;
Function replace_nulls;
Function sha1;
Function sql_hex_decode;
Function trim;
Function trim_left;
Function trim_right;
Function uppercase;
Function url_decode;
Function url_decode_uni;
Function url_encode;
Function utf8_to_unicode;

}  // namespace sallyport::seclang::transform
