// Whatever is read as CSV ends, and every record is as wide as the first.
#include "base/fuzzing.h"
#include "cli/callers/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;  // NOLINT(google-build-using-namespace): one function
  const fuzzing::ExactCopy input(
      std::string_view(reinterpret_cast<const char*>(data), size));  // bytes as text
  cli::CsvReader reader(input.text());
  std::size_t width = 0;
  std::size_t records = 0;
  std::size_t line = 0;
  for (;;) {
    auto record = reader.next();
    if (!record || !*record) break;
    if (width == 0) width = (*record)->size();
    fuzzing::require((*record)->size() == width && width > 0);
    fuzzing::require(reader.line() > line);
    line = reader.line();
    fuzzing::require(++records <= size + 1);
  }
  return 0;
}
