// The two headers that steer a multipart body: the request's Content-Type, which names the
// boundary, and a part's Content-Disposition. For multipart.cc alone.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "seclang/bodies/body.h"

namespace sallyport::seclang {

// multipart/form-data; boundary=...
struct MultipartType {
  std::string_view boundary;
  std::string_view error;  // why there is no boundary; not empty then
  bool quoted = false;
  bool whitespace = false;
  bool missing_semicolon = false;
  bool parameter_behind = false;  // something follows the boundary; it is passed over
};
[[nodiscard]] MultipartType read_multipart_type(std::string_view content_type);

// form-data; name="..."; filename="..."
struct Disposition {
  int error = 0;  // ModSecurity's number for what is wrong
  DispositionParameter name;
  DispositionParameter filename;
  bool invalid_quoting = false;
  // Every such parameter, also one that is refused for being the second.
  std::vector<DispositionParameter> names;
  std::vector<DispositionParameter> filenames;
};
// `found` may hold what was read before of the same part: a second name is a second name still.
// `offset`: of the value in the body. `observer` may be null.
void read_disposition(std::string_view value, std::uint32_t offset, Disposition& found,
                      Arena& arena, BodyObserver* observer);

}  // namespace sallyport::seclang
