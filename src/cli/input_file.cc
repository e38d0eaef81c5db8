#include "cli/input_file.h"

#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/paint.h"

namespace sallyport::cli {

std::optional<std::string> read_input(const std::string& file, Terminal& terminal) {
  std::stringstream read;
  if (file == "-") {
    read << std::cin.rdbuf();
  } else {
    std::ifstream stream(file, std::ios::binary);
    if (!stream.is_open()) {
      terminal.err << "sallyport: " << printable(file) << " cannot be read.\n";
      return std::nullopt;
    }
    read << stream.rdbuf();
  }
  return read.str();
}

}  // namespace sallyport::cli
