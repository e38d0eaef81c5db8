#include "store/store.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <set>

#include "base/clock.h"
#include "store/sealing/password_hash.h"
#include "store/test_postgres.h"

namespace sallyport::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr std::int64_t kDay = 24LL * 3600 * 1000;

class StoreTest : public EachDatabase {
 protected:
  void SetUp() override {
    EachDatabase::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) open();
  }
  void open(KeyRing ring = test_ring()) {
    store.reset();
    store = must(Store::open(source(), std::move(ring), {.tick = 10ms}));
  }
  Consumer add_consumer(const std::string& name) {
    return must(
        store->run([name](Session& s) { return s.consumers.create({.name = name}); }).get());
  }
  IssuedKey add_key(ApiKey wanted) {
    return must(store->run([wanted](Session& s) { return s.keys.issue(wanted); }).get());
  }
  KeyVerdict verdict(const SecretText& text) { return verdict(text.view()); }
  KeyVerdict verdict(std::string_view text, std::int64_t later = 0) {
    return store->callers().view()->find_key(text, wall_milliseconds() + later).verdict;
  }
  // What happens on the store's own clock is waited for; a hang is the test's failure.
  template <typename Condition>
  static void wait_until(Condition condition) {
    while (!condition()) std::this_thread::sleep_for(2ms);
  }

  std::unique_ptr<Store> store;
};

SALLYPORT_ON_EACH_DATABASE(StoreTest);

TEST_P(StoreTest, KeepsConsumers) {
  Consumer wanted{.name = "acme",
                  .groups = {"partners", "eu"},
                  .roles = {"reader"},
                  .metadata = R"({"tier": 1})",
                  .plan = "gold"};
  const Consumer made =
      must(store->run([&](Session& s) { return s.consumers.create(wanted); }).get());
  EXPECT_EQ(made.id.size(), 16U);
  EXPECT_GT(made.created, 0);
  wanted.id = made.id;
  wanted.created = made.created;
  EXPECT_EQ(made, wanted);
  open();
  EXPECT_EQ(must(store->run([&](Session& s) { return s.consumers.get(made.id); }).get()), wanted);
  ASSERT_NE(store->callers().view()->consumer(made.id), nullptr);
  EXPECT_EQ(*store->callers().view()->consumer(made.id), wanted);
  EXPECT_EQ(*store->callers().view()->consumer_named("acme"), wanted);
}

TEST_P(StoreTest, KeepsPasswordsOfConsumers) {
  constexpr PasswordHash::Cost kCheap{.log_n = 10, .r = 1, .p = 1};
  const std::string hash = PasswordHash::of("secret", kCheap).text();
  Consumer ada = add_consumer("ada");
  const auto set = [&](const std::string& text) {
    return store->run([&](Session& s) { return s.consumers.set_password(ada.id, text); }).get();
  };
  EXPECT_EQ(must(set(hash)).password_hash, hash);
  EXPECT_EQ(store->callers().view()->consumer_named("ada")->password_hash, hash);
  // Whoever changes the rest need not know it, and cannot change it.
  ada.plan = "gold";
  ada.password_hash = "something else";
  must(store->run([&](Session& s) { return s.consumers.update(ada); }).get());
  EXPECT_EQ(store->callers().view()->consumer_named("ada")->password_hash, hash);
  open();
  EXPECT_EQ(store->callers().view()->consumer_named("ada")->password_hash, hash);
  auto refused = set("hunter2");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_THAT(refused.error().text, ::testing::Not(HasSubstr("hunter2")));
  must(set(""));
  EXPECT_EQ(store->callers().view()->consumer_named("ada")->password_hash, "");
  auto unknown =
      store->run([&](Session& s) { return s.consumers.set_password("nobody", hash); }).get();
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::not_found);
}

TEST_P(StoreTest, RefusesASecondConsumerOfAName) {
  add_consumer("acme");
  auto second = store->run([](Session& s) { return s.consumers.create({.name = "acme"}); }).get();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
  EXPECT_EQ(second.error().text, "there is a consumer named acme already");
  EXPECT_TRUE(store->health().up);
}

