#include "cli/admin_client.h"

#include <array>
#include <chrono>
#include <expected>
#include <ostream>
#include <string_view>
#include <utility>

#include "async/reactor.h"
#include "async/task.h"
#include "base/arena.h"
#include "base/text.h"
#include "cli/configuration_file.h"
#include "cli/findings.h"
#include "cli/input_file.h"
#include "cli/plain_connection.h"
#include "config/load.h"
#include "config/yaml_loader.h"
#include "http/address.h"
#include "http/head_parser.h"
#include "http/uri.h"

namespace sallyport::cli {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
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

// The URL of the listener that the configuration has. Empty: there is none, which is reported.
std::string configured_url(const std::string& config, Terminal& terminal) {
  std::optional<std::string> file = find_configuration(config, terminal);
  if (!file) return {};
  config::LoadOptions options;
  options.offline = true;
  options.open_files = false;
  config::LoadResult loaded = config::load(*file, options);
  if (loaded.snapshot == nullptr) {
    print_findings(loaded.diagnostics, terminal);
    terminal.err << "sallyport: " << *file
                 << " has errors, so it cannot be asked for the admin listener; name it with "
                    "--admin URL.\n";
    return {};
  }
  const config::AdminSettings& admin = loaded.snapshot->admin;
  if (admin.address.empty()) {
    terminal.err << "sallyport: " << *file << " switches the admin listener off.\n";
    return {};
  }
  for (std::string_view any : {":", "0.0.0.0:", "[::]:"}) {
    if (!admin.address.starts_with(any)) continue;
    terminal.err << "sallyport: " << *file
                 << " listens on every address of the machine; name one that the listener's "
                    "certificate is for: --admin https://admin.example.com"
                 << admin.address.substr(admin.address.rfind(':')) << ".\n";
    return {};
  }
  return std::string(admin.secure ? kHttps : kHttp) + admin.address;
}

async::Detached ask(http::Client& client, http::ClientRequest request, async::Reactor& reactor,
                    std::expected<http::ClientResponse, std::string>& answer) {
  auto asking = client.send(std::move(request));
  answer = co_await asking;
  reactor.stop();
}

}  // namespace

AdminAccess::AdminAccess(Command& command)
    : config(command.config()),
      admin(command.option("--admin", "URL",
                           "Admin listener of the running gateway (default: what the "
                           "configuration says)")),
      token_file(command.option("--token-file", "FILE",
                                "File with the admin token, or a token of the OpenID Provider, "
                                "readable by its owner only (default: the variable "
                                "SALLYPORT_ADMIN_TOKEN)")),
      ca(command.option("--ca", "FILE",
                        "Authorities that may vouch for the listener, in PEM (default: those of "
                        "the system)")),
      cert(command.option("--cert", "FILE", "Certificate to show to the listener, in PEM")),
      key(command.option("--key", "FILE", "Private key of the certificate, in PEM")) {
  command.only_with("--cert", "--key");
  command.only_with("--key", "--cert");
}

void AdminClient::Forget::operator()(http::ClientTls* tls) const {
  store::cleanse(tls->key);
  delete tls;
}

bool AdminClient::read(std::string_view url) {
  secure_ = url.starts_with(kHttps);
  if (secure_) {
    url.remove_prefix(kHttps.size());
  } else if (url.starts_with(kHttp)) {
    url.remove_prefix(kHttp.size());
  }
  if (url.ends_with('/')) url.remove_suffix(1);
  std::array<std::byte, 512> block{};
  Arena arena(block);
  Result<http::Authority> parsed = http::parse_authority(url, arena);
  if (!parsed) return false;
  host_ = parsed->host;
  if (host_.starts_with('[')) host_ = host_.substr(1, host_.size() - 2);
  port_ = parsed->has_port ? parsed->port : std::uint16_t{secure_ ? kHttpsPort : kHttpPort};
  return true;
}

