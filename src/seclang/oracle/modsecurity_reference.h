// libmodsecurity behind a small interface: its headers do not compile as C++23.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::seclang::oracle {

struct Sample {
  std::string name;
  std::string method = "GET";
  std::string uri = "/";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

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
