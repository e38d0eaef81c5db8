// What is wrong with a rule file: where, what, and what to do. A file with any error is not loaded.
#pragma once

#include <string>
#include <vector>

namespace sallyport::seclang {

struct LoadError {
  std::string file;
  unsigned line = 0;    // 1-based, where it stands; 0: the file as a whole
  unsigned column = 0;  // 1-based; 0: unknown
  std::string message;  // names the directive, action, operator or variable it is about
  std::string hint;     // what to do; may be empty
};

using LoadErrors = std::vector<LoadError>;

}  // namespace sallyport::seclang
