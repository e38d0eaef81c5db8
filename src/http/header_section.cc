// Most fields mean nothing to the gateway: one table look-up says so and they are done.
#include "http/header_section.h"

#include <array>

#include "base/text.h"
#include "http/chars.h"

namespace sallyport::http {
namespace {

constexpr std::uint8_t kOnce = 1;    // a second one is refused: readers differ in which they take
constexpr std::uint8_t kHop = 2;     // for this hop only: removed
constexpr std::uint8_t kNoted = 4;   // remembered as present
constexpr std::uint8_t kLength = 8;  // Content-Length of a response: equal repetitions are dropped

using Traits = std::array<std::uint8_t, static_cast<std::size_t>(HeaderId::count_)>;

constexpr void mark(Traits& traits, std::initializer_list<HeaderId> ids, std::uint8_t bits) {
  for (HeaderId id : ids) {
    auto& entry = traits[static_cast<std::size_t>(id)];
    entry = static_cast<std::uint8_t>(entry | bits);
  }
}

constexpr void mark_hop_by_hop(Traits& traits) {
  using enum HeaderId;
  mark(traits,
       {connection, keep_alive, proxy_connection, proxy_authenticate, proxy_authorization, te,
        transfer_encoding, upgrade, http2_settings},
       kHop);
  mark(traits, {connection, trailer}, kNoted);
}

constexpr Traits kRequestTraits = [] {
  using enum HeaderId;
  Traits traits{};
  mark_hop_by_hop(traits);
  mark(traits, {expect}, kHop);  // answered here; what is sent on has its body at hand
  mark(traits,
       {access_control_request_headers,
        access_control_request_method,
        authorization,
        content_disposition,
        content_length,
        content_type,
        date,
        expect,
        host,
        http2_settings,
        if_modified_since,
        if_range,
        if_unmodified_since,
        max_forwards,
        origin,
        proxy_authorization,
        range,
        referer,
        sec_websocket_key,
        sec_websocket_version,
        transfer_encoding,
        upgrade},
       kOnce);
  return traits;
}();

constexpr Traits kResponseTraits = [] {
  using enum HeaderId;
  Traits traits{};
  mark_hop_by_hop(traits);
  mark(traits, {content_length}, kLength);
  mark(traits,
       {access_control_allow_origin, content_disposition, content_type, location,
        sec_websocket_accept, transfer_encoding, upgrade},
       kOnce);
  return traits;
}();

// The most options a Connection field may list: what they name is searched for, one by one.
constexpr int kMostOptions = 32;

// Value of a Content-Length; false unless it is one number below 2^63.
bool parse_length(std::string_view text, std::uint64_t& length) {
  constexpr std::uint64_t kHighest = ~std::uint64_t{0} >> 1;
  std::uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (kHighest - digit) / 10) return false;
    value = value * 10 + digit;
  }
  length = value;
  return !text.empty();
}

bool is_chunked(std::string_view coding) { return text::equals_ignoring_case(coding, "chunked"); }

// A list of other codings with chunked at its end, once: sound, but beyond us.
bool is_sound_coding_list(std::string_view list) {
  bool sound = true;
  bool ended = false;
  text::for_each_element(list, [&](std::string_view coding) {
    sound = sound && !ended && is_token(coding);
    ended = is_chunked(coding);
  });
  return sound && ended;
}

// A trailing comma is an empty element, which lists may have.
bool is_exactly_chunked(std::string_view list) {
  int codings = 0;
  bool chunked = false;
  text::for_each_element(list, [&](std::string_view coding) {
    ++codings;
    chunked = is_chunked(coding);
  });
  return codings == 1 && chunked;
}

}  // namespace

HeaderSection::HeaderSection(Of of, const Limits& limits, Arena& arena)
    : limits_(&limits),
      faults_(of == Of::request ? &reasons::kOfRequest : &reasons::kOfResponse),
      traits_(of == Of::request ? kRequestTraits.data() : kResponseTraits.data()),
      fields_(arena) {}

const Reason* HeaderSection::parse(std::string_view lines, Underscores underscores) {
  if (lines.size() > limits_->header_bytes + 2) return refuse(faults_->head_too_large, lines);
  FieldParser parser(lines, *limits_, *faults_);
  for (;;) {
    Field& field = fields_.room();
    if (!parser.next(field)) break;
    if (parser.underscore()) {
      if (underscores == Underscores::refuse) {
        return refuse(reasons::kUnderscoreInName, field.name());
      }
      field.removed = underscores == Underscores::drop;
    }
    std::uint8_t traits = traits_[static_cast<std::size_t>(field.id)];
    if (traits != 0) {
      if (const Reason* reason = note(field, traits)) return reason;
    }
    fields_.keep();
    if (fields_.size() > limits_->header_count) return refuse(faults_->too_many_fields, {});
  }
  if (parser.reason() != nullptr) return refuse(*parser.reason(), parser.where());
  return has(HeaderId::connection) ? read_connection() : nullptr;
}