TEST_P(StoreTest, RefusesWhatARecordMayNotSay) {
  const std::vector<std::pair<Consumer, std::string>> cases = {
      {{.name = ""}, "`name` is empty"},
      {{.name = "a\nb"}, "`name` holds a control character"},
      {{.name = "a\xFF"}, "`name` is not UTF-8"},
      {{.name = std::string(257, 'a')}, "`name` is longer than 256 bytes"},
      {{.name = "a", .groups = {"x\ny"}}, "`groups` holds a control character"},
      {{.name = "a", .roles = {""}}, "`roles` is empty"},
      {{.name = "a", .metadata = std::string(70000, ' ')}, "`metadata` is longer than 64 KiB"},
  };
  for (const auto& [consumer, error] : cases) {
    auto made = store->run([&](Session& s) { return s.consumers.create(consumer); }).get();
    ASSERT_FALSE(made) << error;
    EXPECT_EQ(made.error().kind, ErrorKind::invalid);
    EXPECT_EQ(made.error().text, error);
  }
  const Consumer owner = add_consumer("a");
  auto key = store
                 ->run([&](Session& s) {
                   return s.keys.issue({.consumer = owner.id, .networks = {"10.0.0.1/8"}});
                 })
                 .get();
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().text, HasSubstr("`networks` holds 10.0.0.1/8"));
}

TEST_P(StoreTest, ListsPageByPage) {
  std::vector<Consumer> consumers;
  for (int i = 0; i < 25; ++i) consumers.push_back({.name = "c" + std::to_string(100 + i)});
  EXPECT_EQ(must(store->import_consumers(consumers).get()), 25U);
  std::vector<std::string> names;
  PageQuery query{.limit = 10};
  std::vector<std::size_t> sizes;
  do {
    auto page = must(store->run([query](Session& s) { return s.consumers.list(query); }).get());
    for (const Consumer& consumer : page.items) names.push_back(consumer.name);
    sizes.push_back(page.items.size());
    query.after = page.next;
  } while (!query.after.empty());
  EXPECT_THAT(sizes, ElementsAre(10, 10, 5));
  ASSERT_EQ(names.size(), 25U);
  EXPECT_TRUE(std::ranges::is_sorted(names));
}

TEST_P(StoreTest, ChangesConsumersInTheView) {
  Consumer a = add_consumer("a");
  Consumer b = add_consumer("b");
  const IssuedKey key = add_key({.consumer = a.id});
  EXPECT_EQ(verdict(key.text), KeyVerdict::good);
  // They exchange names, by way of a third, in one transaction.
  must(store
           ->run([&](Session& s) -> Outcome<Consumer> {
             a.name = "c";
             (void)s.consumers.update(a);
             b.name = "a";
             (void)s.consumers.update(b);
             a.name = "b";
             a.disabled = true;
             return s.consumers.update(a);
           })
           .get());
  const auto view = store->callers().view();
  EXPECT_EQ(view->consumer_named("a")->id, b.id);
  EXPECT_EQ(view->consumer_named("b")->id, a.id);
  EXPECT_EQ(view->consumer_named("c"), nullptr);
  EXPECT_EQ(verdict(key.text), KeyVerdict::disabled);
  must(store->run([&](Session& s) { return s.consumers.remove(a.id); }).get());
  EXPECT_EQ(verdict(key.text), KeyVerdict::unknown);
  EXPECT_EQ(store->callers().view()->consumer(a.id), nullptr);
  EXPECT_EQ(store->callers().view()->consumer_named("b"), nullptr);
  EXPECT_EQ(store->run([&](Session& s) { return s.consumers.remove(a.id); }).get().error().kind,
            ErrorKind::not_found);
}

