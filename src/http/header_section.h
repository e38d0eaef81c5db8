// The header section of a message and what it says about framing and about this hop: everything
// that requests and responses have in common (RFC 9110 5-7, RFC 9112 6).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "http/field_parser.h"
#include "http/headers.h"
#include "http/limits.h"
#include "http/reasons.h"

namespace sallyport::http {

class HeaderSection {
 public:
  enum class Of : std::uint8_t { request, response };

  HeaderSection(Of of, const Limits& limits, Arena& arena);

  // Parses the lines behind the start line, up to and including the empty line. Fields for this
  // hop only, and those Connection names, are marked removed. All checks return null or the reason
  // to refuse; `where()` then quotes the cause.
  [[nodiscard]] const Reason* parse(std::string_view lines, Underscores underscores);
  [[nodiscard]] std::string_view where() const { return where_; }

  [[nodiscard]] bool has(HeaderId id) const {
    auto i = static_cast<unsigned>(id);
    return (seen_[i >> 6] >> (i & 63) & 1) != 0;
  }
  // The value of a field that may stand once only, removed or not; empty if there is none.
  [[nodiscard]] std::string_view value(HeaderId id);

  // Which body the framing fields announce. `length` is set only for Content-Length.
  enum class Body : std::uint8_t { unsaid, length_field, chunked };
  [[nodiscard]] const Reason* read_framing(bool http_1_0, Body& body, std::uint64_t& length);

  // Options of Connection.
  [[nodiscard]] bool says_close() const { return says_close_; }
  [[nodiscard]] bool says_keep_alive() const { return says_keep_alive_; }
  // Connection lists "upgrade", and Upgrade is exactly "websocket".
  [[nodiscard]] bool asks_for_websocket();

  void remove(HeaderId id);
  void move_to(Headers& headers) { fields_.move_to(headers); }

 private:
  const Reason* note(Field& field, std::uint8_t traits);
  const Reason* repeated_content_length(Field& field);
  const Reason* read_connection();
  const Reason* read_connection_option(std::string_view option);
  const Reason* refuse(const Reason& reason, std::string_view where);
  Field* find(HeaderId id);

  const Limits* limits_;
  const reasons::Shared* faults_;
  const std::uint8_t* traits_;
  std::uint64_t seen_[2] = {0, 0};
  std::string_view where_;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool says_upgrade_ = false;
  FieldBuffer fields_;
};

}  // namespace sallyport::http
