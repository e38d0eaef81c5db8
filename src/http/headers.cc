// Field names to ids by a perfect hash that is searched at compile time, and the list of fields.
#include "http/headers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "base/text.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kIds = static_cast<std::size_t>(HeaderId::count_);

// In the order of HeaderId.
constexpr std::array<std::string_view, kIds> kHeaderNames{
    "",
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Method",
    "Age",
    "Allow",
    "Authorization",
    "Cache-Control",
    "Connection",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Length",
    "Content-Security-Policy",
    "Content-Type",
    "Cookie",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Date",
    "ETag",
    "Expect",
    "Expires",
    "Forwarded",
    "Host",
    "HTTP2-Settings",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Keep-Alive",
    "Last-Modified",
    "Location",
    "Max-Forwards",
    "Origin",
    "Permissions-Policy",
    "Pragma",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Range",
    "Referer",
    "Referrer-Policy",
    "Retry-After",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Version",
    "Server",
    "Set-Cookie",
    "Strict-Transport-Security",
    "TE",
    "traceparent",
    "tracestate",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "User-Agent",
    "Vary",
    "Via",
    "WWW-Authenticate",
    "X-AspNet-Version",
    "X-Content-Type-Options",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
    "X-Frame-Options",
    "X-Powered-By",
    "X-Real-IP",
    "X-Request-Id",
};

constexpr std::size_t kLongest = 32;

// What a name is compared with: `bytes` after the letters' case bit is masked away by `mask`. Both
// are zero behind the name.
struct Pattern {
  std::array<char, kLongest> bytes{};
  std::array<char, kLongest> mask{};
  std::size_t size = 0;
};

constexpr std::array<Pattern, kIds> kPatterns = [] {
  std::array<Pattern, kIds> patterns{};
  for (std::size_t id = 1; id < kIds; ++id) {
    patterns[id].size = kHeaderNames[id].size();
    for (std::size_t i = 0; i < kHeaderNames[id].size(); ++i) {
      char c = text::lower(kHeaderNames[id][i]);
      bool letter = c >= 'a' && c <= 'z';
      patterns[id].mask[i] = static_cast<char>(letter ? 0xDF : 0xFF);
      patterns[id].bytes[i] = static_cast<char>(letter ? c & 0xDF : c);
    }
  }
  return patterns;
}();

// The last four bytes of a name (fewer if it is shorter), its first and its length tell all known
// names apart; they make the key.
constexpr std::uint64_t key_of(std::uint32_t last, char first, std::size_t size) {
  return (last | 0x20202020U) | static_cast<std::uint64_t>(size & 0xFF) << 32 |
         static_cast<std::uint64_t>(static_cast<unsigned char>(first | 0x20)) << 40;
}

// The shortest names we know have two bytes; shorter ones need no key.
constexpr std::uint64_t key_of(std::string_view name) {
  std::uint32_t last = 0;
  std::size_t tail = std::min<std::size_t>(name.size(), 4);
  for (std::size_t i = 0; i < tail; ++i) {
    auto c = static_cast<unsigned char>(name[name.size() - tail + i]);
    last |= static_cast<std::uint32_t>(c) << (8 * i);  // as a little-endian load would read it
  }
  return key_of(last, name.front(), name.size());
}

constexpr unsigned kSlotBits = 10;

constexpr std::size_t slot_of(std::uint64_t key, std::uint64_t multiplier) {
  return static_cast<std::size_t>((key * multiplier) >> (64 - kSlotBits));
}

struct Index {
  std::uint64_t multiplier = 0;
  std::array<std::uint8_t, std::size_t{1} << kSlotBits> ids{};
};

constexpr Index kIndex = [] {
  std::uint64_t multiplier = 0x9E3779B97F4A7C15U;
  for (;;) {
    Index index{.multiplier = multiplier, .ids = {}};
    bool collision = false;
    for (std::size_t id = 1; id < kIds && !collision; ++id) {
      auto& slot = index.ids[slot_of(key_of(kHeaderNames[id]), multiplier)];
      collision = slot != 0;
      slot = static_cast<std::uint8_t>(id);
    }
    if (!collision) return index;
    multiplier = multiplier * 6364136223846793005U + 1442695040888963407U;
    multiplier |= 1;
  }
}();

