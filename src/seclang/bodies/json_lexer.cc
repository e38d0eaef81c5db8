#include "seclang/bodies/json_lexer.h"

#include <array>

#include "base/text.h"
#include "seclang/characters.h"

namespace sallyport::seclang {
namespace {

// The bytes a string may hold as they are, without a second look.
constexpr std::array<bool, 256> plain_bytes() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = plain_bytes();

unsigned code_unit(std::string_view digits) {
  unsigned value = 0;
  for (char c : digits.substr(0, 4)) value = value * 16 + static_cast<unsigned>(text::hex_digit(c));
  return value;
}

char* put_utf8(char* out, unsigned code) {
  const auto put = [&](unsigned byte) { *out++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
  return out;
}

// A string the lexer has accepted, without its escapes. As in yajl a high surrogate takes whatever
// escape follows as its low one, and is a question mark when none follows.
std::string_view unescape(std::string_view text, Arena& arena) {
  char* begin = arena.chars(text.size());
  char* out = begin;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      *out++ = text[i++];
      continue;
    }
    const char escape = text[i + 1];
    i += 2;
    switch (escape) {
      case 'b':
        *out++ = '\b';
        break;
      case 'f':
        *out++ = '\f';
        break;
      case 'n':
        *out++ = '\n';
        break;
      case 'r':
        *out++ = '\r';
        break;
      case 't':
        *out++ = '\t';
        break;
      case 'u': {
        unsigned code = code_unit(text.substr(i));
        i += 4;
        if ((code & 0xFC00) == 0xD800) {
          if (text.substr(i).starts_with("\\u")) {
            const unsigned low = code_unit(text.substr(i + 2));
            i += 6;
            code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
          } else {
            code = '?';
          }
        }
        out = put_utf8(out, code);
        break;
      }
      default:
        *out++ = escape;
    }
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

}  // namespace

std::string_view JsonLexer::value(Arena& arena) const {
  return has_escapes_ ? unescape(value_, arena) : value_;
}

JsonToken JsonLexer::next() {
  while (position_ < text_.size() && is_space(text_[position_])) ++position_;
  if (position_ == text_.size()) return JsonToken::end;
  switch (text_[position_]) {
    case '{':
      ++position_;
      return JsonToken::object_begin;
    case '}':
      ++position_;
      return JsonToken::object_end;
    case '[':
      ++position_;
      return JsonToken::array_begin;
    case ']':
      ++position_;
      return JsonToken::array_end;
    case ':':
      ++position_;
      return JsonToken::colon;
    case ',':
      ++position_;
      return JsonToken::comma;
    case '"':
      return string();
    case 't':
      return literal("true", JsonToken::literal_true);
    case 'f':
      return literal("false", JsonToken::literal_false);
    case 'n':
      return literal("null", JsonToken::literal_null);
    case '-':
      return number();
    case '/':
      return fail("probable comment found in input text, comments are not enabled.");
    default:
      return is_digit(text_[position_]) ? number() : fail("invalid char in json text.");
  }
}

JsonToken JsonLexer::literal(std::string_view word, JsonToken token) {
  if (!text_.substr(position_).starts_with(word)) return fail("invalid string in json text.");
  position_ += word.size();
  return token;
}

JsonToken JsonLexer::number() {
  has_escapes_ = false;
  std::size_t i = position_ + (text_[position_] == '-' ? 1 : 0);
  const auto digits = [&] {
    const std::size_t before = i;
    while (is_digit(at(i))) ++i;
    return i != before;
  };
  if (at(i) == '0') {
    ++i;
  } else if (!digits()) {
    return fail("malformed number, a digit is required after the minus sign.");
  }
  if (at(i) == '.') {
    ++i;
    if (!digits()) return fail("malformed number, a digit is required after the decimal point.");
  }
  if (at(i) == 'e' || at(i) == 'E') {
    ++i;
    if (at(i) == '+' || at(i) == '-') ++i;
    if (!digits()) return fail("malformed number, a digit is required after the exponent.");
  }
  value_ = text_.substr(position_, i - position_);
  position_ = i;
  return JsonToken::number;
}

// The bytes of the sequence at `i`, 0 when it is none. As lenient as yajl: overlong forms and
// surrogates pass.
std::size_t JsonLexer::utf8_length(std::size_t i) const {
  const auto lead = static_cast<unsigned char>(text_[i]);
  std::size_t length = 0;
  if (lead >> 5 == 0x6) length = 2;
  if (lead >> 4 == 0xE) length = 3;
  if (lead >> 3 == 0x1E) length = 4;
  for (std::size_t k = 1; k < length; ++k) {
    if ((static_cast<unsigned char>(at(i + k)) & 0xC0) != 0x80) return 0;
  }
  return length;
}

JsonToken JsonLexer::string() {
  const std::size_t begin = position_ + 1;
  has_escapes_ = false;
  for (std::size_t i = begin;;) {
    while (i < text_.size() && kPlain[static_cast<unsigned char>(text_[i])]) ++i;
    if (i >= text_.size()) {
      position_ = text_.size();
      return JsonToken::end;
    }
    const char c = text_[i];
    if (c == '"') {
      value_ = text_.substr(begin, i - begin);
      position_ = i + 1;
      return JsonToken::string;
    }
    if (c == '\\') {
      has_escapes_ = true;
      const char escape = at(i + 1);
      i += 2;
      if (escape == 'u') {
        for (const std::size_t end = i + 4; i < end; ++i) {
          if (text::hex_digit(at(i)) < 0) {
            return fail("invalid (non-hex) character occurs after '\\u' inside string.");
          }
        }
      } else if (std::string_view("\"\\/bfnrt").find(escape) == std::string_view::npos) {
        return fail("inside a string, '\\' occurs before a character which it may not.");
      }
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return fail("invalid character inside string.");
    } else {
      const std::size_t length = utf8_length(i);
      if (length == 0) return fail("invalid bytes in UTF8 string.");
      i += length;
    }
  }
}

}  // namespace sallyport::seclang
