#include "policies/authenticate/consumer/basic.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "async/in_background.h"
#include "base/clock.h"
#include "policies/authenticate/consumer/basic_credentials.h"
#include "policies/authenticate/consumer/hash_places.h"
#include "policies/authenticate/consumer/password_cache.h"
#include "policies/authenticate/proof/consumer_identity.h"
#include "policies/authenticate/proof/credential.h"
#include "policy/rehearsal.h"
#include "store/sealing/password_hash.h"
#include "store/view/caller_directory.h"

namespace sallyport::policies::authenticate_detail {
namespace {

using schema::field;
using store::PasswordHash;

// Each takes a tenth of a second of a processor and 32 MiB: few at a time, so that workers keep
// theirs.
constexpr unsigned kThreads = 2;

HashPlaces& places() {
  static HashPlaces kept;
  return kept;
}
async::Background& threads() {
  (void)places();  // what waits when the process ends gives its place back
  static async::Background kept(kThreads);
  return kept;
}

// Whom a name stands for, and what a password for it is held against.
struct Account {
  std::string_view hash;                           // as text; empty: there is no such user
  const store::KnownConsumer* consumer = nullptr;  // null: of the configuration
  std::shared_ptr<const store::CallerView> view;
};

struct User {
  PasswordHash hash;
  std::string text;
};
using Users = std::map<std::string, User, std::less<>>;

class Basic final : public Method {
 public:
  Basic(Users users, const BasicSettings& settings, const PasswordHash::Cost& cost)
      : users_(std::move(users)),
        nobody_(PasswordHash::of_nobody(cost)),
        remember_(settings.remember.count()),
        forward_(settings.forward) {}

  [[nodiscard]] Task<Attempt> prove(Exchange& x) const override {
    const CredentialPlace::Found found = place_.find(x);
    if (found.ambiguous) return Attempt(Refused{"there are several credentials in one request"});
    if (found.text.empty()) return Attempt(Absent{});
    BasicCredentials credentials;
    if (!credentials.parse(found.text)) {
      return Attempt(Refused{"the credentials are not user:password in base64"});
    }
    Account account = account_of(credentials.user(), x);
    const PasswordCache::Key key = cache_.key_of(credentials, account.hash);
    const std::string_view user = x.arena.copy(credentials.user());
    if (!account.hash.empty() && cache_.knows(key, steady_milliseconds())) {
      return Attempt(identity_of_account(account, user));
    }
    return checked(x, user, store::SecretText(std::string(credentials.password())),
                   std::move(account), key);
  }

  void remove_credential(Exchange& x) const override {
    if (!forward_) place_.remove(x);
  }
  [[nodiscard]] const CredentialPlace* place() const override { return &place_; }
  [[nodiscard]] bool forwards() const override { return forward_; }
  [[nodiscard]] std::vector<Challenge> challenges() const override {
    return {{.scheme = "Basic", .parameters = "charset=\"UTF-8\"", .realm_is_required = true}};
  }

 private:
  [[nodiscard]] Account account_of(std::string_view user, const Exchange& x) const {
    if (auto found = users_.find(user); found != users_.end()) {
      return {.hash = found->second.text, .consumer = nullptr, .view = nullptr};
    }
    if (x.callers == nullptr) return {};
    const std::shared_ptr<const store::CallerView>& view = x.callers->view();
    const store::KnownConsumer* consumer = view->consumer_named(user);
    if (consumer == nullptr || consumer->disabled) return {};
    return {.hash = consumer->password_hash, .consumer = consumer, .view = view};
  }

  // A name that is not known takes the time of one that is.
  [[nodiscard]] PasswordHash hash_of(const Account& account, std::string_view user) const {
    if (account.hash.empty()) return nobody_;
    if (account.consumer == nullptr) return users_.find(user)->second.hash;
    return PasswordHash::parse(account.hash).value_or(nobody_);
  }

