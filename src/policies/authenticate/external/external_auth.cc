#include "policies/authenticate/external/external_auth.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "http/client.h"
#include "policies/authenticate/external/external_decision.h"
#include "policies/authenticate/external/external_question.h"
#include "policies/authenticate/proof/credential.h"
#include "policy/identity_headers.h"
#include "policy/keyed_cache.h"
#include "policy/whole_body.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using Decided = std::shared_ptr<const ExternalDecision>;

// Longer answers are not remembered: whoever makes up credentials would choose how much memory they
// take.
constexpr std::size_t kMostRemembered = std::size_t{4} << 10;

class ExternalAuth final : public Method {
 public:
  ExternalAuth(ExternalAuthSettings settings, std::unique_ptr<const Service> service)
      : settings_(std::move(settings)),
        service_(std::move(service)),
        question_(settings_, *service_) {
    const bool reads_it = std::ranges::any_of(settings_.headers, [](const std::string& name) {
      return http::header_id(name) == http::HeaderId::authorization;
    });
    if (reads_it) place_.emplace(CredentialPlace::Kind::header, "Authorization");
  }

  [[nodiscard]] Task<Attempt> prove(Exchange& x) const override {
    if (!settings_.cache) return asked(x, {});
    std::string key = question_.key_of(x);
    Decided known = cache_.find(key, [](const ExternalDecision& decision) {
      return decision.good_until > ExternalDecision::Clock::now();
    });
    if (known != nullptr) return settled(x, std::move(known));
    return asked(x, std::move(key));
  }

  void remove_credential(Exchange& x) const override {
    if (place_ && !settings_.forward) place_->remove(x);
  }
  [[nodiscard]] const CredentialPlace* place() const override {
    return place_ ? &*place_ : nullptr;
  }
  [[nodiscard]] bool forwards() const override { return settings_.forward; }

  void tell_upstream(Exchange& x) const override {
    const Decided* decided = x.slot_if<Decided>(this);
    if (decided == nullptr) return;
    http::Headers& headers = x.request.headers;
    for (const std::string& name : settings_.take_headers) headers.remove(name);
    for (const http::ClientField& field : (*decided)->upstream)
      headers.add(field.name, field.value);
  }

  void answer(Exchange& x) const override {
    if (const Decided* decided = x.slot_if<Decided>(this)) (*decided)->answer(x);
  }

 private:
  [[nodiscard]] Task<Attempt> asked(Exchange& x, std::string key) const {
    if (x.services == nullptr) co_return Unavailable{"external_auth: nobody is there to ask"};
    http::ClientRequest request = question_.about(x);
    if (settings_.body && x.request.body != nullptr) {
      Task<Result<CollectedBody>> reading = read_body(x);
      Result<CollectedBody> body = co_await reading;
      if (!body) co_return Unavailable{"external_auth: the request's body never came whole"};
      if (!body->fits) co_return settled(x, too_long_to_decide());
      request.body.assign(reinterpret_cast<const char*>(body->bytes.data()), body->bytes.size());
    }
    Task<std::expected<http::ClientResponse, std::string>> asking =
        x.services->send(std::move(request));
    auto answer = co_await asking;
    if (!answer) co_return Unavailable{"external_auth: " + answer.error()};
    const int status = answer->status;
    Decided decided = read_decision(std::move(*answer), settings_);
    if (decided == nullptr) {
      co_return Unavailable{"external_auth: " + service_->url() + " answers " +
                            std::to_string(status)};
    }
    if (settings_.cache && decided->size() <= kMostRemembered) cache_.put(key, decided);
    co_return settled(x, std::move(decided));
  }

  // Holds the body back until it is whole, or too long.
  [[nodiscard]] Task<Result<CollectedBody>> read_body(Exchange& x) const {
    http::Body& source = *x.request.body;
    Task<Result<CollectedBody>> collecting =
        collect_body(x.arena, source, x.request.content_length, settings_.body->max.bytes);
    Result<CollectedBody> collected = co_await collecting;
    if (collected) {
      x.request.body =
          new (x.arena.allocate(sizeof(ReplayedBody))) ReplayedBody(*collected, source);
    }
    co_return collected;
  }

  [[nodiscard]] Attempt settled(Exchange& x, Decided decided) const {
    const ExternalDecision& decision = *decided;
    x.slot<Decided>(this) = decided;
    if (!decision.allows) {
      return Refused{.why = "external_auth: the service answers " + std::to_string(decision.status),
                     .answers = true};
    }
    Identity identity = decision.identity;
    identity.owner = std::move(decided);
    return identity;
  }

  const ExternalAuthSettings settings_;
  const std::unique_ptr<const Service> service_;
  const ExternalQuestion question_;
  std::optional<CredentialPlace> place_;  // nothing: the service is told of none
  mutable KeyedCache<ExternalDecision> cache_;
};

}  // namespace

std::unique_ptr<const Method> make_external_auth(
    const schema::Marked<ExternalAuthSettings>& settings, schema::Context& context) {
  auto service = Service::make({.value = settings.value.service, .where = settings.where}, context);
  if (service == nullptr) return nullptr;
  std::vector<std::string> reserved;
  for (const std::string& name : settings.value.take_headers) {
    // Other methods may read it: it cannot be taken out before they have been asked.
    if (http::header_id(name) != http::HeaderId::authorization) reserved.push_back(name);
  }
  IdentityHeaders::note(context, reserved);
  return std::make_unique<ExternalAuth>(settings.value, std::move(service));
}

}  // namespace sallyport::policies::authenticate_detail
