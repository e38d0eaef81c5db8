// What the file may say about the process as a whole: timeouts, limits, logging.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/or_off.h"
#include "config/snapshot.h"
#include "config/table.h"
#include "http/client_address.h"
#include "http/limits.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::http {

constexpr auto enum_names(Underscores /*rule*/) {
  return std::array{schema::EnumName{"drop", Underscores::drop, "The header is left out."},
                    schema::EnumName{"refuse", Underscores::refuse, "The request is refused."},
                    schema::EnumName{"allow", Underscores::allow, "The header goes through."}};
}

constexpr auto enum_names(ForwardedBy /*header*/) {
  return std::array{
      schema::EnumName{"x_forwarded_for", ForwardedBy::x_forwarded_for, "`X-Forwarded-For`."},
      schema::EnumName{"forwarded", ForwardedBy::forwarded, "`Forwarded` (RFC 7239)."},
      schema::EnumName{"none", ForwardedBy::none, "No header: the peer is the client."}};
}

}  // namespace sallyport::http

namespace sallyport::config {

template <>
struct Table<Timeouts> {
  static schema::Fields<Timeouts> fields();
};

namespace model {

// In addition to what is always masked.
struct Mask {
  std::vector<std::string> headers;
  std::vector<std::string> query;

  static schema::Fields<Mask> fields();
};

struct Log {
  schema::Marked<OrOff<schema::FilePath>> access{
      .value = {.value = {.written = "-", .resolved = "-"}}, .where = {}};
  Mask mask;

  static schema::Fields<Log> fields();
};

struct Limits {
  schema::Size request_line{http::Limits{}.request_line};
  schema::Size header_field{http::Limits{}.header_field};
  schema::Size header_bytes{http::Limits{}.header_bytes};
  std::size_t header_count = http::Limits{}.header_count;
  schema::Size trailer_bytes{http::Limits{}.trailer_bytes};
  std::uint32_t connections = 0;
  std::uint32_t connections_per_client = 0;

  static schema::Fields<Limits> fields();
};

struct Http {
  http::Underscores underscores = http::Underscores::drop;
  bool merge_slashes = false;

  static schema::Fields<Http> fields();
};

struct Trail {
  std::uint32_t records = 4096;

  static schema::Fields<Trail> fields();
};

}  // namespace model
}  // namespace sallyport::config
