#include "cli/admin_client.h"

#include <array>
#include <chrono>
#include <ostream>
#include <string_view>

#include "base/arena.h"
#include "base/text.h"
#include "cli/configuration_file.h"
#include "cli/findings.h"
#include "cli/plain_connection.h"
#include "config/load.h"
#include "config/yaml_loader.h"
#include "http/address.h"
#include "http/head_parser.h"
#include "http/uri.h"

namespace sallyport::cli {
namespace {

constexpr std::chrono::seconds kPatience{60};  // a reload may have names to look up
constexpr std::size_t kMostBytes = std::size_t{64} << 20;

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
                                             const std::string& token_file, Terminal& terminal) {
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
  std::optional<store::SecretText> token = find_admin_token(token_file, terminal);
  if (!token) return std::nullopt;
  AdminClient client(std::move(host), parsed->has_port ? parsed->port : std::uint16_t{80},
                     std::move(*token));
  if (client.token_.view().empty() || client.is_local()) return client;
  terminal.err << "sallyport: " << client.authority()
               << " is another machine, and on the way there the admin token could be read; use a "
                  "tunnel (ssh -L) to its loopback address.\n";
  return std::nullopt;
}

bool AdminClient::is_local() const {
  if (host_ == "localhost") return true;
  const std::optional<net::Address> address = net::Address::parse(host_);
  return address && address->is_loopback();
}

std::string AdminClient::authority() const {
  std::string host = host_.find(':') != std::string::npos ? "[" + host_ + "]" : host_;
  return host + ":" + std::to_string(port_);
}

std::optional<AdminAnswer> AdminClient::call(const std::string& method, const std::string& target,
                                             Terminal& terminal,
                                             const std::optional<AdminBody>& body) const {
  PlainConnection connection;
  std::string error;
  if (!connection.open(host_, port_, error)) {
    terminal.err << "sallyport: no gateway answers at http://" << authority() << ": " << error
                 << ".\n";
    return std::nullopt;
  }
  std::string request =
      method + " " + target + " HTTP/1.1\r\nHost: " + authority() + "\r\nConnection: close\r\n";
  if (body) {
    request += "Content-Type: " + body->media_type + "\r\n";
  }
  if (body || method == "POST") {
    request += "Content-Length: " + std::to_string(body ? body->bytes.size() : 0) + "\r\n";
  }
  if (!token_.view().empty()) request.append("Authorization: Bearer ").append(token_.view());
  request += token_.view().empty() ? "\r\n" : "\r\n\r\n";
  std::string bytes;
  std::optional<AdminAnswer> answer;
  const bool sent = connection.send_all(request) && (!body || connection.send_all(body->bytes));
  store::cleanse(request);
  // A refusal may come before all of the body was taken.
  if ((sent || body) && connection.receive_all(bytes, kMostBytes, kPatience))
    answer = parse(bytes, method);
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