TEST_P(StoreTest, FindsKeysAndWhatTheyAreLimitedTo) {
  const Consumer owner = add_consumer("acme");
  const IssuedKey key = add_key({.consumer = owner.id,
                                 .label = "ci",
                                 .apis = {"orders"},
                                 .networks = {"10.0.0.0/8"},
                                 .scopes = {"orders:read"}});
  const auto view = store->callers().view();
  const FoundKey found = view->find_key(key.text.view(), wall_milliseconds());
  ASSERT_EQ(found.verdict, KeyVerdict::good);
  EXPECT_EQ(found.consumer->name, "acme");
  EXPECT_EQ(found.key->id.text(), key.key.id);
  EXPECT_THAT(found.key->limits->apis, ElementsAre("orders"));
  EXPECT_THAT(found.key->limits->scopes, ElementsAre("orders:read"));
  EXPECT_TRUE(found.key->limits->networks.contains(*net::Address::parse("10.1.2.3")));
  EXPECT_FALSE(found.key->limits->networks.contains(*net::Address::parse("192.0.2.1")));
  // Keys with the same limits share them.
  const IssuedKey same = add_key({.consumer = owner.id,
                                  .apis = {"orders"},
                                  .networks = {"10.0.0.0/8"},
                                  .scopes = {"orders:read"}});
  const auto next = store->callers().view();
  EXPECT_EQ(next->find_key(same.text.view(), wall_milliseconds()).key->limits, found.key->limits);
}

TEST_P(StoreTest, JudgesKeys) {
  const Consumer owner = add_consumer("acme");
  const std::int64_t now = wall_milliseconds();
  const IssuedKey key =
      add_key({.consumer = owner.id, .not_before = now - kDay, .expires = now + kDay});
  EXPECT_EQ(verdict(key.text.view()), KeyVerdict::good);
  EXPECT_EQ(verdict(key.text.view(), -2 * kDay), KeyVerdict::not_yet);
  EXPECT_EQ(verdict(key.text.view(), 2 * kDay), KeyVerdict::expired);
  const auto at = [&](std::int64_t time) {
    return store->callers().view()->find_key(key.text.view(), time).verdict;
  };
  EXPECT_EQ(at(now - kDay - 1), KeyVerdict::not_yet);
  EXPECT_EQ(at(now - kDay), KeyVerdict::good);
  EXPECT_EQ(at(now + kDay - 1), KeyVerdict::good);
  EXPECT_EQ(at(now + kDay), KeyVerdict::expired);

  EXPECT_EQ(verdict("spk_nonsense"), KeyVerdict::malformed);
  // The secret of another key.
  const IssuedKey other = add_key({.consumer = owner.id});
  std::string mixed(key.text.view().substr(0, 21));
  mixed += other.text.view().substr(21);
  EXPECT_EQ(verdict(mixed), KeyVerdict::wrong_secret);
  EXPECT_EQ(store->callers().view()->find_key(mixed, now).key, nullptr);
  std::string unknown(key.text.view());
  unknown[5] = unknown[5] == 'A' ? 'B' : 'A';
  EXPECT_EQ(verdict(unknown), KeyVerdict::unknown);
}

TEST_P(StoreTest, RevokesForGoodAndAtOnce) {
  const Consumer owner = add_consumer("acme");
  const IssuedKey key = add_key({.consumer = owner.id});
  const auto revoke = [&] {
    return must(store->run([&](Session& s) { return s.keys.revoke(key.key.id); }).get());
  };
  const ApiKey revoked = revoke();
  EXPECT_TRUE(revoked.revoked);
  EXPECT_EQ(verdict(key.text), KeyVerdict::revoked);
  EXPECT_EQ(revoke().revoked, revoked.revoked);
  ApiKey change = revoked;
  change.revoked = std::nullopt;
  EXPECT_EQ(store->run([&](Session& s) { return s.keys.update(change); }).get().error().kind,
            ErrorKind::conflict);
  EXPECT_FALSE(store->run([&](Session& s) { return s.keys.rotate(key.key.id, 0); }).get());
  open();
  EXPECT_EQ(verdict(key.text), KeyVerdict::revoked);
  must(store->run([&](Session& s) { return s.keys.remove(key.key.id); }).get());
  EXPECT_EQ(verdict(key.text), KeyVerdict::unknown);
}