const Reason* HeaderSection::note(Field& field, std::uint8_t traits) {
  if (has(field.id)) {
    if ((traits & kLength) != 0) return repeated_content_length(field);
    if ((traits & kOnce) != 0) {
      return refuse(field.id == HeaderId::content_length ? faults_->duplicate_content_length
                                                         : faults_->duplicate_field,
                    field.name());
    }
  }
  auto i = static_cast<unsigned>(field.id);
  seen_[i >> 6] |= std::uint64_t{1} << (i & 63);
  field.removed = (traits & kHop) != 0;
  return nullptr;
}

const Reason* HeaderSection::repeated_content_length(Field& field) {
  if (field.value() != value(HeaderId::content_length)) {
    return refuse(faults_->duplicate_content_length, field.value());
  }
  field.removed = true;
  return nullptr;
}

Field* HeaderSection::find(HeaderId id) {
  if (!has(id)) return nullptr;
  for (Field& field : fields_) {
    if (field.id == id) return &field;
  }
  return nullptr;
}

std::string_view HeaderSection::value(HeaderId id) {
  const Field* field = find(id);
  return field != nullptr ? field->value() : std::string_view{};
}

void HeaderSection::remove(HeaderId id) {
  for (Field& field : fields_) {
    if (field.id == id) field.removed = true;
  }
}

const Reason* HeaderSection::read_framing(bool http_1_0, Body& body, std::uint64_t& length) {
  body = Body::unsaid;
  if (has(HeaderId::transfer_encoding)) {
    std::string_view codings = value(HeaderId::transfer_encoding);
    if (has(HeaderId::content_length)) return refuse(faults_->conflicting_framing, codings);
    if (http_1_0) return refuse(faults_->transfer_encoding_in_http_1_0, codings);
    if (!is_exactly_chunked(codings)) {
      return refuse(is_sound_coding_list(codings) ? faults_->unknown_transfer_coding
                                                  : faults_->bad_transfer_encoding,
                    codings);
    }
    body = Body::chunked;
    return nullptr;
  }
  if (!has(HeaderId::content_length)) return nullptr;
  Field& field = *find(HeaderId::content_length);
  if (!parse_length(field.value(), length)) {
    return refuse(faults_->bad_content_length, field.value());
  }
  while (field.value_size > 1 && *field.value_data == '0') {  // sent on without leading zeros
    ++field.value_data;
    --field.value_size;
    field.verbatim = false;
  }
  body = Body::length_field;
  return nullptr;
}

const Reason* HeaderSection::read_connection() {
  int options = 0;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].id != HeaderId::connection) continue;
    const Reason* reason = nullptr;
    text::for_each_element(fields_[i].value(), [&](std::string_view option) {
      if (reason != nullptr) return;
      reason = ++options <= kMostOptions ? read_connection_option(option)
                                         : refuse(faults_->bad_connection, option);
    });
    if (reason != nullptr) return reason;
  }
  return nullptr;
}

const Reason* HeaderSection::read_connection_option(std::string_view option) {
  if (text::equals_ignoring_case(option, "close")) {
    says_close_ = true;
    return nullptr;
  }
  HeaderId id = header_id(option);
  if (id != HeaderId::unknown) {
    says_keep_alive_ |= id == HeaderId::keep_alive;
    says_upgrade_ |= id == HeaderId::upgrade;
    bool for_this_hop =
        (traits_[static_cast<std::size_t>(id)] & kHop) != 0 || id == HeaderId::trailer;
    if (!for_this_hop || id == HeaderId::transfer_encoding || id == HeaderId::expect) {
      return refuse(faults_->connection_names_end_to_end, option);
    }
    if (id == HeaderId::trailer) remove(id);
    return nullptr;
  }
  if (!is_token(option)) return refuse(faults_->bad_connection, option);
  if (text::equals_ignoring_case(option.substr(0, 12), "x-forwarded-")) {
    return refuse(faults_->connection_names_end_to_end, option);
  }
  for (Field& field : fields_) {
    if (field.id == HeaderId::unknown && text::equals_ignoring_case(field.name(), option)) {
      field.removed = true;
    }
  }
  return nullptr;
}

bool HeaderSection::asks_for_websocket() {
  return says_upgrade_ && text::equals_ignoring_case(value(HeaderId::upgrade), "websocket");
}

const Reason* HeaderSection::refuse(const Reason& reason, std::string_view where) {
  where_ = where;
  return &reason;
}

}  // namespace sallyport::http
