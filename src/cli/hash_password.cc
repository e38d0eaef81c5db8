// `sallyport hash-password`: the hash of a password, for `basic` of the policy `authenticate`.
#include <algorithm>
#include <optional>
#include <ostream>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/input_file.h"
#include "store/sealing/locked_memory.h"
#include "store/sealing/password_hash.h"

namespace sallyport::cli {
namespace {

int hash_password(Terminal& terminal) {
  std::optional<std::string> text = read_input("-", terminal);
  if (!text) return kWrong;
  const store::SecretText password(std::move(*text));
  std::string_view line = password.view();
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool control = std::ranges::any_of(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (line.empty() || control) {
    terminal.err << "sallyport: standard input holds no password: one line, without control "
                    "characters\n";
    return kWrong;
  }
  terminal.out << store::PasswordHash::of(line).text() << '\n';
  return kFine;
}

}  // namespace

void add_hash_password(CLI::App& app, Session& session) {
  Command command(app, session, "hash-password",
                  "Write the hash (scrypt) of the password on standard input");
  command.examples({"sallyport hash-password < password.txt"});
  command.action([&session] { return hash_password(session.terminal); });
}

}  // namespace sallyport::cli