TEST_P(StoreTest, RotatesWithOverlap) {
  const Consumer owner = add_consumer("acme");
  const IssuedKey old = add_key({.consumer = owner.id, .label = "ci", .scopes = {"read"}});
  const auto rotate = [&](const std::string& id, std::int64_t overlap) {
    return store->run([id, overlap](Session& s) { return s.keys.rotate(id, overlap); }).get();
  };
  const IssuedKey fresh = must(rotate(old.key.id, kDay));
  EXPECT_EQ(fresh.key.label, "ci");
  EXPECT_THAT(fresh.key.scopes, ElementsAre("read"));
  EXPECT_EQ(fresh.key.expires, std::nullopt);
  EXPECT_EQ(verdict(old.text), KeyVerdict::good);
  EXPECT_EQ(verdict(fresh.text), KeyVerdict::good);
  EXPECT_EQ(verdict(old.text.view(), 2 * kDay), KeyVerdict::expired);
  EXPECT_EQ(verdict(fresh.text.view(), 2 * kDay), KeyVerdict::good);
  // Without overlap the old key ends at once, and an end that was nearer stays.
  const IssuedKey third = must(rotate(fresh.key.id, 0));
  EXPECT_EQ(verdict(fresh.text), KeyVerdict::expired);
  EXPECT_EQ(verdict(third.text), KeyVerdict::good);
  EXPECT_EQ(rotate(fresh.key.id, 0).error().kind, ErrorKind::conflict);
  EXPECT_EQ(rotate(third.key.id, -1).error().kind, ErrorKind::invalid);
  must(rotate(old.key.id, 30 * kDay));
  EXPECT_EQ(verdict(old.text.view(), 2 * kDay), KeyVerdict::expired);
}

TEST_P(StoreTest, AKeyThatWasNotYetGoodIsNotMadeGoodByRotation) {
  const Consumer owner = add_consumer("acme");
  const IssuedKey old =
      add_key({.consumer = owner.id, .not_before = wall_milliseconds() + 5 * kDay});
  const IssuedKey fresh =
      must(store->run([&](Session& s) { return s.keys.rotate(old.key.id, kDay); }).get());
  EXPECT_EQ(verdict(old.text), KeyVerdict::revoked);
  EXPECT_EQ(verdict(fresh.text), KeyVerdict::not_yet);
}

TEST_P(StoreTest, ListsKeysOfAConsumer) {
  const Consumer a = add_consumer("a");
  const Consumer b = add_consumer("b");
  std::set<std::string> of_a;
  for (int i = 0; i < 5; ++i) of_a.insert(add_key({.consumer = a.id}).key.id);
  add_key({.consumer = b.id});
  std::set<std::string> listed;
  PageQuery query{.limit = 2};
  do {
    auto page = must(store->run([&](Session& s) { return s.keys.list(query, a.id); }).get());
    EXPECT_LE(page.items.size(), 2U);
    for (const ApiKey& key : page.items) listed.insert(key.id);
    query.after = page.next;
  } while (!query.after.empty());
  EXPECT_EQ(listed, of_a);
  EXPECT_EQ(must(store->run([](Session& s) { return s.keys.list({}); }).get()).items.size(), 6U);
  auto orphan = store->run([](Session& s) { return s.keys.issue({.consumer = "nobody"}); }).get();
  EXPECT_EQ(orphan.error().text, "there is no consumer nobody");
}

