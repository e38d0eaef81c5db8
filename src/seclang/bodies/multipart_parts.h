// The two headers that steer a multipart body: the request's Content-Type, which names the
// boundary, and a part's Content-Disposition. For multipart.cc alone.
#pragma once

#include <string_view>
#include <vector>

#include "base/arena.h"

namespace sallyport::seclang {

// multipart/form-data; boundary=...
struct MultipartType {
  std::string_view boundary;
  std::string_view error;  // why there is no boundary; not empty then
  bool quoted = false;
  bool whitespace = false;
  bool missing_semicolon = false;
};
[[nodiscard]] MultipartType read_multipart_type(std::string_view content_type);

// form-data; name="..."; filename="..."
struct Disposition {
  int error = 0;  // ModSecurity's number for what is wrong
  std::string_view name;
  std::string_view filename;
  bool invalid_quoting = false;
  // Every such parameter, also one that is refused for being the second.
  std::vector<std::string_view> names;
  std::vector<std::string_view> filenames;
};
// `found` may hold what was read before of the same part: a second name is a second name still.
void read_disposition(std::string_view value, Disposition& found, Arena& arena);

}  // namespace sallyport::seclang
