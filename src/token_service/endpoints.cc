// The service's endpoints as policies, each of which ends the exchanges of its route: documents
// that are published, and forms that are answered as RFC 6749 sections 5.1 and 5.2 say.
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "http/bytes_body.h"
#include "token_service/service.h"

namespace sallyport::token_service {
namespace {

using http::HeaderId;

// What goes out, kept from the verdict to the response. Texts are in the arena, or static.
struct Reply {
  const Reason* reason = nullptr;
  std::string_view json;
  std::string_view cache_control = "no-store";
};

class Replying : public Policy {
 public:
  explicit Replying(std::shared_ptr<const Service> service) : service_(std::move(service)) {}

  Task<Verdict> on_response(Exchange& x) const override {
    const Reply* reply = x.slot_if<Reply>(this);
    if (reply == nullptr || reply->reason != x.reason) return pass();
    http::Headers& headers = x.response.headers;
    headers.set(HeaderId::cache_control, reply->cache_control);
    if (reply->cache_control == "no-store") headers.set(HeaderId::pragma, "no-cache");
    if (x.response.status == 401) headers.set(HeaderId::www_authenticate, R"(Basic realm="token")");
    if (x.response.status == 429) headers.set(HeaderId::retry_after, "10");
    headers.set(HeaderId::content_type, "application/json");
    x.response.content_length = reply->json.size();
    x.response.body = new (x.arena.allocate(sizeof(http::BytesBody))) http::BytesBody(reply->json);
    return pass();
  }

 protected:
  Verdict reply(Exchange& x, Reply what, std::string detail = {}) const {
    x.slot<Reply>(this) = what;
    return stop(*what.reason, std::move(detail));
  }
  [[nodiscard]] const Service& service() const { return *service_; }

 private:
  const std::shared_ptr<const Service> service_;
};

class Metadata final : public Replying {
 public:
  using Replying::Replying;
  Task<Verdict> on_request(Exchange& x) const override {
    return reply(x, {.reason = &kPublished,
                     .json = service().metadata(),
                     .cache_control = "public, max-age=300"});
  }
};

class Keys final : public Replying {
 public:
  using Replying::Replying;
  // Not kept for long: a key is published some time before it signs, and that is the time there is
  // to notice.
  Task<Verdict> on_request(Exchange& x) const override {
    const std::shared_ptr<const PublishedKeys> keys = service().keys();
    if (keys == nullptr) return stop(kUnavailable, "there are no signing keys");
    return reply(x, {.reason = &kPublished,
                     .json = x.arena.copy(keys->jwks),
                     .cache_control = "public, max-age=60"});
  }
};

// `success`: the reason a form that was answered ends with.
template <Task<Answer<std::string>> (Service::*work)(Exchange&) const, const Reason& success>
class FormEndpoint final : public Replying {
 public:
  using Replying::Replying;

  Task<Verdict> on_request_body(Exchange& x) const override {
    Task<Answer<std::string>> working = (service().*work)(x);
    const Answer<std::string> done = co_await working;
    if (done) co_return reply(x, {.reason = &success, .json = x.arena.copy(*done)});
    const Refusal& why = done.error();
    std::string json = R"({"error":")";
    json.append(error_of(*why.reason)).append(R"(","error_description":")");
    json.append(why.description).append("\"}");
    co_return reply(x, {.reason = why.reason, .json = x.arena.copy(json)}, why.detail);
  }

  [[nodiscard]] std::size_t body_limit() const override { return std::size_t{16} << 10; }
};

}  // namespace

std::vector<Service::Endpoint> Service::endpoints() const {
  const auto self = shared_from_this();
  const auto metadata = std::make_shared<Metadata>(self);
  return {{.path = places_.token,
           .method = "POST",
           .policy = std::make_shared<FormEndpoint<&Service::issue, kIssued>>(self),
           .takes_form = true},
          {.path = places_.revocation,
           .method = "POST",
           .policy = std::make_shared<FormEndpoint<&Service::revoke, kRevoked>>(self),
           .takes_form = true},
          {.path = places_.jwks, .method = "GET", .policy = std::make_shared<Keys>(self)},
          {.path = places_.metadata, .method = "GET", .policy = metadata},
          {.path = places_.openid, .method = "GET", .policy = metadata}};
}

}  // namespace sallyport::token_service