  [[nodiscard]] Task<Attempt> checked(Exchange& x, std::string_view user,
                                      store::SecretText password, Account account,
                                      PasswordCache::Key key) const {
    if (x.rehearsal) {  // whoever asks could name any network, and take its places
      leave_open(x);
      co_return Unavailable{"the password would have to be hashed first"};
    }
    std::optional<HashPlaces::Place> place = places().take(x.client.address);
    if (!place) co_return Unavailable{"too many passwords wait to be checked"};
    std::move_only_function<bool()> work = [hash = hash_of(account, user),
                                            password = std::move(password),
                                            place = std::optional(*std::move(place))]() mutable {
      const bool good = hash.matches(password.view());
      place.reset();
      return good;
    };
    Task<bool> hashing = async::in_background<bool>(threads(), std::move(work));
    const bool good = co_await hashing;
    if (account.hash.empty())
      co_return Refused{"the user is not known, has no password, or is disabled"};
    if (!good) co_return Refused{"the password is another"};
    // Meanwhile it may have been changed, or its owner disabled.
    const Account now = account_of(user, x);
    if (now.hash != account.hash) co_return Refused{"the password has just been changed"};
    if (remember_ > 0) cache_.remember(key, steady_milliseconds() + remember_);
    co_return identity_of_account(now, user);
  }

  [[nodiscard]] static Identity identity_of_account(const Account& account, std::string_view user) {
    if (account.consumer != nullptr) {
      return identity_of(*account.consumer, "basic", Strength::password, account.view);
    }
    Identity identity;
    identity.method = "basic";
    identity.consumer = user;
    identity.subject = user;
    identity.strength = Strength::password;
    return identity;
  }

  const CredentialPlace place_{CredentialPlace::Kind::header, "Authorization", {"Basic"}};
  const Users users_;
  const PasswordHash nobody_;
  const std::int64_t remember_;  // milliseconds
  const bool forward_;
  mutable PasswordCache cache_;
};

std::string user_fault(const std::string& name) {
  if (name.find(':') != std::string::npos)
    return "is a user name with a colon, which ends the name";
  return {};
}

// Nothing: one is wrong, and the context heard why.
std::optional<Users> users_of(const BasicSettings& settings, schema::Context& context) {
  Users users;
  bool good = true;
  for (const schema::Named<schema::Secret>& each : settings.users) {
    auto hash = PasswordHash::parse(each.value.reveal());
    const std::string fault = hash ? user_fault(each.name) : hash.error();
    if (!fault.empty()) {
      context.diagnostics().error(each.where, fault, {}, schema::code::kInvalidValue);
      good = false;
      continue;
    }
    users.emplace(each.name, User{.hash = *hash, .text = hash->text()});
  }
  if (!good) return std::nullopt;
  return users;
}

// What a name that is not known costs: as much as the others, if those agree.
PasswordHash::Cost cost_of(const Users& users, const schema::Where& where,
                           schema::Context& context) {
  if (users.empty()) return {};
  const PasswordHash::Cost& first = users.begin()->second.hash.cost();
  for (const auto& [name, user] : users) {
    if (user.hash.cost() == first) continue;
    context.diagnostics().warning(
        where,
        "the hashes of these users cost more for some than for others, so that the time a "
        "refusal takes tells who is known",
        "Make all of them with `sallyport hash-password`.", schema::code::kInvalidValue);
    break;
  }
  return first;
}

}  // namespace

schema::Fields<BasicSettings> BasicSettings::fields() {
  return {
      field("users", &BasicSettings::users,
            "Users and the hashes of their passwords, beside the consumers of the store: "
            "references to what `sallyport hash-password` wrote.")
          .example("{ada: \"${env:ADA_HASH}\"}"),
      field("remember", &BasicSettings::remember,
            "How long a password that was right is not hashed again; 0 is not at all.")
          .range(std::chrono::seconds(0), std::chrono::minutes(10)),
      field("forward", &BasicSettings::forward, "Whether the upstream gets the password too."),
  };
}

std::unique_ptr<const Method> make_basic(const schema::Marked<BasicSettings>& settings,
                                         schema::Context& context) {
  std::optional<Users> users = users_of(settings.value, context);
  if (!users) return nullptr;
  const bool stored = context.scope() != nullptr && context.scope()->keeps_state;
  if (users->empty() && !stored) {
    context.diagnostics().error(settings.where,
                                "knows no users: it names none, and the file names no store",
                                "Add users, or say where consumers are kept: state: {path: "
                                "/var/lib/sallyport}.",
                                schema::code::kMissingKey);
    return nullptr;
  }
  const PasswordHash::Cost cost = cost_of(*users, settings.where, context);
  return std::make_unique<Basic>(*std::move(users), settings.value, cost);
}

}  // namespace sallyport::policies::authenticate_detail
