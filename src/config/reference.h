// What the configuration language is, printed from the tables that read it.
#pragma once

#include <string>
#include <vector>

namespace sallyport::config {

// The JSON Schema (draft 2020-12) of a whole file, every policy included.
[[nodiscard]] std::string json_schema();

// One page of the reference.
struct Page {
  std::string file;  // "configuration.md", "policies/ip_allow.md"
  std::string text;
};

// Every page: the file, then one for each policy.
[[nodiscard]] std::vector<Page> markdown();

}  // namespace sallyport::config