TEST_P(StoreTest, KeepsClients) {
  const Consumer owner = add_consumer("acme");
  const Client wanted{.id = "robot", .consumer = owner.id, .jwk = "{}", .scopes = {"a", "b"}};
  must(store->run([&](Session& s) { return s.clients.create(wanted); }).get());
  const IssuedClient issued =
      must(store->run([](Session& s) { return s.clients.issue_secret("robot"); }).get());
  const auto check = [&](std::string_view secret) {
    const auto view = store->callers().view();
    return view->is_secret_of(*view->client("robot"), secret);
  };
  EXPECT_TRUE(check(issued.secret.view()));
  EXPECT_FALSE(check(""));
  EXPECT_FALSE(check("wrong"));
  open();
  EXPECT_TRUE(check(issued.secret.view()));
  Client changed = issued.client;
  changed.secret_hash = std::nullopt;  // not for update to change
  changed.scopes = {"c"};
  must(store->run([&](Session& s) { return s.clients.update(changed); }).get());
  EXPECT_TRUE(check(issued.secret.view()));
  EXPECT_THAT(store->callers().view()->client("robot")->scopes, ElementsAre("c"));
  must(store->run([](Session& s) { return s.clients.issue_secret("robot"); }).get());
  EXPECT_FALSE(check(issued.secret.view()));
  must(store->run([&](Session& s) { return s.consumers.remove(owner.id); }).get());
  EXPECT_EQ(store->callers().view()->client("robot"), nullptr);
}

TEST_P(StoreTest, KeepsRevocationsUntilTheyAreOver) {
  const std::int64_t now = wall_milliseconds();
  const auto revoke = [&](RevocationKind kind, const std::string& value, std::int64_t until) {
    return store
        ->run([=](Session& s) {
          return s.revocations.add({.kind = kind, .value = value, .until = until});
        })
        .get();
  };
  const auto revoked = [&](RevocationKind kind, std::string_view value, std::int64_t time) {
    const auto view = store->callers().view();
    return view->revocation(kind, value, time) != nullptr;
  };
  must(revoke(RevocationKind::token, "jti-1", now + kDay));
  EXPECT_TRUE(revoked(RevocationKind::token, "jti-1", now));
  EXPECT_FALSE(revoked(RevocationKind::subject, "jti-1", now));
  EXPECT_FALSE(revoked(RevocationKind::token, "jti-2", now));
  EXPECT_FALSE(revoked(RevocationKind::token, "jti-1", now + kDay));
  EXPECT_EQ(must(revoke(RevocationKind::token, "jti-1", now + kDay / 2)).until, now + kDay);
  EXPECT_EQ(revoke(RevocationKind::token, "jti-3", now - 1).error().kind, ErrorKind::invalid);
  open();
  EXPECT_TRUE(revoked(RevocationKind::token, "jti-1", now));
  must(store->run([](Session& s) { return s.revocations.remove(RevocationKind::token, "jti-1"); })
           .get());
  EXPECT_FALSE(revoked(RevocationKind::token, "jti-1", now));
}

TEST_P(StoreTest, KeepsSigningKeysSealed) {
  const std::string secret = "-----BEGIN PRIVATE KEY----- very secret";
  must(store
           ->run([&](Session& s) {
             return s.signing_keys.create({.kid = "k1",
                                           .algorithm = "ES256",
                                           .private_key = SecretText(std::string(secret)),
                                           .active_from = 5});
           })
           .get());
  open();
  auto keys = must(store->run([](Session& s) { return s.signing_keys.list(); }).get());
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].private_key.view(), secret);
  EXPECT_EQ(keys[0].algorithm, "ES256");
  EXPECT_EQ(keys[0].retired, std::nullopt);
  must(store->run([](Session& s) { return s.signing_keys.retire("k1"); }).get());
  keys = must(store->run([](Session& s) { return s.signing_keys.list(); }).get());
  EXPECT_TRUE(keys[0].retired);
  store.reset();
  auto database = open_database();
  must(database->query("SELECT sealed FROM signing_keys", {},
                       [&](const Row& row) { EXPECT_FALSE(row.text(0).contains("secret")); }));
}

