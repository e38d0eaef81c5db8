// The program. What it does is in cli/: one file per command.
#include <unistd.h>

#include <iostream>

#include "async/tls_memory.h"
#include "cli/cli.h"

int main(int argc, char** argv) {
  sallyport::async::separate_tls_buffers();
  sallyport::cli::Terminal terminal{
      .out = std::cout, .err = std::cerr, .out_is_tty = isatty(STDOUT_FILENO) == 1};
  return sallyport::cli::main({argv, argv + argc}, terminal);
}
