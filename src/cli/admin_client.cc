#include "cli/admin_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ostream>
#include <string_view>
#include <vector>

#include "async/resolver.h"
#include "base/arena.h"
#include "base/text.h"
#include "cli/configuration_file.h"
#include "cli/findings.h"
#include "config/load.h"
#include "config/yaml_loader.h"
#include "http/head_parser.h"
#include "http/uri.h"

namespace sallyport::cli {
namespace {

constexpr int kPatienceMilliseconds = 60'000;  // a reload may have names to look up
constexpr std::size_t kMostBytes = std::size_t{64} << 20;

// A socket that closes itself.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }

  // False with `error`.
  bool open(const std::string& host, std::uint16_t port, std::string& error) {
    async::SocketAddress literal = async::SocketAddress::literal(host, port);
    std::vector<async::SocketAddress> addresses{literal};
    if (literal.size == 0) {
      async::Resolution found = async::resolve(host, port, std::chrono::seconds(5));
      addresses = found.addresses;
      error = found.error;
    }
    for (const async::SocketAddress& address : addresses) {
      fd_ = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (fd_ < 0) break;
      if (connect(fd_, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0) {
        return true;
      }
      error = std::strerror(errno);
      close(fd_);
      fd_ = -1;
    }
    return false;
  }

  bool send_all(std::string_view text) {
    while (!text.empty()) {
      ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Everything up to the end of the connection. False: it ended badly or took too long.
  bool receive_all(std::string& into) {
    std::array<char, 65536> block;  // NOLINT(*-member-init): filled before it is read
    while (into.size() < kMostBytes) {
      pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
      if (poll(&wait, 1, kPatienceMilliseconds) <= 0) return false;
      ssize_t got = recv(fd_, block.data(), block.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return false;
      if (got == 0) return true;
      into.append(block.data(), static_cast<std::size_t>(got));
    }
    return false;
  }

 private:
  int fd_ = -1;
};

std::optional<AdminAnswer> parse(const std::string& bytes, const std::string& method) {
  std::array<std::byte, 4096> block{};
  Arena arena(block);
  http::HeadScanner scanner;
  std::size_t size = scanner.scan(bytes);
  if (size == 0) return std::nullopt;
  http::ParsedResponse parsed(arena);
  Result<Done> read = http::parse_response(std::string_view(bytes).substr(0, size),
                                           http::method_id(method), http::Limits{}, arena, parsed);
  if (!read || parsed.framing == http::Framing::chunked) return std::nullopt;
  std::string body = bytes.substr(size);
  if (parsed.response.content_length && body.size() != *parsed.response.content_length) {
    return std::nullopt;
  }
  return AdminAnswer{.status = parsed.response.status, .body = std::move(body)};
}

}  // namespace

std::optional<AdminClient> AdminClient::find(const std::string& url, const std::string& config,
                                             Terminal& terminal) {
  std::string authority = url;
  if (url.empty()) {
    std::optional<std::string> file = find_configuration(config, terminal);
    if (!file) return std::nullopt;
    config::LoadOptions options;
    options.offline = true;
    options.open_files = false;
    config::LoadResult loaded = config::load(*file, options);
    if (loaded.snapshot == nullptr) {
      print_findings(loaded.diagnostics, terminal);
      terminal.err << "sallyport: " << *file
                   << " has errors, so it cannot be asked for the admin listener; name it with "
                      "--admin URL.\n";
      return std::nullopt;
    }
    authority = loaded.snapshot->admin.address;
    if (authority.empty()) {
      terminal.err << "sallyport: " << *file << " switches the admin listener off.\n";
      return std::nullopt;
    }
  }
  constexpr std::string_view kScheme = "http://";
  if (authority.starts_with(kScheme)) authority.erase(0, kScheme.size());
  if (authority.ends_with('/')) authority.pop_back();
  std::array<std::byte, 512> block{};
  Arena arena(block);
  Result<http::Authority> parsed = http::parse_authority(authority, arena);
  if (!parsed) {
    terminal.err << "sallyport: --admin is no address; write it as http://127.0.0.1:9901.\n";
    return std::nullopt;
  }
  std::string host(parsed->host);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return AdminClient(std::move(host), parsed->has_port ? parsed->port : std::uint16_t{80});
}

std::string AdminClient::authority() const {
  std::string host = host_.find(':') != std::string::npos ? "[" + host_ + "]" : host_;
  return host + ":" + std::to_string(port_);
}

std::optional<AdminAnswer> AdminClient::call(const std::string& method, const std::string& target,
                                             Terminal& terminal) const {
  Connection connection;
  std::string error;
  if (!connection.open(host_, port_, error)) {
    terminal.err << "sallyport: no gateway answers at http://" << authority() << ": " << error
                 << ".\n";
    return std::nullopt;
  }
  std::string request =
      method + " " + target + " HTTP/1.1\r\nHost: " + authority() + "\r\nConnection: close\r\n";
  if (method == "POST") request += "Content-Length: 0\r\n";
  request += "\r\n";
  std::string bytes;
  std::optional<AdminAnswer> answer;
  if (connection.send_all(request) && connection.receive_all(bytes)) answer = parse(bytes, method);
  if (!answer) {
    terminal.err << "sallyport: what answers at http://" << authority()
                 << " is no admin listener, or it broke off.\n";
  }
  return answer;
}

std::optional<schema::Node> parse_json(const std::string& text) {
  schema::Diagnostics diagnostics;  // JSON is YAML, and this reader is a strict one
  std::optional<schema::Node> tree = config::load_yaml(text, "answer", diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return tree;
}

std::string text_of(const schema::Node& object, std::string_view key) {
  const schema::Node* found = object.find(key);
  return found != nullptr && found->is_scalar() ? found->text : std::string();
}

}  // namespace sallyport::cli