TEST_P(StoreTest, ChangesItsMasterKeyAndKeepsEveryCredential) {
  const Consumer owner = add_consumer("acme");
  const IssuedKey key = add_key({.consumer = owner.id});
  must(store
           ->run([](Session& s) {
             return s.signing_keys.create({.kid = "k1",
                                           .algorithm = "ES256",
                                           .private_key = SecretText(std::string("private"))});
           })
           .get());
  store.reset();
  auto wrong = Store::open(source(), KeyRing(test_master(kOtherTestKey)));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::refused);
  EXPECT_THAT(wrong.error().text, HasSubstr("sealed under the master key"));

  std::vector<MasterKey> previous;
  previous.push_back(test_master());
  open(KeyRing(test_master(kOtherTestKey), std::move(previous)));
  EXPECT_EQ(verdict(key.text), KeyVerdict::good);
  EXPECT_EQ(must(store->run([](Session& s) { return s.reseal(); }).get()), 2U);
  EXPECT_EQ(must(store->run([](Session& s) { return s.reseal(); }).get()), 0U);

  open(KeyRing(test_master(kOtherTestKey)));
  EXPECT_EQ(verdict(key.text), KeyVerdict::good);
  EXPECT_EQ(must(store->run([](Session& s) { return s.signing_keys.list(); }).get())[0]
                .private_key.view(),
            "private");
  store.reset();
  EXPECT_FALSE(Store::open(source(), test_ring()));
}

TEST_P(StoreTest, DoesAllOfATransactionOrNothing) {
  auto failed = store
                    ->run([](Session& s) -> Outcome<Consumer> {
                      (void)s.consumers.create({.name = "first"});
                      return s.consumers.create({.name = ""});
                    })
                    .get();
  EXPECT_FALSE(failed);
  EXPECT_EQ(store->callers().view()->consumer_named("first"), nullptr);
  EXPECT_FALSE(store->run([](Session& s) { return s.consumers.find_by_name("first"); }).get());
}

TEST_P(StoreTest, WritesDownWhenKeysWereUsed) {
  store.reset();
  store = must(Store::open(source(), test_ring(), {.tick = 5ms, .use_interval = 5ms}));
  const Consumer owner = add_consumer("acme");
  const IssuedKey key = add_key({.consumer = owner.id});
  const auto last_used = [&] {
    return must(store->run([&](Session& s) { return s.keys.get(key.key.id); }).get()).last_used;
  };
  EXPECT_EQ(last_used(), std::nullopt);
  std::string wrong(key.text.view());
  wrong[30] = wrong[30] == 'x' ? 'y' : 'x';
  verdict(wrong);
  const std::int64_t now = wall_milliseconds();
  const IssuedKey other = add_key({.consumer = owner.id});
  (void)store->callers().view()->find_key(other.text.view(), now, false);
  verdict(key.text);
  wait_until([&] { return last_used().has_value(); });
  EXPECT_EQ(must(store->run([&](Session& s) { return s.keys.get(other.key.id); }).get()).last_used,
            std::nullopt);
  EXPECT_NEAR(static_cast<double>(*last_used()), static_cast<double>(now), 2000);
}

TEST_P(StoreTest, WritesUsesDownWhenItStops) {
  const Consumer owner = add_consumer("acme");
  const IssuedKey key = add_key({.consumer = owner.id});
  const IssuedKey idle = add_key({.consumer = owner.id});
  verdict(key.text);
  open();
  const auto used = [&](const std::string& id) {
    return must(store->run([&](Session& s) { return s.keys.get(id); }).get()).last_used;
  };
  EXPECT_TRUE(used(key.key.id));
  EXPECT_FALSE(used(idle.key.id));
}

TEST_P(StoreTest, ServesOnWhenTheFileGoesAwayAndComesBack) {
  if (GetParam() != Kind::sqlite) GTEST_SKIP() << "there is no file";
  const Consumer owner = add_consumer("acme");
  const IssuedKey key = add_key({.consumer = owner.id});
  must(store->run([](Session& s) { return s.consumers.list({}); }).get());
  const std::string path = folder.file("db");
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::rename(path + suffix, path + suffix + ".away");
  }
  wait_until([&] { return !store->health().up; });
  EXPECT_FALSE(store->health().error.empty());
  EXPECT_EQ(verdict(key.text), KeyVerdict::good);
  auto refused = store->run([](Session& s) { return s.consumers.create({.name = "b"}); }).get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(std::filesystem::exists(path)) << "an empty database was made in its place";
  for (const char* suffix : {"-wal", "-shm", ""}) {
    std::filesystem::rename(path + suffix + ".away", path + suffix);
  }
  wait_until([&] { return store->health().up; });
  EXPECT_EQ(verdict(key.text), KeyVerdict::good);
  add_consumer("b");
}

