// Multipart bodies from any bytes, with a boundary the fuzzer knows and with a content type of its
// own (the first line): what is found lies in the body, and an incomplete body has no arguments.
#include <cstdint>

#include "base/fuzzing.h"
#include "seclang/bodies/body.h"

namespace sallyport::seclang {
namespace {

using fuzzing::lies_in;
using fuzzing::require;

void check(std::string_view bytes, std::string_view type) {
  const fuzzing::ExactCopy exact(bytes);
  const std::string_view text = exact.text();
  Arena arena({});
  const MultipartBody body = parse_multipart(text, type, 2, arena);
  require(body.error.failed == !body.error.message.empty());
  std::size_t size = 0;
  for (const Field& field : body.arguments) {
    require(!field.name.empty() && lies_in(field.value, text));
    size += field.value.size();
  }
  for (const FilePart& file : body.files) {
    require(!file.name.empty() && !file.filename.empty() && lies_in(file.content, text));
    size += file.content.size();
  }
  require(size <= text.size() && body.size_without_files <= text.size());
  require(body.files.size() <= 2 || body.flags.file_limit_exceeded);
  require(body.names.size() >= body.arguments.size() + body.files.size());
  if (body.flags.file_limit_exceeded || body.flags.invalid_part || body.flags.lf_line ||
      body.flags.data_before || body.flags.header_folding || body.flags.boundary_quoted) {
    require(body.flags.strict_error);
  }
  if (body.error.message == "Multipart: Final boundary missing.") {
    require(body.arguments.empty() && body.files.empty());
  }
}

}  // namespace
}  // namespace sallyport::seclang

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sallyport::seclang::check;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, "multipart/form-data; boundary=b");
  check(text, "multipart/form-data; boundary=\"b\"");
  const std::size_t line_end = text.find('\n');
  if (line_end != std::string_view::npos) {
    check(text.substr(line_end + 1), text.substr(0, line_end));
  }
  return 0;
}
