// Writes message heads anew from the model (RFC 9112 3, 4, 5). Fields marked removed are left out;
// the caller has set framing and connection fields.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/headers.h"
#include "http/message.h"

namespace sallyport::http {

// Upper bound of the bytes `write_fields` needs.
[[nodiscard]] std::size_t fields_size(const Headers& headers);
// Writes every field as "Name: value\r\n"; returns the end. `out` must hold fields_size() bytes.
[[nodiscard]] char* write_fields(char* out, const Headers& headers);
// "HTTP/1.1 200 OK\r\n"; at most 64 bytes.
[[nodiscard]] char* write_status_line(char* out, std::uint16_t status);
// "GET /a?b HTTP/1.1\r\n". `out` must hold method + path + query + 16 bytes.
[[nodiscard]] char* write_request_line(char* out, std::string_view method, std::string_view path,
                                       bool has_query, std::string_view query);
// The usual phrase ("Not Found"); "Unknown" for a status that has none.
[[nodiscard]] std::string_view reason_phrase(std::uint16_t status);

}  // namespace sallyport::http