TEST_P(StoreTest, SeesWhatAnotherProgramChanges) {
  const Consumer owner = add_consumer("acme");
  const IssuedKey key = add_key({.consumer = owner.id});
  auto other = must(Store::open(source(), test_ring()));
  EXPECT_EQ(other->callers().view()->find_key(key.text.view(), wall_milliseconds()).verdict,
            KeyVerdict::good);
  must(other->run([&](Session& s) { return s.keys.revoke(key.key.id); }).get());
  wait_until([&] { return verdict(key.text) == KeyVerdict::revoked; });

  // What is new, what changes and what goes, of every kind.
  const auto revoked = [&](std::string_view value) {
    const auto view = store->callers().view();
    return view->revocation(RevocationKind::subject, value, wall_milliseconds()) != nullptr;
  };
  const auto made =
      must(other
               ->run([&](Session& s) -> Outcome<IssuedAdminToken> {
                 must(s.consumers.create({.name = "bob"}));
                 must(s.clients.create({.id = "robot", .consumer = owner.id}));
                 must(s.revocations.add(
                     {.kind = RevocationKind::subject, .value = "eve", .until = s.now() + kDay}));
                 return s.admin_tokens.issue({.name = "ada"});
               })
               .get());
  const auto token_is = [&](KeyVerdict wanted) {
    const auto view = store->callers().view();
    return view->find_admin_token(made.text.view(), wall_milliseconds()).verdict == wanted;
  };
  wait_until([&] { return token_is(KeyVerdict::good); });
  EXPECT_NE(store->callers().view()->consumer_named("bob"), nullptr);
  EXPECT_NE(store->callers().view()->client("robot"), nullptr);
  EXPECT_TRUE(revoked("eve"));
  must(other
           ->run([&](Session& s) -> Outcome<AdminToken> {
             must(s.consumers.remove(owner.id));
             must(s.revocations.remove(RevocationKind::subject, "eve"));
             return s.admin_tokens.revoke(made.token.id);
           })
           .get());
  wait_until([&] { return token_is(KeyVerdict::revoked); });
  EXPECT_EQ(store->callers().view()->consumer(owner.id), nullptr);
  EXPECT_EQ(verdict(key.text), KeyVerdict::unknown);
  EXPECT_EQ(store->callers().view()->client("robot"), nullptr);
  EXPECT_FALSE(revoked("eve"));
}

