// Listeners: addresses, TLS contexts, and what must not stand open by mistake.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/resolver.h"
#include "config/building.h"

namespace sallyport::config {
namespace {

using schema::HostPort;
using schema::Where;

// Without look-ups: the literal addresses that `host` stands for; empty for another name.
std::vector<async::SocketAddress> literal_addresses(const HostPort& at) {
  // One socket that takes IPv4 too.
  std::string host = at.host.empty() ? "::" : at.host;
  if (host == "localhost") host = "127.0.0.1";
  async::SocketAddress address = async::SocketAddress::literal(host, at.port);
  if (address.size == 0) return {};
  return {address};
}

async::TlsServerOptions options_of(const model::Tls& tls) {
  using async::ClientCertificate;
  async::TlsServerOptions options;
  for (const model::Certificate& certificate : tls.certificates) {
    options.certificates.push_back(
        {.certificate = certificate.cert.resolved, .key = certificate.key.resolved});
  }
  options.profile = tls.profile;
  options.client_ca = tls.client_ca.resolved;
  options.client_crl = tls.client_crl.resolved;
  options.client_certificate = tls.client_certificate.value_or(
      tls.client_ca.empty() ? ClientCertificate::none : ClientCertificate::require);
  options.session_tickets = tls.session_tickets;
  options.development = tls.certificates.empty();
  return options;
}

void watch_files(Building& b, const async::TlsServerOptions& options) {
  for (const async::CertificateFiles& certificate : options.certificates) {
    b.files.insert({certificate.certificate, certificate.key});
  }
  for (const std::string& file : {options.client_ca, options.client_crl}) {
    if (!file.empty()) b.files.insert(file);
  }
}

void check_plain(Building& b, const model::Listen& listen) {
  if (listen.tls || listen.redirect_to_https || is_loopback(listen.address.value.host)) return;
  b.warning(
      listen.address.where, "this listener speaks plain HTTP with other machines",
      "Add tls: {certificates: [{cert: FILE, key: FILE}]}, or \"tls: off\" if that is meant.");
}

// The port redirects lead to: that of the TLS listener on the same host, else of the first one.
void point_redirects(Building& b, const std::vector<const model::Listen*>& listens) {
  std::vector<Listener>& listeners = b.snapshot.listeners;
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    if (!listeners[i].redirect_to_https) continue;
    const model::Listen* target = nullptr;
    for (std::size_t j = 0; j < listeners.size(); ++j) {
      if (!listeners[j].secure) continue;
      bool same_host = listens[j]->address.value.host == listens[i]->address.value.host;
      bool first = target == nullptr;
      bool better =
          !first && same_host && target->address.value.host != listens[i]->address.value.host;
      if (first || better) target = listens[j];
    }
    if (target != nullptr) {
      listeners[i].redirect_port = target->address.value.port;
    } else if (b.faults.none_in("listen")) {
      b.warning(listens[i]->address.where,
                "no listener speaks TLS, so clients are sent to port 443");
    }
  }
}

}  // namespace

bool is_loopback(const std::string& host) {
  std::optional<net::Address> address = net::Address::parse(host);
  return address ? address->is_loopback() : host == "localhost";
}

std::vector<async::SocketAddress> addresses_of(Building& b, const schema::Marked<HostPort>& at) {
  std::vector<async::SocketAddress> addresses = literal_addresses(at.value);
  if (!addresses.empty() || b.options.offline) return addresses;
  constexpr std::chrono::milliseconds kPatience{2000};
  async::Resolution found = async::resolve(at.value.host, at.value.port, kPatience);
  if (found.addresses.empty()) {
    b.error(at.where,
            "no address of this machine is known as \"" + at.value.host + "\": " + found.error,
            "Listen on an address.", schema::code::kUnknownName);
  }
  return found.addresses;
}

std::shared_ptr<async::TlsServerContext> build_tls(Building& b, const model::Tls& tls,
                                                   const Where& where, const std::string& host) {
  async::TlsServerOptions options = options_of(tls);
  if (options.development) {
    if (!is_loopback(host)) {
      b.error(where, "no certificate is given, and one is only made up for loopback addresses",
              "Give tls: {certificates: [{cert: FILE, key: FILE}]}, or listen on 127.0.0.1.",
              schema::code::kMissingKey);
      return nullptr;
    }
    b.warning(where, "a development certificate is made, which no client trusts",
              "Give tls: {certificates: [{cert: FILE, key: FILE}]} for anything but development.");
  }
  watch_files(b, options);
  if (!b.options.open_files) return nullptr;

  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  auto context = async::TlsServerContext::create(options, b.ticket_keys, errors, warnings);
  for (std::string& error : errors) b.error(where, message_of(error), {}, kCertificate);
  for (std::string& warning : warnings) b.warning(where, message_of(warning), {}, kCertificate);
  return context;
}

void build_listeners(Building& b, Taken& taken) {
  std::vector<const model::Listen*> listens;

  for (const schema::Marked<model::Listen>& item : b.root.listen) {
    if (!b.faults.none_in(item.where.path)) continue;
    const model::Listen& listen = item.value;
    Listener listener{.text = to_text(listen.address.value),
                      .addresses = addresses_of(b, listen.address),
                      .redirect_to_https = listen.redirect_to_https,
                      .proxy_protocol = listen.proxy_protocol};
    for (const async::SocketAddress& address : listener.addresses) {
      if (listen.address.value.port == 0) continue;
      auto [owner, free] = taken.emplace(address.text(), "another listener");
      if (free) continue;
      b.error(listen.address.where, owner->second + " has this address already",
              "Give one of them another port.", schema::code::kConflict);
    }
    if (listen.proxy_protocol && b.root.trusted_proxies.empty() &&
        b.faults.none_in("trusted_proxies")) {
      b.error(item.where, "\"proxy_protocol\" believes trusted proxies only, and there are none",
              "Name their networks: trusted_proxies: [10.0.0.0/8].", schema::code::kMissingKey);
    }
    if (listen.tls && !listen.tls->value.off) {
      listener.secure = true;
      listener.tls =
          build_tls(b, listen.tls->value.value, listen.tls->where, listen.address.value.host);
    }
    check_plain(b, listen);
    b.snapshot.listeners.push_back(std::move(listener));
    listens.push_back(&listen);
  }
  point_redirects(b, listens);
}

}  // namespace sallyport::config
