// The transformations of the rule language (t:lowercase and so on): pure functions over bytes.
//
// One file per transformation. Each behaves byte for byte as in ModSecurity 3.0.9.
#pragma once

#include <span>
#include <string_view>

#include "base/arena.h"
#include "seclang/transformations/marks.h"

namespace sallyport::seclang {

// The code points that urlDecodeUni maps to one byte (SecUnicodeMapFile).
class UnicodeMap;

struct TransformContext {
  Arena& arena;                             // where new values live
  const UnicodeMap* unicode_map = nullptr;  // null: none was configured
};

struct Transformation {
  std::string_view name;  // as ModSecurity spells it: "urlDecodeUni"
  // The new value: `in` itself (same address and size) when nothing changes, a part of it, or
  // memory of the arena. Takes any bytes; linear in their number.
  std::string_view (*apply)(std::string_view in, const TransformContext& context);
  // A text without any of these kinds of bytes stays as it is.
  Marks triggers = mark::kAny;
};

// All of them, in alphabetical order. Their addresses do not change: rules point to them.
[[nodiscard]] std::span<const Transformation> transformations();
// Case-insensitive, old spellings included (normalisePath); null: there is none. "none" is not a
// transformation but the parser's business.
[[nodiscard]] const Transformation* find_transformation(std::string_view name);

}  // namespace sallyport::seclang