TEST_P(StoreTest, SeesWhatAnotherProgramImports) {
  auto other = must(Store::open(source(), test_ring(), {.tick = 10ms}));
  std::vector<Consumer> consumers;
  for (int i = 0; i < 12'345; ++i) consumers.push_back({.name = "c" + std::to_string(i)});
  must(other->import_consumers(consumers).get());
  const auto size = [](Store& of) { return of.callers().view()->consumers().size(); };
  wait_until([&] { return size(*store) == consumers.size(); });
  EXPECT_NE(store->callers().view()->consumer_named("c12344"), nullptr);
  // All of them in one transaction, which is more than the log names.
  must(other
           ->run([&](Session& s) -> Outcome<void> {
             for (Consumer each : consumers) {
               const Consumer known = must(s.consumers.find_by_name(each.name));
               each.id = known.id;
               each.plan = "gold";
               must(s.consumers.update(std::move(each)));
             }
             return {};
           })
           .get());
  wait_until([&] { return store->callers().view()->consumer_named("c12344")->plan == "gold"; });
  EXPECT_EQ(store->callers().view()->consumer_named("c0")->plan, "gold");
}

TEST_P(StoreTest, TwoThatChangeTheSameKeyKeepBothChanges) {
  const Consumer owner = add_consumer("acme");
  auto other = must(Store::open(source(), test_ring(), {.tick = 10ms}));
  for (int i = 0; i < 20; ++i) {
    const IssuedKey key = add_key({.consumer = owner.id});
    // One reads the key, changes its label and writes it as a whole, the other one revokes it.
    auto labelled = store->run([id = key.key.id](Session& s) -> Outcome<ApiKey> {
      auto read = s.keys.get(id);
      if (!read || read->revoked) return read;
      read->label = "changed";
      return s.keys.update(std::move(*read));
    });
    auto revoked = other->run([id = key.key.id](Session& s) { return s.keys.revoke(id); });
    must(labelled.get());
    must(revoked.get());
    wait_until([&] { return verdict(key.text) == KeyVerdict::revoked; });
    EXPECT_TRUE(must(store->run([&](Session& s) { return s.keys.get(key.key.id); }).get()).revoked);
  }
}

TEST_P(StoreTest, RunsAStepAgainThatOthersWereInTheWayOf) {
  int runs = 0;
  const auto work = [&runs](Session& s) -> Outcome<Consumer> {
    auto made = s.consumers.create({.name = "acme"});
    if (made && ++runs < 3) return fail(ErrorKind::busy, "in the way");
    return made;
  };
  EXPECT_EQ(must(store->run(work).get()).name, "acme");
  EXPECT_EQ(runs, 3);
  int vain = 0;
  auto busy = store
                  ->run([&vain](Session&) -> Outcome<void> {
                    ++vain;
                    return fail(ErrorKind::busy, "in the way");
                  })
                  .get();
  EXPECT_EQ(busy.error().kind, ErrorKind::busy);
  EXPECT_EQ(vain, 4);
  EXPECT_TRUE(store->health().up);
}

TEST_P(StoreTest, ServesOnWhenTheTablesAreGoneAndComesBack) {
  if (GetParam() != Kind::postgres) GTEST_SKIP() << "it is a file that goes";
  const Consumer owner = add_consumer("acme");
  const IssuedKey key = add_key({.consumer = owner.id});
  auto database = open_database();
  const std::string schema = postgres.schema;
  must(database->run_script("ALTER SCHEMA " + schema + " RENAME TO " + schema + "_away"));
  wait_until([&] { return !store->health().up; });
  EXPECT_EQ(verdict(key.text), KeyVerdict::good);
  EXPECT_EQ(
      store->run([](Session& s) { return s.consumers.create({.name = "b"}); }).get().error().kind,
      ErrorKind::corrupt);
  must(database->run_script("ALTER SCHEMA " + schema + "_away RENAME TO " + schema));
  wait_until([&] { return store->health().up; });
  EXPECT_EQ(verdict(key.text), KeyVerdict::good);
  add_consumer("b");
}

TEST_P(StoreTest, ComesBackAfterALostConnection) {
  if (GetParam() != Kind::postgres) GTEST_SKIP() << "there is no connection";
  const Consumer owner = add_consumer("acme");
  const IssuedKey key = add_key({.consumer = owner.id});
  auto database = open_database();
  const auto others =
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
      "WHERE application_name = 'sallyport' AND pid <> pg_backend_pid()";
  EXPECT_GE(number(*database, others), 1);
  wait_until([&] {
    auto made = store->run([](Session& s) { return s.consumers.create({.name = "b"}); }).get();
    return made || made.error().kind == ErrorKind::conflict;  // kept, and its answer lost
  });
  EXPECT_TRUE(store->health().up);
  auto other = must(Store::open(source(), test_ring(), {.tick = 10ms}));
  must(other->run([&](Session& s) { return s.keys.revoke(key.key.id); }).get());
  wait_until([&] { return verdict(key.text) == KeyVerdict::revoked; });
}

TEST_P(StoreTest, ImportEndsAtTheFirstBatchThatFails) {
  std::vector<Consumer> consumers;
  for (int i = 0; i < 6000; ++i) consumers.push_back({.name = "c" + std::to_string(i)});
  consumers.push_back({.name = "c5"});
  auto imported = store->import_consumers(consumers).get();
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().kind, ErrorKind::conflict);
  EXPECT_THAT(imported.error().text, HasSubstr("c5"));
  EXPECT_EQ(store->callers().view()->consumers().size(), 5000U);
}

}  // namespace
}  // namespace sallyport::store
