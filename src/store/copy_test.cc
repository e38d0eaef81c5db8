#include "store/copy.h"

#include <gmock/gmock.h>

#include <set>

#include "base/clock.h"
#include "store/store.h"
#include "store/test_postgres.h"

namespace sallyport::store {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kDay = 24LL * 3600 * 1000;

// To each database, from a file.
class CopyTest : public EachDatabase {
 protected:
  [[nodiscard]] std::unique_ptr<Database> file() const {
    return must(open_sqlite({.path = folder.file("from")}));
  }
  [[nodiscard]] std::unique_ptr<Store> store_at(const DatabaseSource& source) const {
    return must(Store::open(source, test_ring()));
  }
  [[nodiscard]] std::unique_ptr<Store> from() const {
    return store_at([this](bool) { return open_sqlite({.path = folder.file("from")}); });
  }
};
SALLYPORT_ON_EACH_DATABASE(CopyTest);

TEST_P(CopyTest, KeepsEverything) {
  constexpr std::string_view kPassword =
      "$scrypt$ln=10,r=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  Consumer ada;
  IssuedKey key;
  IssuedClient client;
  IssuedAdminToken token;
  {
    auto store = from();
    must(store
             ->run([&](Session& s) -> Outcome<void> {
               std::vector<Consumer> many;
               for (int i = 0; i < 250; ++i) many.push_back({.name = "c" + std::to_string(i)});
               must(s.consumers.create_all(many));
               ada = must(s.consumers.create({.name = "ada", .groups = {"a", "b"}, .plan = "x"}));
               ada = must(s.consumers.set_password(ada.id, kPassword));
               key = must(s.keys.issue({.consumer = ada.id, .scopes = {"read"}, .expires = kDay}));
               must(s.clients.create({.id = "robot", .consumer = ada.id, .scopes = {"s"}}));
               client = must(s.clients.issue_secret("robot"));
               must(s.clients.create({.id = "keyless", .consumer = ada.id}));
               must(s.revocations.add(
                   {.kind = RevocationKind::client, .value = "robot", .until = s.now() + kDay}));
               must(s.signing_keys.create(
                   {.kid = "k1", .algorithm = "ES256", .private_key = SecretText("private")}));
               token = must(s.admin_tokens.issue({.name = "root", .role = AdminRole::admin}));
               must(s.config_revisions.add({.node = "a", .file = "f"}, "listen: 1"));
               return {};
             })
             .get());
  }
  auto source = file();
  auto target = open_database();
  // 251 consumers, a key, two clients, a revocation, a signing key, the secret of the keyed hash,
  // an admin token and a configuration.
  EXPECT_EQ(must(copy_store(*source, *target, test_ring())), 259);

  auto store = store_at(this->source());
  const auto view = store->callers().view();
  EXPECT_EQ(*view->consumer_named("ada"), ada);
  EXPECT_EQ(view->consumers().size(), 251);
  EXPECT_EQ(view->find_key(key.text.view(), kDay - 1).verdict, KeyVerdict::good);
  EXPECT_EQ(view->find_key(key.text.view(), kDay).verdict, KeyVerdict::expired);
  EXPECT_TRUE(view->is_secret_of(*view->client("robot"), client.secret.view()));
  EXPECT_EQ(view->client("keyless")->secret_hash, std::nullopt);
  EXPECT_NE(view->revocation(RevocationKind::client, "robot", wall_milliseconds()), nullptr);
  EXPECT_EQ(view->find_admin_token(token.text.view(), wall_milliseconds()).verdict,
            KeyVerdict::good);
  EXPECT_EQ(must(store->run([](Session& s) { return s.signing_keys.list(); }).get())
                .front()
                .private_key.view(),
            "private");
  EXPECT_EQ(
      must(store->run([](Session& s) { return s.config_revisions.text("a", 1); }).get()).view(),
      "listen: 1");

  auto again = copy_store(*source, *target, test_ring());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::refused);
  EXPECT_THAT(again.error().text, HasSubstr("holds consumers already"));
}

TEST_P(CopyTest, CopiesNothingUnderAnotherMasterKey) {
  from().reset();
  auto source = file();
  auto target = open_database();
  auto copied = copy_store(*source, *target, KeyRing(test_master(kOtherTestKey)));
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().kind, ErrorKind::refused);
  EXPECT_EQ(number(*target, "SELECT count(*) FROM secrets"), 0);
  EXPECT_EQ(must(copy_store(*source, *target, test_ring())), 1);
}

// Whoever adds a table or a column is to think of the copy.
TEST(Copy, KnowsAllTables) {
  const TemporaryFolder folder;
  auto database = must(open_sqlite({.path = folder.file("db")}));
  must(Store::open(folder.file("db"), test_ring()));
  std::vector<std::string> kept;
  must(
      database->query("SELECT t.name || '.' || c.name FROM sqlite_master AS t "
                      "JOIN pragma_table_info(t.name) AS c "
                      "WHERE t.type = 'table' AND t.name NOT IN ('changes', 'schema_version')",
                      {}, [&kept](const Row& row) { kept.emplace_back(row.text(0)); }));
  EXPECT_THAT(copied_columns(), ::testing::UnorderedElementsAreArray(kept));
}

}  // namespace
}  // namespace sallyport::store
