// See key_keeper.h.
#include "token_service/key_keeper.h"

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "base/report.h"
#include "token_service/make_key.h"
#include "token_service/threads.h"

namespace sallyport::token_service {
namespace {

// How long a start waits for the keys.
constexpr std::chrono::seconds kPatience{10};

KeyPlan plan_of(const std::vector<store::SigningKey>& keys, const Settings& settings,
                std::int64_t now) {
  std::vector<KeyFacts> facts;
  facts.reserve(keys.size());
  for (const store::SigningKey& key : keys) {
    facts.push_back({.kid = key.kid,
                     .algorithm = key.algorithm,
                     .active_from = key.active_from,
                     .retired = key.retired});
  }
  return plan_keys(facts,
                   {.algorithm = jose::name_of(settings.algorithm),
                    .rotation = settings.rotation,
                    .lifetime = settings.lifetime},
                   now);
}

store::AuditEvent event(std::string_view action, const std::string& kid, const Settings& settings) {
  std::string detail;
  JsonWriter json(detail);
  json.begin_object().string("issuer", settings.issuer).end_object();
  return {.actor = "sallyport",
          .action = std::string(action),
          .object = "signing_key/" + kid,
          .detail = std::move(detail)};
}

}  // namespace

KeyKeeper::KeyKeeper(const Settings& settings, store::Store& store, Record record)
    : settings_(settings),
      store_(store),
      record_(std::move(record)),
      verifying_(IssuerKeys::of(settings.issuer)) {}

void KeyKeeper::look() {
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_ || std::exchange(looking_, true)) return;
  }
  ask_store(std::nullopt);
}

void KeyKeeper::stop() {
  std::unique_lock lock(mutex_);
  stopped_ = true;
  ended_.wait(lock, [this] { return !looking_; });
}

std::expected<void, std::string> KeyKeeper::wait() {
  std::unique_lock lock(mutex_);
  if (!ended_.wait_for(lock, kPatience, [this] { return outcome_.has_value(); })) {
    return std::unexpected("the store of callers does not answer");
  }
  return *outcome_;
}

void KeyKeeper::ask_store(Made made) {
  // A move-only key in a work that is copied into the store's queue once.
  auto shared = std::make_shared<Made>(std::move(made));
  store_.run(
      [settings = settings_, shared](store::Session& session) {
        return put_in_order(session, settings, *shared);
      },
      [self = shared_from_this()](store::Outcome<Kept> kept) { self->took(std::move(kept)); });
}

store::Outcome<KeyKeeper::Kept> KeyKeeper::put_in_order(store::Session& session,
                                                        const Settings& settings, Made& made) {
  auto keys = session.signing_keys.list();
  if (!keys) return store::fail(keys);
  Kept kept;
  const std::int64_t now = session.now();
  KeyPlan plan = plan_of(*keys, settings, now);
  if (plan.make && made) {
    made->active_from = *plan.make;
    auto created = session.signing_keys.create(*made);
    if (!created) return store::fail(created);
    kept.events.push_back(event("signing_key.create", made->kid, settings));
  }
  for (const std::string& kid : plan.retire) {
    auto retired = session.signing_keys.retire(kid);
    if (!retired) return store::fail(retired);
    kept.events.push_back(event("signing_key.retire", kid, settings));
  }
  for (const std::string& kid : plan.remove) {
    auto removed = session.signing_keys.remove(kid);
    if (!removed) return store::fail(removed);
    kept.events.push_back(event("signing_key.remove", kid, settings));
  }
  if (plan.changes()) {
    keys = session.signing_keys.list();
    if (!keys) return store::fail(keys);
    plan = plan_of(*keys, settings, now);
  }
  kept.keys = std::move(*keys);
  kept.signer = plan.signer;
  kept.key_is_due = plan.make.has_value();
  return kept;
}

// On the store's thread: to be brief.
void KeyKeeper::took(store::Outcome<Kept> kept) {
  if (!kept) {
    done(std::unexpected(std::move(kept.error().text)));
    return;
  }
  for (store::AuditEvent& each : kept->events) record_(std::move(each));
  const bool same = kept->signer == signer_ && kept->keys.size() == opened_.size() &&
                    std::ranges::all_of(kept->keys, [this](const store::SigningKey& key) {
                      return opened_.contains(key.kid);
                    });
  if (same && !kept->key_is_due) {
    done({});
    return;
  }
  auto shared = std::make_shared<Kept>(std::move(*kept));
  threads().run([self = shared_from_this(), shared, same] {
    std::expected<void, std::string> published;
    if (!same && !shared->signer.empty()) published = self->publish(*shared);
    if (published && shared->key_is_due) {
      self->make();
    } else {
      self->done(std::move(published));
    }
  });
}

void KeyKeeper::make() {
  auto key = make_key(settings_.algorithm);
  if (key) {
    ask_store(std::move(*key));
  } else {
    done(std::unexpected(std::move(key.error())));
  }
}

std::expected<void, std::string> KeyKeeper::publish(const Kept& kept) {
  decltype(opened_) opened;
  auto published = std::make_shared<PublishedKeys>();
  std::string jwks;
  for (const store::SigningKey& key : kept.keys) {
    const auto algorithm = jose::algorithm_named(key.algorithm);
    std::shared_ptr<const jose::Key>& place = opened[key.kid];
    if (const auto known = opened_.find(key.kid); known != opened_.end()) place = known->second;
    if (place == nullptr && algorithm) {
      auto read =
          jose::Key::from_pem(key.private_key.view(), key.kid, {*algorithm}, jose::Purpose::sign);
      if (read) place = std::make_shared<const jose::Key>(std::move(*read));
    }
    if (place == nullptr) continue;  // of a newer program, perhaps
    jwks += (jwks.empty() ? "" : ",") + place->to_public_jwk();
    if (key.kid != kept.signer) continue;
    published->signer = place;
    published->algorithm = *algorithm;
  }
  published->jwks = "{\"keys\":[" + jwks + "]}";
  auto verifying = jose::KeySet::from_jwks(published->jwks);
  if (!verifying || published->signer == nullptr) {
    return std::unexpected("those in the store cannot be used");
  }
  opened_ = std::move(opened);
  signer_ = kept.signer;
  // Known before anything is signed with it.
  verifying_->publish(std::make_shared<const jose::KeySet>(std::move(*verifying)));
  published_.store(std::move(published));
  return {};
}

void KeyKeeper::done(std::expected<void, std::string> how) {
  const std::scoped_lock lock(mutex_);
  // Once, until it works again.
  if (!how && !std::exchange(failing_, true)) {
    report(Severity::error, "token_service: the signing keys are not looked after: " + how.error());
  } else if (how && std::exchange(failing_, false)) {
    report(Severity::info, "token_service: the signing keys are looked after again");
  }
  looking_ = false;
  outcome_ = std::move(how);
  ended_.notify_all();
}

}  // namespace sallyport::token_service