bool AdminClient::read_tls(const AdminAccess& access, Terminal& terminal) {
  const bool given = !access.ca->empty() || !access.cert->empty();
  if (!secure_) {
    if (given)
      terminal.err << "sallyport: --ca, --cert and --key need --admin https://HOST:PORT.\n";
    return !given;
  }
  tls_.reset(new http::ClientTls);  // its deleter is our own
  auto read_file = [&terminal](const std::string& file, std::string& into) {
    if (file.empty()) return true;
    std::optional<std::string> text = read_input(file, terminal);
    if (text) into = std::move(*text);
    return text.has_value();
  };
  return read_file(*access.ca, tls_->authorities) && read_file(*access.cert, tls_->certificate) &&
         read_file(*access.key, tls_->key);
}

std::optional<AdminClient> AdminClient::find(const AdminAccess& access, Terminal& terminal) {
  const std::string url =
      access.admin->empty() ? configured_url(*access.config, terminal) : *access.admin;
  if (url.empty()) return std::nullopt;
  AdminClient client;
  if (!client.read(url)) {
    terminal.err << "sallyport: --admin is no address; write it as http://127.0.0.1:9901 or "
                    "https://admin.example.com:9901.\n";
    return std::nullopt;
  }
  if (!client.read_tls(access, terminal)) return std::nullopt;
  std::optional<store::SecretText> token = find_admin_token(*access.token_file, terminal);
  if (!token) return std::nullopt;
  client.token_ = std::move(*token);
  if (client.token_.view().empty() || client.secure_ || client.is_local()) return client;
  terminal.err << "sallyport: " << client.authority()
               << " is another machine, and on the way there the admin token could be read; use "
                  "https://, or a tunnel (ssh -L) to its loopback address.\n";
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
  std::string error;
  std::optional<AdminAnswer> answer =
      secure_ ? call_secure(method, target, body, error) : call_plain(method, target, body, error);
  const std::string url = std::string(secure_ ? kHttps : kHttp) + authority();
  if (!answer && !error.empty()) {
    terminal.err << "sallyport: no gateway answers at " << url << ": " << error
                 << (secure_ ? "; --ca names the authorities that may vouch for it.\n" : ".\n");
  } else if (!answer) {
    terminal.err << "sallyport: what answers at " << url
                 << " is no admin listener, or it broke off.\n";
  }
  return answer;
}

std::optional<AdminAnswer> AdminClient::call_secure(const std::string& method,
                                                    const std::string& target,
                                                    const std::optional<AdminBody>& body,
                                                    std::string& error) const {
  http::ClientRequest request{.method = method,
                              .url = std::string(kHttps) + authority() + target,
                              .headers = {},
                              .body = body ? body->bytes : std::string(),
                              .timeout = kPatience,
                              .most_bytes = kMostBytes,
                              .tls = tls_.get()};
  if (body) request.headers.push_back({.name = "Content-Type", .value = body->media_type});
  if (!token_.view().empty()) {
    request.headers.push_back(
        {.name = "Authorization", .value = "Bearer " + std::string(token_.view())});
  }
  async::Reactor reactor;
  http::Client client(reactor);
  std::expected<http::ClientResponse, std::string> answer;
  reactor.post([&, request = std::move(request)]() mutable {
    ask(client, std::move(request), reactor, answer);
  });
  reactor.run();
  if (!answer) {
    error = std::move(answer.error());
    return std::nullopt;
  }
  return AdminAnswer{.status = static_cast<std::uint16_t>(answer->status),
                     .body = std::move(answer->body)};
}

std::optional<AdminAnswer> AdminClient::call_plain(const std::string& method,
                                                   const std::string& target,
                                                   const std::optional<AdminBody>& body,
                                                   std::string& error) const {
  PlainConnection connection;
  if (!connection.open(host_, port_, error)) return std::nullopt;
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
  const bool sent = connection.send_all(request) && (!body || connection.send_all(body->bytes));
  store::cleanse(request);
  error.clear();  // of addresses that were tried before
  // A refusal may come before all of the body was taken.
  if ((sent || body) && connection.receive_all(bytes, kMostBytes, kPatience)) {
    return parse(bytes, method);
  }
  return std::nullopt;
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
