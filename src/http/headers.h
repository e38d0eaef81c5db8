// Header fields of one message: a flat list in arrival order, views into memory that the exchange
// owns. Known names carry an id, so that hot code never compares strings.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/text.h"

namespace sallyport::http {

// Names the gateway itself reads or writes. Keep in step with kHeaderNames in headers.cc.
enum class HeaderId : std::uint8_t {
  unknown,
  accept,
  accept_encoding,
  accept_language,
  access_control_allow_credentials,
  access_control_allow_headers,
  access_control_allow_methods,
  access_control_allow_origin,
  access_control_expose_headers,
  access_control_max_age,
  access_control_request_headers,
  access_control_request_method,
  age,
  allow,
  authorization,
  cache_control,
  connection,
  content_disposition,
  content_encoding,
  content_length,
  content_security_policy,
  content_type,
  cookie,
  cross_origin_opener_policy,
  cross_origin_resource_policy,
  date,
  etag,
  expect,
  expires,
  forwarded,
  host,
  http2_settings,
  if_match,
  if_modified_since,
  if_none_match,
  if_range,
  if_unmodified_since,
  keep_alive,
  last_modified,
  location,
  max_forwards,
  origin,
  permissions_policy,
  pragma,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  range,
  referer,
  referrer_policy,
  retry_after,
  sec_websocket_accept,
  sec_websocket_key,
  sec_websocket_protocol,
  sec_websocket_version,
  server,
  set_cookie,
  strict_transport_security,
  te,
  traceparent,
  tracestate,
  trailer,
  transfer_encoding,
  upgrade,
  user_agent,
  vary,
  via,
  www_authenticate,
  x_aspnet_version,
  x_content_type_options,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_proto,
  x_frame_options,
  x_powered_by,
  x_real_ip,
  x_request_id,
  count_,
};

// The id of a field name in any letter case; `unknown` if the gateway has no use for it. Exact for
// any bytes: whatever has an id is a well-formed name.
[[nodiscard]] HeaderId header_id(std::string_view name);
// The usual spelling ("Content-Length"); empty for `unknown`.
[[nodiscard]] std::string_view header_name(HeaderId id);

// One field. `verbatim` says that the bytes "name: value CRLF" stand behind each other at
// `name_data`, so that neighbours can be written with one copy; whoever changes a name or a value
// in place clears it.
struct Field {
  const char* name_data;
  const char* value_data;
  std::uint32_t value_size;
  std::uint16_t name_size;
  HeaderId id;
  bool removed : 1;
  bool verbatim : 1;

  [[nodiscard]] std::string_view name() const { return {name_data, name_size}; }
  [[nodiscard]] std::string_view value() const { return {value_data, value_size}; }
};

// Not thread-safe; lives inside one exchange. Views given to `add`, `set` must outlive it (copy
// them into the arena first if they do not). Removed fields stay in the list, marked; `find`, `get`
// and `maybe_has` do not see them.
class Headers {
 public:
  explicit Headers(Arena& arena) : arena_(&arena) {}
  Headers(Headers&&) = default;
  Headers& operator=(Headers&&) = default;

  // Adopts an array filled by the parser, in the arena; it replaces what was here.
  void adopt(Field* fields, std::size_t count, std::size_t capacity);

  void add(HeaderId id, std::string_view value) { append(header_name(id), value, id); }
  void add(std::string_view name, std::string_view value) { append(name, value, header_id(name)); }
  // Replaces every field of that name by one.
  void set(HeaderId id, std::string_view value);
  void set(std::string_view name, std::string_view value);
  void remove(HeaderId id);
  void remove(std::string_view name);

  // First field of that name, or null.
  [[nodiscard]] const Field* find(HeaderId id) const;
  [[nodiscard]] const Field* find(std::string_view name) const;
  // Value of the first field of that name, or empty.
  [[nodiscard]] std::string_view get(HeaderId id) const;
  // False means certainly absent; one bit test.
  [[nodiscard]] bool maybe_has(HeaderId id) const {
    auto i = static_cast<unsigned>(id);
    return (present_[i >> 6] >> (i & 63) & 1) != 0;
  }

  // Every field, the removed ones included: check `removed`.
  [[nodiscard]] const Field* begin() const { return fields_; }
  [[nodiscard]] const Field* end() const { return fields_ + count_; }
  [[nodiscard]] Field* begin() { return fields_; }
  [[nodiscard]] Field* end() { return fields_ + count_; }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] Arena& arena() const { return *arena_; }

 private:
  void append(std::string_view name, std::string_view value, HeaderId id);

  void note(HeaderId id) {
    auto i = static_cast<unsigned>(id);
    present_[i >> 6] |= std::uint64_t{1} << (i & 63);
  }

  Arena* arena_;
  Field* fields_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t capacity_ = 0;
  std::uint64_t present_[2] = {0, 0};
};

// Whether the body is in a coding that has to be undone before it can be read (RFC 9110 8.4).
[[nodiscard]] inline bool is_compressed(const Headers& headers) {
  const std::string_view coding = headers.get(HeaderId::content_encoding);
  return !coding.empty() && !text::equals_ignoring_case(coding, "identity");
}

}  // namespace sallyport::http