template <typename Word>
Word load(const char* p) {
  Word word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

template <typename Word>
bool word_matches(const char* name, const Pattern& pattern, std::size_t at) {
  return (load<Word>(name + at) & load<Word>(pattern.mask.data() + at)) ==
         load<Word>(pattern.bytes.data() + at);
}

// `size` is the pattern's own.
bool matches(const char* name, std::size_t size, const Pattern& pattern) {
  if (size >= 8) {
    if (!word_matches<std::uint64_t>(name, pattern, size - 8)) return false;
    for (std::size_t at = 0; at < size - 8; at += 8) {
      if (!word_matches<std::uint64_t>(name, pattern, at)) return false;
    }
    return true;
  }
  if (size >= 4) {
    return word_matches<std::uint32_t>(name, pattern, 0) &&
           word_matches<std::uint32_t>(name, pattern, size - 4);
  }
  return word_matches<std::uint16_t>(name, pattern, 0) &&
         word_matches<std::uint16_t>(name, pattern, size - 2);
}

}  // namespace

HeaderId header_id(std::string_view name) {
  if (name.size() < 2 || name.size() > kLongest) return HeaderId::unknown;
  std::uint64_t key = 0;
  if constexpr (std::endian::native == std::endian::little) {
    key = name.size() >= 4 ? key_of(load<std::uint32_t>(name.data() + name.size() - 4),
                                    name.front(), name.size())
                           : key_of(name);
  } else {
    key = key_of(name);
  }
  std::size_t id = kIndex.ids[slot_of(key, kIndex.multiplier)];
  const Pattern& pattern = kPatterns[id];
  if (pattern.size != name.size()) return HeaderId::unknown;
  if (!matches(name.data(), name.size(), pattern)) return HeaderId::unknown;
  return static_cast<HeaderId>(id);
}

std::string_view header_name(HeaderId id) { return kHeaderNames[static_cast<std::size_t>(id)]; }

void Headers::adopt(Field* fields, std::size_t count, std::size_t capacity) {
  fields_ = fields;
  count_ = static_cast<std::uint32_t>(count);
  capacity_ = static_cast<std::uint32_t>(capacity);
  std::uint64_t present[2] = {0, 0};
  for (const Field& field : *this) {
    auto i = static_cast<unsigned>(field.id);
    present[i >> 6] |= std::uint64_t{!field.removed} << (i & 63);
  }
  present_[0] = present[0];
  present_[1] = present[1];
}

void Headers::append(std::string_view name, std::string_view value, HeaderId id) {
  if (count_ == capacity_) {
    capacity_ = std::max<std::uint32_t>(16, capacity_ * 2);
    auto* grown = arena_->array<Field>(capacity_);
    if (count_ != 0) std::memcpy(grown, fields_, count_ * sizeof(Field));
    fields_ = grown;
  }
  fields_[count_++] = Field{.name_data = name.data(),
                            .value_data = value.data(),
                            .value_size = static_cast<std::uint32_t>(value.size()),
                            .name_size = static_cast<std::uint16_t>(name.size()),
                            .id = id,
                            .removed = false,
                            .verbatim = false};
  note(id);
}

void Headers::set(HeaderId id, std::string_view value) {
  remove(id);
  add(id, value);
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Headers::remove(HeaderId id) {
  if (id == HeaderId::unknown || !maybe_has(id)) return;
  for (Field& field : *this) {
    if (field.id == id) field.removed = true;
  }
  auto i = static_cast<unsigned>(id);
  present_[i >> 6] &= ~(std::uint64_t{1} << (i & 63));
}

void Headers::remove(std::string_view name) {
  HeaderId id = header_id(name);
  if (id != HeaderId::unknown) {
    remove(id);
    return;
  }
  for (Field& field : *this) {
    if (field.id == HeaderId::unknown && text::equals_ignoring_case(field.name(), name)) {
      field.removed = true;
    }
  }
}

const Field* Headers::find(HeaderId id) const {
  if (id == HeaderId::unknown || !maybe_has(id)) return nullptr;
  for (const Field& field : *this) {
    if (field.id == id && !field.removed) return &field;
  }
  return nullptr;
}

const Field* Headers::find(std::string_view name) const {
  HeaderId id = header_id(name);
  if (id != HeaderId::unknown) return find(id);
  for (const Field& field : *this) {
    if (field.id == HeaderId::unknown && !field.removed &&
        text::equals_ignoring_case(field.name(), name)) {
      return &field;
    }
  }
  return nullptr;
}

std::string_view Headers::get(HeaderId id) const {
  const Field* field = find(id);
  return field != nullptr ? field->value() : std::string_view{};
}

}  // namespace sallyport::http
