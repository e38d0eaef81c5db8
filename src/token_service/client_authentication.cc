// See client_authentication.h.
#include "token_service/client_authentication.h"

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/json_writer.h"
#include "token_service/assertion.h"
#include "token_service/client_throttle.h"
#include "token_service/used_assertions.h"

namespace sallyport::token_service {
namespace {

jose::KeySet keys_of_nobody() {
  std::vector<jose::Key> keys;
  for (jose::Algorithm each : {jose::Algorithm::es256, jose::Algorithm::eddsa}) {
    if (auto key = jose::Key::generate(each, "")) keys.push_back(std::move(*key));
  }
  return jose::KeySet::of(std::move(keys));
}

std::string why_not(const store::CallerView& callers, const store::Client* client) {
  if (client == nullptr) return "there is no such client";
  if (client->disabled) return "the client is disabled";
  const store::Consumer* consumer = callers.consumer(client->consumer);
  if (consumer == nullptr) return "the client's consumer is gone";
  return consumer->disabled ? "the client's consumer is disabled" : "";
}

}  // namespace

ClientAuthentication::ClientAuthentication(std::vector<std::string> audiences, Record record)
    : audiences_(std::move(audiences)), record_(std::move(record)), nobodys_(keys_of_nobody()) {}

Answer<AuthenticatedClient> ClientAuthentication::check(const Exchange& x, const Form& form) {
  Answer<Credentials> presented = credentials_of(x, form);
  if (!presented && presented.error().reason != &kInvalidClient) {
    return std::unexpected(std::move(presented.error()));
  }
  std::string id(presented ? presented->id : form.get("client_id"));
  bool contradicts = false;
  if (presented && presented->way == Way::private_key_jwt) {
    std::string claimed = claimed_subject(presented->assertion).value_or("");
    contradicts = claimed.empty() || (!id.empty() && id != claimed);
    id = std::move(claimed);
  }
  if (!ClientThrottle::of_process().may_try(id, x.client.address, steady_milliseconds())) {
    return refuse(kTooManyFailures, "Too many sign-ins have failed. Try again later.",
                  "client " + jose::quoted(id));
  }
  if (!presented) return failed(x, id, std::string(presented.error().description));
  if (contradicts) return failed(x, id, "the assertion is not one of the client that is named");

  std::shared_ptr<const store::CallerView> callers = x.callers->view();
  const store::Client* client = callers->client(id);
  std::string why = check_proof(*presented, id, *callers, client);
  if (why.empty()) why = why_not(*callers, client);
  if (!why.empty()) return failed(x, id, std::move(why));
  return AuthenticatedClient{
      .callers = std::move(callers), .client = client, .way = presented->way};
}

std::string ClientAuthentication::check_proof(const Credentials& presented, const std::string& id,
                                              const store::CallerView& callers,
                                              const store::Client* client) {
  if (presented.way == Way::private_key_jwt) {
    return check_assertion(presented.assertion, id, client);
  }
  if (presented.way == Way::tls) {
    return client != nullptr && !client->mtls_subject.empty() &&
                   client->mtls_subject == presented.subject
               ? ""
               : "the certificate is not the client's, or there is no such client";
  }
  store::Client nobody;
  nobody.id = id;
  return callers.is_secret_of(client != nullptr ? *client : nobody, presented.secret)
             ? ""
             : "the secret is wrong, or there is no such client";
}

std::string ClientAuthentication::check_assertion(std::string_view assertion, const std::string& id,
                                                  const store::Client* client) {
  std::shared_ptr<const jose::KeySet> keys;
  if (client != nullptr) keys = keys_.of(*client);
  const std::int64_t now = wall_milliseconds();
  const auto good = verify_assertion(assertion, id, keys != nullptr ? *keys : nobodys_, audiences_,
                                     jose::Time(std::chrono::milliseconds(now)));
  if (!good) return good.error();
  switch (
      UsedAssertions::of_process().use(id, good->id, now, good->until.time_since_epoch().count())) {
    case UsedAssertions::Use::first:
      return "";
    case UsedAssertions::Use::again:
      return "the assertion was used before";
    case UsedAssertions::Use::no_room:
      break;
  }
  return "more assertions were used than can be remembered until they expire";
}

std::unexpected<Refusal> ClientAuthentication::failed(const Exchange& x, std::string_view id,
                                                      std::string why) const {
  ClientThrottle::of_process().note(id, x.client.address, steady_milliseconds());
  if (record_) {
    constexpr std::size_t kMostOfId = 80;
    std::string detail;
    JsonWriter json(detail);
    json.begin_object()
        .string("address", x.client.text)
        .string("why", why)
        .string("request", x.request_id_text())
        .end_object();
    record_({.actor = "client/" + std::string(id.substr(0, kMostOfId)),
             .action = "client.sign_in_failed",
             .object = "token_service",
             .detail = std::move(detail)});
  }
  return refuse(kInvalidClient, "The client did not prove who it is.",
                "client " + jose::quoted(id) + ": " + why);
}

}  // namespace sallyport::token_service
