// A request as tests and comparisons show it to rules. For tests only; also compiled as C++20.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sallyport::seclang::corpus {

struct Sample {
  std::string name;
  std::string method = "GET";
  std::string uri = "/";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

}  // namespace sallyport::seclang::corpus
