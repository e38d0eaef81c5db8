#include "issuers/key_source.h"

#include <utility>

#include "async/in_background.h"
#include "base/report.h"
#include "base/shared_by_name.h"
#include "http/fetch.h"

namespace sallyport {
namespace {

// At least so long from one fetch to the next, whatever clients bring.
constexpr std::chrono::milliseconds kPause{10'000};
constexpr std::string_view kDiscovery = "/.well-known/openid-configuration";

// Two, so that one server that hangs does not keep the keys of others away.
async::Background& threads() {
  static async::Background kept(2);
  return kept;
}

}  // namespace

KeySource::KeySource(jose::KeySet keys)
    : keys_(std::make_shared<const jose::KeySet>(std::move(keys))) {}

KeySource::KeySource(KeyServer server) : server_(std::move(server)) {}

std::shared_ptr<KeySource> KeySource::of(const KeyServer& server) {
  static SharedByName<KeySource> sources;
  const std::string name = server.jwks_url + '\n' + server.issuer + '\n' + server.ca_file + '\n' +
                           std::to_string(server.refresh.count());
  return sources.get(name, [&] { return std::make_shared<KeySource>(server); });
}

std::uint64_t KeySource::generation(jose::Time now) {
  if (own_ != nullptr) return own_->generation();
  if (now.time_since_epoch().count() >= due_.load(std::memory_order_relaxed) &&
      !queued_.exchange(true)) {
    threads().run([alive = shared_from_this()] {
      (void)alive->fetch(alive->keys());
      alive->queued_ = false;
    });
  }
  return generation_.load(std::memory_order_acquire);
}

Task<bool> KeySource::fetched_anew() {
  if (!is_fetched()) co_return false;
  std::move_only_function<bool()> work = [alive = shared_from_this(), before = keys()] {
    return alive->fetch(before);
  };
  Task<bool> fetching = async::in_background<bool>(threads(), std::move(work));
  const bool done = co_await fetching;
  co_return done;
}

void KeySource::fetch_anew(std::move_only_function<void(bool)> done) {
  if (!is_fetched()) return done(false);
  threads().run([alive = shared_from_this(), before = keys(), done = std::move(done),
                 lifeline = async::Reactor::current()->lifeline()]() mutable {
    const bool anew = alive->fetch(before);
    lifeline->post([done = std::move(done), anew]() mutable { done(anew); });
  });
}

std::expected<VerifiedToken, UnverifiedToken> KeySource::verify_now(
    std::string_view text, const jose::Expectations& expected) {
  const jose::Time now = time_now();
  const std::uint64_t then = generation(now);
  const std::shared_ptr<const jose::KeySet> known = keys();
  if (known == nullptr) {
    return std::unexpected(
        UnverifiedToken{.code = "no_keys",
                        .sentence = "the keys of the issuer could not be fetched",
                        .unavailable = true,
                        .other_keys_may_do = true});
  }
  auto token = jose::verify(text, *known, expected, now);
  if (token) return VerifiedToken{.token = std::move(*token), .generation = then};
  jose::Failure& why = token.error();
  return std::unexpected(
      UnverifiedToken{.code = jose::name_of(why.code),
                      .sentence = std::move(why.sentence),
                      .other_keys_may_do = why.code == jose::FailureCode::unknown_key});
}

Task<std::expected<VerifiedToken, UnverifiedToken>> KeySource::verify(
    std::string_view text, const jose::Expectations& expected) {
  auto verified = verify_now(text, expected);
  if (verified || !verified.error().other_keys_may_do) co_return verified;
  Task<bool> fetching = fetched_anew();
  const bool anew = co_await fetching;
  if (anew) co_return verify_now(text, expected);
  co_return verified;
}

// Who has waited for another's turn takes what that one got.
bool KeySource::fetch(const std::shared_ptr<const jose::KeySet>& before) {
  std::scoped_lock lock(fetching_);
  if (keys() != before) return true;
  if (tried_ && Clock::now() - *tried_ < kPause) return false;
  auto fetched = fetch_keys();
  tried_ = Clock::now();
  due_ = (time_now() + (fetched ? server_.refresh : kPause)).time_since_epoch().count();
  if (!fetched) {
    complain(fetched.error());
    return false;
  }
  if (std::exchange(failing_, false)) report(Severity::info, "keys of " + name() + " are back");
  provider_ = std::move(fetched->provider);  // before the keys, which show that it is there
  keys_ = std::make_shared<const jose::KeySet>(std::move(fetched->keys));
  ++generation_;
  return true;
}

// Once, until it works again.
void KeySource::complain(const std::string& why) {
  if (std::exchange(failing_, true)) return;
  report(Severity::error,
         "keys of " + name() + " cannot be fetched: " + why +
             (keys() == nullptr ? "; until it does, tokens of this issuer are refused with 503"
                                : "; the keys that are known stay in use"));
}

std::expected<KeySource::Fetched, std::string> KeySource::fetch_keys() const {
  const http::FetchOptions options{.ca_file = server_.ca_file};
  std::string url = server_.jwks_url;
  std::shared_ptr<const Provider> provider;
  if (url.empty()) {
    std::string issuer = server_.issuer;
    if (issuer.ends_with('/')) issuer.pop_back();
    auto text = http::fetch(issuer + std::string(kDiscovery), options);
    if (!text) return std::unexpected(std::move(text.error()));
    auto read = read_provider(*text, server_.issuer);
    if (!read) return std::unexpected(std::move(read.error()));
    url = read->jwks_uri;
    provider = std::make_shared<const Provider>(std::move(*read));
  }
  auto text = http::fetch(url, options);
  if (!text) return std::unexpected(std::move(text.error()));
  auto keys = jose::KeySet::from_jwks(*text);
  if (!keys) return std::unexpected(url + ": " + keys.error());
  return Fetched{.keys = std::move(*keys), .provider = std::move(provider)};
}

}  // namespace sallyport
