// `sallyport init`: a configuration to start from.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ostream>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/findings.h"
#include "config/load.h"

namespace sallyport::cli {
namespace {

// Everything is closed until the file opens it, so the starter says what it opens, and to whom.
std::string starter(const std::string& upstream, const std::string& file) {
  return "# Serves " + upstream +
         " to this machine over HTTPS. An unknown key is an error; secrets\n"
         "# are references, ${env:NAME} or ${file:path}.\n"
         "#\n"
         "#   sallyport check " +
         file +
         "\n"
         "#   sallyport run --config " +
         file +
         "\n"
         "\n"
         "# Without a certificate the gateway makes one for development, on loopback only. For "
         "the\n"
         "# world:\n"
         "#   - {address: \":443\", tls: {certificates: [{cert: api.pem, key: api.key}]}}\n"
         "#   - {address: \":80\", redirect_to_https: true}\n"
         "listen:\n"
         "  - {address: \"127.0.0.1:8443\", tls: {}}\n"
         "\n"
         "# Health, readiness, metrics and the running configuration, for this machine only.\n"
         "admin: {address: \"127.0.0.1:9901\"}\n"
         "\n"
         "apis:\n"
         "  api:\n"
         "    path: /\n"
         "    upstream: \"" +
         upstream +
         "\"\n"
         "    # The only way to say that anyone may call it.\n"
         "    public: true\n"
         "    # Some of what an API can ask for; `sallyport docs` lists everything.\n"
         "    # ip_allow: {allow: [10.0.0.0/8]}\n"
         "    # request_limits: {body: 1MiB}\n"
         "    # routes:\n"
         "    #   - {path: \"/orders/{id}\", methods: [GET]}\n";
}

// Writes a file that is not there yet: nobody loses a configuration to a command line.
bool write_new(const std::string& file, const std::string& text, std::string& error) {
  int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) {
    error = file + ": " + (errno == EEXIST ? "is there already" : std::strerror(errno));
    return false;
  }
  ssize_t written = write(fd, text.data(), text.size());
  if (close(fd) == 0 && written >= 0 && static_cast<std::size_t>(written) == text.size()) {
    return true;
  }
  error = file + ": cannot be written";
  return false;
}

int init(const std::string& upstream, const std::string& file, Terminal& terminal) {
  bool plain = std::ranges::all_of(
      upstream, [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '$'; });
  std::string text = starter(upstream, file.empty() ? "sallyport.yaml" : file);
  config::LoadOptions options;
  options.offline = true;
  options.open_files = false;
  config::LoadResult loaded;
  if (plain) loaded = config::load_text(text, file.empty() ? "sallyport.yaml" : file, options);
  if (loaded.snapshot == nullptr) {
    terminal.err << "sallyport: --upstream is no address that could be served; write it as "
                    "http://127.0.0.1:9000.\n";
    for (const schema::Diagnostic& each : loaded.diagnostics.sorted()) {
      if (each.severity == schema::Severity::error) terminal.err << "  " << each.message << '\n';
    }
    return kWrong;
  }
  if (file.empty()) {
    terminal.out << text;
    return kFine;
  }
  std::string error;
  if (!write_new(file, text, error)) {
    terminal.err << "sallyport: " << error << '\n';
    return kWrong;
  }
  terminal.out << "Wrote " << file << ". Next: sallyport run --config " << file << '\n';
  return kFine;
}

}  // namespace

void add_init(CLI::App& app, Session& session) {
  Command command(app, session, "init", "Write a configuration to start from");
  Value<std::string> upstream =
      command.option("--upstream", "URL", "Where the service is that is to be protected", true);
  Value<std::string> file =
      command.option("-o,--output", "FILE", "File to write (default: standard output)");
  command.examples({"sallyport init --upstream http://127.0.0.1:9000 --output sallyport.yaml"});
  command.action([&session, upstream, file] { return init(*upstream, *file, session.terminal); });
}

}  // namespace sallyport::cli
