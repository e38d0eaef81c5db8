// libmodsecurity behind a small interface: its headers do not compile as C++23.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "seclang/test_request.h"

namespace sallyport::seclang::oracle {

using corpus::Sample;

using Ids = std::vector<std::int64_t>;  // of rules that spoke: sorted, each once

class Reference {
 public:
  Reference();
  ~Reference();
  // A file, or rules given directly. Ends the program on an error.
  void load(const std::string& path, const std::string& text);
  Ids run(const Sample& sample);

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace sallyport::seclang::oracle
