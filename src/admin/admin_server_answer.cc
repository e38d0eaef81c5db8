// One request to the admin listener, from its head to its answer.
#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "admin/open_connection.h"
#include "admin/reasons.h"
#include "base/text.h"
#include "http/bytes_body.h"
#include "http/message.h"
#include "http/stream.h"

namespace sallyport::admin {
namespace {

constexpr std::uint16_t kNoContent = 204;

std::string_view value_of(const http::Headers& headers, std::string_view name) {
  const http::Field* field = headers.find(name);
  return field != nullptr ? field->value() : std::string_view();
}

// The one field of that name; empty: there is none, or there are several.
std::string_view only_value_of(const http::Headers& headers, std::string_view name) {
  std::string_view value;
  std::size_t count = 0;
  for (const http::Field& field : headers) {
    if (field.removed || !text::equals_ignoring_case(field.name(), name)) continue;
    value = field.value();
    ++count;
  }
  return count == 1 ? value : std::string_view();
}

// If-Match (RFC 9110 section 13.1.1); of several lines none is taken, and no record fits.
std::string_view condition_of(const http::Headers& headers) {
  const std::string_view only = only_value_of(headers, "if-match");
  return only.empty() && headers.find("if-match") != nullptr ? "\"\"" : only;
}

}  // namespace

Task<Done> AdminServer::answer_one(http::Stream& stream, Open& open) {
  Result<http::Request> request = co_await stream.read_head();
  auto pending = std::make_shared<Pending>();
  pending->reactor = &reactor_;
  open.pending = pending;
  if (request) {
    Task<Done> deciding = decide(*request, open, *pending);
    (void)co_await deciding;
  } else {
    pending->settle(problem(*request.error().reason, request.error().detail));
  }
  co_await *pending;
  open.pending = nullptr;

  const Reply& reply = *pending->value;
  http::Response response(stream.arena());
  response.status = reply.status;
  response.headers.add(http::HeaderId::cache_control, "no-store");
  response.headers.add(http::HeaderId::x_content_type_options, "nosniff");
  response.headers.add(http::HeaderId::content_security_policy, "default-src 'none'");
  if (!reply.allow.empty()) response.headers.add(http::HeaderId::allow, reply.allow);
  for (const auto& [name, value] : reply.fields) response.headers.add(name, value);
  http::BytesBody body(reply.body);
  if (reply.status != kNoContent) {
    response.headers.add(http::HeaderId::content_type, reply.content_type);
    response.content_length = reply.body.size();
    response.body = &body;
  }
  Result<Done> sent = co_await stream.write(response);
  co_return Done{};
}

// Reads the body only of those who may send one.
Task<Done> AdminServer::decide(http::Request& request, Open& open, Pending& pending) {
  const AdminRequest asked{.method = request.method,
                           .path = request.path,
                           .query = request.query,
                           .host = request.host,
                           .authority = request.authority,
                           .origin = request.headers.get(http::HeaderId::origin),
                           .fetch_site = value_of(request.headers, "sec-fetch-site"),
                           .authorization = only_value_of(request.headers, "authorization"),
                           .content_type = only_value_of(request.headers, "content-type"),
                           .if_match = condition_of(request.headers),
                           .content_length = request.content_length,
                           .local = open.local,
                           .peer = open.peer,
                           .tls = open.tls != nullptr,
                           .certificate = open.certificate()};
  open.admitted = false;
  if (open.outdated()) {
    pending.settle(problem(reasons::kOutdatedConnection));
    co_return Done{};
  }
  const auto admitting = std::make_shared<Later<std::expected<Router::Admitted, Reply>>>();
  admitting->reactor = &reactor_;
  open.admitting = admitting;
  router_.admit(asked, reactor_.now(), [admitting](std::expected<Router::Admitted, Reply> result) {
    admitting->settle(std::move(result));
  });
  co_await *admitting;
  open.admitting = nullptr;
  std::expected<Router::Admitted, Reply>& admitted = *admitting->value;
  if (!admitted) {
    pending.settle(std::move(admitted.error()));
    co_return Done{};
  }
  open.admitted = admitted->call->actor.proof != Actor::Proof::none;
  std::string body;
  bool more = request.body != nullptr && admitted->route->most_bytes != 0;
  while (more && body.size() <= admitted->route->most_bytes) {
    Task<Result<http::BodyPiece>> reading = request.body->next();
    Result<http::BodyPiece> piece = co_await reading;
    if (!piece) {
      pending.settle(problem(*piece.error().reason, piece.error().detail));
      co_return Done{};
    }
    body.append(reinterpret_cast<const char*>(piece->bytes.data()), piece->bytes.size());
    more = !piece->last;
  }
  router_.answer(*admitted, std::move(body),
                 [waiting = open.pending](Reply reply) { waiting->settle(std::move(reply)); });
  co_return Done{};
}

}  // namespace sallyport::admin
