#include "upstream/request_head.h"

#include <charconv>
#include <cstring>

#include "http/message_writer.h"
#include "policy/route.h"

namespace sallyport::upstream {
namespace {

using http::HeaderId;

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// The path with the route's prefix replaced.
std::string_view upstream_path(Exchange& x) {
  const Route& route = *x.route;
  if (!route.rewrite.prefix) return x.request.path;
  std::string_view path = x.request.path;
  std::string_view from = route.api_prefix == "/" ? "" : std::string_view(route.api_prefix);
  if (!path.starts_with(from)) return path;
  std::string_view rest = path.substr(from.size());
  std::string_view to = *route.rewrite.prefix;
  if (to.ends_with('/')) to.remove_suffix(1);
  bool slash = !rest.starts_with('/');
  if (slash && rest.empty() && !to.empty()) slash = false;
  char* text = x.arena.chars(to.size() + rest.size() + 1);
  char* end = put(text, to);
  if (slash) *end++ = '/';
  end = put(end, rest);
  return {text, static_cast<std::size_t>(end - text)};
}

// Every line of a field as one list: reading one line of several would let a client's forged line
// hide what the proxy behind it added.
std::string_view joined(Exchange& x, HeaderId id) {
  std::size_t size = 0;
  std::size_t lines = 0;
  std::string_view only;
  for (const http::Field& field : x.request.headers) {
    if (field.removed || field.id != id) continue;
    only = field.value();
    size += only.size() + 2;
    ++lines;
  }
  if (lines < 2) return only;
  char* text = x.arena.chars(size);
  char* end = text;
  for (const http::Field& field : x.request.headers) {
    if (field.removed || field.id != id) continue;
    if (end != text) end = put(end, ", ");
    end = put(end, field.value());
  }
  return {text, static_cast<std::size_t>(end - text)};
}

// The line nearest to us: what the last proxy said.
std::string_view last_line(const http::Headers& headers, HeaderId id) {
  std::string_view last;
  for (const http::Field& field : headers) {
    if (!field.removed && field.id == id) last = field.value();
  }
  return last;
}

}  // namespace

std::string_view write_request_head(Exchange& x, const Endpoint& endpoint, bool chunked) {
  http::Request& request = x.request;
  std::string_view path = upstream_path(x);
  std::string_view host = x.route->rewrite.host        ? std::string_view(*x.route->rewrite.host)
                          : !request.authority.empty() ? request.authority
                                                       : std::string_view(endpoint.authority());
  std::string_view forwarded_for;
  if (x.peer_trusted) forwarded_for = joined(x, HeaderId::x_forwarded_for);
  std::string_view forwarded_proto;
  std::string_view forwarded_host;
  if (x.peer_trusted) {
    forwarded_proto = last_line(request.headers, HeaderId::x_forwarded_proto);
    forwarded_host = last_line(request.headers, HeaderId::x_forwarded_host);
  } else {
    request.headers.remove(HeaderId::forwarded);
    request.headers.remove(HeaderId::x_forwarded_port);
  }
  if (forwarded_proto.empty()) forwarded_proto = x.tls.on ? "https" : "http";
  if (forwarded_host.empty()) forwarded_host = request.authority;
  for (HeaderId ours : {HeaderId::host, HeaderId::content_length, HeaderId::x_forwarded_for,
                        HeaderId::x_forwarded_proto, HeaderId::x_forwarded_host,
                        HeaderId::x_real_ip, HeaderId::x_request_id}) {
    request.headers.remove(ours);
  }

  std::size_t size = request.method.size() + path.size() + request.query.size() + host.size() +
                     http::fields_size(request.headers) + forwarded_for.size() +
                     forwarded_proto.size() + forwarded_host.size() + 2 * x.client.text.size() +
                     512;
  char* head = x.arena.chars(size);
  char* out =
      http::write_request_line(head, request.method, path, request.has_query, request.query);
  out = put(out, "Host: ");
  out = put(out, host);
  out = put(out, "\r\n");
  out = http::write_fields(out, request.headers);
  out = put(out, "X-Forwarded-For: ");
  if (!forwarded_for.empty()) {
    out = put(out, forwarded_for);
    out = put(out, ", ");
    out += x.peer.write(out);
  } else {
    out = put(out, x.client.text);
  }
  out = put(out, "\r\nX-Forwarded-Proto: ");
  out = put(out, forwarded_proto);
  if (!forwarded_host.empty()) {
    out = put(out, "\r\nX-Forwarded-Host: ");
    out = put(out, forwarded_host);
  }
  out = put(out, "\r\nX-Real-IP: ");
  out = put(out, x.client.text);
  out = put(out, "\r\nX-Request-Id: ");
  out = put(out, x.request_id_text());
  out = put(out, "\r\nVia: 1.1 sallyport\r\n");
  if (request.upgrade_websocket) {
    out = put(out, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
  }
  if (chunked) {
    out = put(out, "Transfer-Encoding: chunked\r\n");
  } else if (request.body != nullptr || request.method_id == http::Method::post ||
             request.method_id == http::Method::put || request.method_id == http::Method::patch) {
    out = put(out, "Content-Length: ");
    std::uint64_t length = request.body != nullptr ? request.content_length.value_or(0) : 0;
    out = std::to_chars(out, out + 20, length).ptr;
    out = put(out, "\r\n");
  }
  out = put(out, "\r\n");
  return {head, static_cast<std::size_t>(out - head)};
}

}  // namespace sallyport::upstream
