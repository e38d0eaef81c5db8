// The API on callers with a real store and a real audit trail, from the head of a request to its
// answer; only sockets are missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <optional>

#include "admin/api/records.h"
#include "admin/bootstrap.h"
#include "admin/fake_backend.h"
#include "admin/openapi.h"
#include "admin/router.h"
#include "base/clock.h"
#include "base/text.h"
#include "json/document.h"
#include "store/key_text.h"
#include "store/test_store.h"

namespace sallyport::admin {
namespace {

using store::must;
using testing::FakeBackend;
using ::testing::HasSubstr;
using ::testing::Not;

// What a test reads of an answer.
struct Answered {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string_view, std::string>> fields;

  [[nodiscard]] std::string text(std::string_view member) const {
    const auto document = json::Document::parse(body);
    if (!document) return "no JSON: " + body;
    const auto value = document->find(member);
    return std::string(value ? value->string().value_or("no string") : "no member");
  }
  [[nodiscard]] std::string field(std::string_view name) const {
    for (const auto& [known, value] : fields) {
      if (known == name) return value;
    }
    return {};
  }
};

// What is seldom said of a request.
struct Extra {
  std::string_view content_type = "application/json";
  std::string_view if_match = {};
  std::string_view origin = {};
  std::string_view address = "127.0.0.1";
  std::optional<std::uint64_t> content_length = {};
};

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    store = must(store::Store::open(folder.file("db"), store::test_ring()));
    trail = must(store::AuditTrail::open({.path = folder.file("audit")},
                                         store::AuditSigner(store::test_master())));
    backend.kept = store.get();
    backend.trail = trail.get();
    admin = token(AdminRole::admin);
  }
  ~ApiTest() override {
    store.reset();
    trail.reset();
  }

  std::string token(AdminRole role, std::optional<std::int64_t> expires = {}) {
    auto issued = must(store
                           ->run([&](store::Session& session) {
                             return session.admin_tokens.issue(
                                 {.name = "test", .role = role, .expires = expires});
                           })
                           .get());
    return "Bearer " + std::string(issued.text.view());
  }

  Answered ask_as(const std::string& authorization, std::string_view method,
                  const std::string& target, std::string body = "", const Extra& extra = {}) {
    const std::size_t question = target.find('?');
    const AdminRequest request{
        .method = method,
        .path = std::string_view(target).substr(0, question),
        .query = question == std::string::npos ? "" : std::string_view(target).substr(question + 1),
        .host = "127.0.0.1",
        .authority = "127.0.0.1:9901",
        .origin = extra.origin,
        .fetch_site = {},
        .authorization = authorization,
        .content_type = extra.content_type,
        .if_match = extra.if_match,
        .content_length = extra.content_length,
        .local = *net::Address::parse("127.0.0.1"),
        .peer = *net::Address::parse(extra.address)};
    std::expected<Router::Admitted, Reply> admitted = std::unexpected(Reply{.status = 0});
    router.admit(request, now, [&admitted](auto judged) { admitted = std::move(judged); });
    if (!admitted) return answered(std::move(admitted.error()));
    std::promise<Reply> promise;
    router.answer(*admitted, std::move(body),
                  [&promise](Reply reply) { promise.set_value(std::move(reply)); });
    return answered(promise.get_future().get());
  }
  Answered ask(std::string_view method, const std::string& target, std::string body = "",
               const Extra& extra = {}) {
    return ask_as(admin, method, target, std::move(body), extra);
  }
  static Answered answered(Reply reply) {
    return {.status = reply.status, .body = reply.body, .fields = reply.fields};
  }
  std::string make_consumer(const std::string& name) {
    return ask("POST", "/v1/consumers", R"({"name":")" + name + "\"}").text("id");
  }
  // The trail so far; what is to be found in it was written before the answer came.
  std::string audit() {
    std::ifstream file(folder.file("audit"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  store::KeyVerdict verdict(const std::string& key, std::int64_t later = 0) {
    return store->callers().view()->find_key(key, wall_milliseconds() + later).verdict;
  }

  store::TemporaryFolder folder;
  std::unique_ptr<store::AuditTrail> trail;
  std::unique_ptr<store::Store> store;
  FakeBackend backend;
  Router router{backend, [](std::move_only_function<void()> work) { work(); }};
  std::uint64_t now = 1'000'000;
  std::string admin;
};

TEST_F(ApiTest, KeepsConsumers) {
  Answered made = ask("POST", "/v1/consumers",
                      R"({"name":"acme","groups":["eu"],"metadata":{"tier":1},"plan":"gold"})");
  EXPECT_EQ(made.status, 201) << made.body;
  const std::string place = made.field("Location");
  EXPECT_EQ(place, "/v1/consumers/" + made.text("id"));
  Answered read = ask("GET", place);
  EXPECT_EQ(read.body, made.body);
  EXPECT_EQ(read.field("ETag"), made.field("ETag"));
  EXPECT_THAT(read.body, HasSubstr(R"("metadata":{"tier":1})"));

  Answered changed = ask("PATCH", place, R"({"plan":"silver","metadata":null})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.text("plan"), "silver");
  EXPECT_EQ(changed.text("name"), "acme");
  EXPECT_THAT(changed.body, HasSubstr(R"("metadata":{})"));
  EXPECT_NE(changed.field("ETag"), made.field("ETag"));

  EXPECT_EQ(ask("DELETE", place).status, 204);
  EXPECT_EQ(ask("GET", place).status, 404);
  EXPECT_EQ(ask("DELETE", place).status, 404);
  const std::string lines = audit();
  EXPECT_THAT(lines, HasSubstr("\"action\":\"consumer.create\""));
  EXPECT_THAT(lines, HasSubstr(R"(\"plan\":{\"from\":\"gold\",\"to\":\"silver\"})"));
  EXPECT_THAT(lines, HasSubstr("\"action\":\"consumer.remove\""));
}

TEST_F(ApiTest, RefusesWhatItDoesNotUnderstandByName) {
  struct Case {
    std::string_view body;
    int status;
    std::string_view said;
  };
  const Case cases[] = {
      {"", 400, "admin.bad_json"},
      {"{", 400, "admin.bad_json"},
      {R"({"name":"a","name":"b"})", 400, "admin.bad_json"},
      {"[]", 422, "an array where an object is needed"},
      {"{}", 422, "`name` is needed"},
      {R"({"name":""})", 422, "`name` is empty"},
      {R"({"name":7})", 422, "`name` is an integer where a string is needed"},
      {R"({"name":null})", 422, "`name` is null where a string is needed"},
      {R"({"name":"a","plann":"x"})", 422, "`plann` is no member here; did you mean `plan`?"},
      {R"({"name":"a","id":"x"})", 422, "`id` is for the gateway to say"},
      {R"({"name":"a","created":"2026-01-01T00:00:00Z"})", 422, "`created` is for the gateway"},
      {R"({"name":"a","groups":"x"})", 422, "an array of strings is needed"},
      {R"({"name":"a","groups":[1]})", 422, "`groups` is an integer"},
      {R"({"name":"a","metadata":"x"})", 422, "`metadata` is a string where an object"},
      {R"({"name":"a","disabled":"no"})", 422, "true or false is needed"},
      {R"({"name":"a\u0007"})", 422, "`name` holds a control character"},
  };
  for (const Case& each : cases) {
    Answered answer = ask("POST", "/v1/consumers", std::string(each.body));
    EXPECT_EQ(answer.status, each.status) << each.body << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(each.said)) << each.body;
  }
  EXPECT_EQ(ask("POST", "/v1/consumers", "{}", {.content_type = "text/plain"}).status, 415);
  EXPECT_EQ(ask("POST", "/v1/consumers", "{}", {.content_length = 1 << 21}).status, 413);
  EXPECT_EQ(ask("POST", "/v1/consumers", std::string(2 << 20, ' ')).status, 413);
  EXPECT_THAT(ask("GET", "/v1/consumers").body, HasSubstr(R"("items":[])"));
  EXPECT_THAT(audit(), Not(HasSubstr("consumer.create")));
}

TEST_F(ApiTest, ANameExistsOnce) {
  make_consumer("acme");
  Answered second = ask("POST", "/v1/consumers", R"({"name":"acme"})");
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.text("code"), "admin.conflict");
}

TEST_F(ApiTest, ListsPageByPage) {
  std::string lines;
  for (int i = 100; i < 350; ++i) lines += R"({"name":"c)" + std::to_string(i) + "\"}\n";
  Answered imported =
      ask("POST", "/v1/consumers/import", lines, {.content_type = "application/jsonl"});
  EXPECT_EQ(imported.status, 200) << imported.body;
  EXPECT_THAT(imported.body, HasSubstr(R"("imported":250)"));
  std::vector<std::string> names;
  std::string target = "/v1/consumers?limit=99";
  for (int pages = 0; pages < 4; ++pages) {
    Answered page = ask("GET", target);
    const auto document = json::Document::parse(page.body);
    ASSERT_TRUE(document) << page.body;
    for (json::Value each : document->find("items")->items()) {
      names.emplace_back(*each.find("name")->string());
    }
    const auto next = document->find("next")->string();
    if (!next) break;
    target = "/v1/consumers?limit=99&cursor=" + std::string(*next);
  }
  ASSERT_EQ(names.size(), 250U);
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_EQ(names.front(), "c100");
  EXPECT_EQ(names.back(), "c349");
  EXPECT_THAT(ask("GET", "/v1/consumers?name=c200").body, HasSubstr("\"c200\""));
  EXPECT_THAT(ask("GET", "/v1/consumers?name=none").body, HasSubstr(R"("items":[])"));
  for (const char* query :
       {"limit=0", "limit=1001", "limit=x", "limit=-1", "limit=", "cursor=", "cursor=%00",
        "cursor=AA", "cursor=a", "x=1", "limit=1&limit=1", "name=%ff", "name=%zz"}) {
    Answered answer = ask("GET", std::string("/v1/consumers?") + query);
    EXPECT_EQ(answer.text("code"), "admin.bad_query") << query << answer.body;
  }
}

TEST_F(ApiTest, ImportsAllOrNone) {
  make_consumer("taken");
  const Extra lines{.content_type = "application/x-ndjson"};
  Answered clash = ask("POST", "/v1/consumers/import", R"({"name":"a"}
{"name":"taken"}
)",
                       lines);
  EXPECT_EQ(clash.status, 409) << clash.body;
  EXPECT_THAT(clash.body, HasSubstr("taken"));
  Answered wrong =
      ask("POST", "/v1/consumers/import", "{\"name\":\"a\"}\r\n\n{\"nam\":\"b\"}", lines);
  EXPECT_EQ(wrong.status, 422);
  EXPECT_THAT(wrong.body, HasSubstr("Line 3: `nam` is no member here"));
  EXPECT_THAT(ask("GET", "/v1/consumers?name=a").body, HasSubstr(R"("items":[])"));
  Answered skipped = ask("POST", "/v1/consumers/import?existing=skip", R"({"name":"a"}
{"name":"taken"})",
                         lines);
  EXPECT_EQ(skipped.status, 200) << skipped.body;
  EXPECT_THAT(skipped.body, HasSubstr(R"("imported":1,"skipped":1)"));
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += "{\"name\":\"m" + std::to_string(i) + "\"}\n";
  EXPECT_EQ(ask("POST", "/v1/consumers/import", many, lines).status, 422);
  EXPECT_EQ(ask("POST", "/v1/consumers/import", "{}", {}).status, 415);
  EXPECT_EQ(ask("POST", "/v1/consumers/import?existing=replace", "", lines).status, 400);
}

TEST_F(ApiTest, ChangesOnlyTheRecordThatWasRead) {
  const std::string id = make_consumer("acme");
  const std::string place = "/v1/consumers/" + id;
  const std::string tag = ask("GET", place).field("ETag");
  EXPECT_EQ(ask("PATCH", place, R"({"plan":"a"})", {.if_match = tag}).status, 200);
  Answered stale = ask("PATCH", place, R"({"plan":"b"})", {.if_match = tag});
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(stale.text("code"), "admin.changed_meanwhile");
  EXPECT_EQ(ask("DELETE", place, "", {.if_match = tag}).status, 412);
  EXPECT_EQ(ask("PATCH", place, R"({"plan":"b"})", {.if_match = "W/" + tag}).status, 412);
  EXPECT_EQ(ask("GET", place).text("plan"), "a");
  const std::string either = "\"other\", " + ask("GET", place).field("ETag");
  EXPECT_EQ(ask("PATCH", place, R"({"plan":"c"})", {.if_match = either}).status, 200);
  EXPECT_EQ(ask("DELETE", place, "", {.if_match = "*"}).status, 204);
}

TEST_F(ApiTest, ShowsAKeyOnceAndRevokesItAtOnce) {
  const std::string consumer = make_consumer("acme");
  Answered issued = ask("POST", "/v1/keys",
                        R"({"consumer":")" + consumer +
                            R"(","label":"ci","apis":["orders"],"networks":["10.0.0.0/8"],)"
                            R"("scopes":["read"],"expires":"2096-01-01T00:00:00Z"})");
  EXPECT_EQ(issued.status, 201) << issued.body;
  const std::string key = issued.text("key");
  EXPECT_EQ(verdict(key), store::KeyVerdict::good);
  const std::string place = issued.field("Location");
  EXPECT_THAT(ask("GET", place).body, Not(HasSubstr(key.substr(21))));
  EXPECT_THAT(ask("GET", "/v1/keys?consumer=" + consumer).body, HasSubstr(issued.text("id")));
  EXPECT_EQ(ask("PATCH", place, R"({"consumer":"x"})").status, 422);
  EXPECT_EQ(ask("PATCH", place, R"({"label":"cd","expires":null})").text("label"), "cd");

  Answered revoked = ask("POST", place + "/revoke");
  EXPECT_EQ(revoked.status, 200);
  EXPECT_EQ(verdict(key), store::KeyVerdict::revoked);
  EXPECT_EQ(ask("POST", place + "/revoke").body, revoked.body);
  EXPECT_EQ(ask("PATCH", place, R"({"label":"x"})").status, 409);
  EXPECT_EQ(ask("DELETE", place).status, 204);
  EXPECT_EQ(verdict(key), store::KeyVerdict::unknown);
  const std::string lines = audit();
  EXPECT_THAT(lines, HasSubstr("\"action\":\"api_key.revoke\""));
  EXPECT_THAT(lines, Not(HasSubstr(key.substr(21)))) << "the trail holds a secret";
  EXPECT_EQ(ask("POST", "/v1/keys", R"({"consumer":"nobody"})").status, 404);
  EXPECT_EQ(ask("POST", "/v1/keys",
                R"({"consumer":")" + consumer + R"(","expires":"2001-01-01T00:00:00Z"})")
                .status,
            422);
  EXPECT_EQ(
      ask("POST", "/v1/keys", R"({"consumer":")" + consumer + R"(","networks":["10.0.0.1/8"]})")
          .status,
      422);
}

TEST_F(ApiTest, RotatesWithOverlap) {
  const std::string consumer = make_consumer("acme");
  Answered old = ask("POST", "/v1/keys", R"({"consumer":")" + consumer + "\"}");
  Answered fresh = ask("POST", old.field("Location") + "/rotate", R"({"overlap_seconds":60})");
  EXPECT_EQ(fresh.status, 201) << fresh.body;
  EXPECT_EQ(verdict(fresh.text("key")), store::KeyVerdict::good);
  EXPECT_EQ(verdict(old.text("key")), store::KeyVerdict::good);
  EXPECT_EQ(verdict(old.text("key"), 61'000), store::KeyVerdict::expired);
  EXPECT_EQ(verdict(fresh.text("key"), 61'000), store::KeyVerdict::good);
  Answered at_once = ask("POST", fresh.field("Location") + "/rotate", R"({"overlap_seconds":0})");
  EXPECT_EQ(verdict(fresh.text("key")), store::KeyVerdict::expired);
  EXPECT_EQ(ask("POST", fresh.field("Location") + "/rotate").status, 409);
  EXPECT_EQ(ask("POST", at_once.field("Location") + "/rotate").status, 201);
  for (const char* body : {R"({"overlap_seconds":-1})", R"({"overlap_seconds":1e3})",
                           R"({"overlap":1})", R"({"overlap_seconds":99999999999})"}) {
    EXPECT_EQ(ask("POST", at_once.field("Location") + "/rotate", body).status, 422) << body;
  }
}

TEST_F(ApiTest, KeepsClients) {
  const std::string consumer = make_consumer("acme");
  Answered made = ask("POST", "/v1/clients",
                      R"({"id":"shop","consumer":")" + consumer + R"(","scopes":["a"]})");
  EXPECT_EQ(made.status, 201) << made.body;
  auto is_secret = [&](const std::string& secret) {
    const auto view = store->callers().view();
    return view->is_secret_of(*view->client("shop"), secret);
  };
  EXPECT_TRUE(is_secret(made.text("secret")));
  EXPECT_THAT(ask("GET", "/v1/clients/shop").body, HasSubstr(R"("has_secret":true)"));
  Answered again = ask("POST", "/v1/clients/shop/secret");
  EXPECT_FALSE(is_secret(made.text("secret")));
  EXPECT_TRUE(is_secret(again.text("secret")));
  EXPECT_EQ(ask("PATCH", "/v1/clients/shop", R"({"id":"x"})").status, 422);
  EXPECT_EQ(ask("PATCH", "/v1/clients/shop", R"({"grant_seconds":0})").status, 422);
  EXPECT_THAT(ask("PATCH", "/v1/clients/shop", R"({"disabled":true})").body,
              HasSubstr(R"("disabled":true)"));
  Answered keyed =
      ask("POST", "/v1/clients", R"({"consumer":")" + consumer + R"(","jwk":{"kty":"OKP"}})");
  EXPECT_THAT(keyed.body, HasSubstr(R"("has_secret":false)"));
  EXPECT_EQ(keyed.text("secret"), "no member");
  EXPECT_EQ(ask("POST", "/v1/clients", R"({"id":"a/b","consumer":")" + consumer + "\"}").status,
            422);
  EXPECT_EQ(ask("DELETE", "/v1/clients/shop").status, 204);
  EXPECT_THAT(audit(), Not(HasSubstr(again.text("secret"))));
}

TEST_F(ApiTest, KeepsRevocations) {
  const std::string until = "\"until\":\"2096-01-01T00:00:00Z\"}";
  Answered made = ask("POST", "/v1/revocations", R"({"kind":"subject","value":"a/b c",)" + until);
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_NE(store->callers().view()->revocation(store::RevocationKind::subject, "a/b c",
                                                wall_milliseconds()),
            nullptr);
  EXPECT_THAT(ask("GET", "/v1/revocations?kind=subject").body, HasSubstr("a/b c"));
  EXPECT_THAT(ask("GET", "/v1/revocations?kind=token").body, HasSubstr(R"("items":[])"));
  EXPECT_EQ(ask("GET", "/v1/revocations").status, 400);
  EXPECT_EQ(ask("POST", "/v1/revocations", R"({"kind":"subject","value":"x"})").status, 422);
  EXPECT_EQ(ask("POST", "/v1/revocations", R"({"kind":"thing","value":"x",)" + until).status, 422);
  EXPECT_EQ(ask("DELETE", "/v1/revocations?kind=subject&value=a%2Fb+c").status, 204);
  EXPECT_EQ(ask("DELETE", "/v1/revocations?kind=subject&value=a%2Fb+c").status, 404);
  EXPECT_EQ(ask("DELETE", "/v1/revocations?kind=subject").status, 400);
}

TEST_F(ApiTest, RotatesSigningKeys) {
  EXPECT_THAT(ask("POST", "/v1/signing-keys/rotate").body, HasSubstr("has made no signing keys"));
  must(store
           ->run([](store::Session& session) {
             store::SigningKey key{.kid = "first", .algorithm = "EdDSA"};
             key.private_key = store::SecretText("PRIVATE");
             return session.signing_keys.create(key);
           })
           .get());
  const Answered coming = ask("POST", "/v1/signing-keys/rotate");
  EXPECT_EQ(coming.status, 201);
  EXPECT_EQ(coming.text("algorithm"), "EdDSA") << "like the one before";
  EXPECT_EQ(coming.text("state"), "coming");
  const std::int64_t notice = *parse_rfc3339(coming.text("active_from")) - wall_milliseconds();
  EXPECT_GT(notice, 3'000'000);
  EXPECT_LE(notice, 3'600'000);
  const Answered second = ask("POST", "/v1/signing-keys/rotate");
  EXPECT_EQ(second.status, 409);
  EXPECT_THAT(second.body, HasSubstr(coming.text("kid")));
  const Answered now_signing = ask("POST", "/v1/signing-keys/rotate", R"({"in_seconds":0})");
  EXPECT_EQ(now_signing.text("state"), "signing");
  const std::string listed = ask("GET", "/v1/signing-keys").body;
  for (const std::string& kid :
       {std::string("first"), coming.text("kid"), now_signing.text("kid")}) {
    EXPECT_THAT(listed, HasSubstr("\"kid\":\"" + kid + "\""));
  }
  EXPECT_THAT(listed, Not(HasSubstr("PRIVATE")));
  EXPECT_THAT(audit(), HasSubstr(R"("action":"signing_key.create")"));
}

TEST_F(ApiTest, RetiresAndRemovesSigningKeys) {
  must(store
           ->run([](store::Session& session) {
             store::SigningKey key{.kid = "first", .algorithm = "ES256"};
             key.private_key = store::SecretText("PRIVATE");
             return session.signing_keys.create(key);
           })
           .get());
  const Answered retired = ask("POST", "/v1/signing-keys/first/retire");
  EXPECT_EQ(retired.text("state"), "retired");
  EXPECT_EQ(ask("POST", "/v1/signing-keys/first/retire").text("retired"), retired.text("retired"));
  EXPECT_EQ(ask("POST", "/v1/signing-keys/other/retire").status, 404);
  EXPECT_EQ(ask("DELETE", "/v1/signing-keys/other").status, 404);
  EXPECT_EQ(ask("DELETE", "/v1/signing-keys/first").status, 204);
  EXPECT_THAT(ask("GET", "/v1/signing-keys").body, HasSubstr(R"("items":[])"));
  const std::string trail_text = audit();
  const std::size_t first = trail_text.find("signing_key.retire");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(trail_text.find("signing_key.retire", first + 1), std::string::npos);
  EXPECT_THAT(trail_text, HasSubstr("signing_key.remove"));
}

TEST_F(ApiTest, MakesAndRevokesAdminTokens) {
  Answered made = ask("POST", "/v1/admin-tokens", R"({"name":"ci","role":"operator"})");
  EXPECT_EQ(made.status, 201) << made.body;
  const std::string bearer = "Bearer " + made.text("token");
  EXPECT_EQ(ask_as(bearer, "GET", "/v1/whoami").text("role"), "operator");
  EXPECT_THAT(ask("GET", "/v1/admin-tokens").body, Not(HasSubstr(made.text("token").substr(21))));
  EXPECT_EQ(ask("POST", made.field("Location") + "/revoke").status, 200);
  EXPECT_EQ(ask_as(bearer, "GET", "/v1/whoami").status, 401);
  EXPECT_EQ(ask("POST", "/v1/admin-tokens", R"({"name":"ci","role":"root"})").status, 422);
  EXPECT_EQ(ask("POST", "/v1/admin-tokens",
                R"({"name":"ci","role":"admin","expires":"2001-01-01T00:00:00Z"})")
                .status,
            422);
}

TEST_F(ApiTest, NeverLosesTheLastAdmin) {
  const std::string own = ask("GET", "/v1/whoami").text("id");
  Answered last = ask("POST", "/v1/admin-tokens/" + own + "/revoke");
  EXPECT_EQ(last.text("code"), "admin.last_admin");
  token(AdminRole::admin);
  EXPECT_EQ(ask("POST", "/v1/admin-tokens/" + own + "/revoke").status, 200);
  EXPECT_EQ(ask("GET", "/v1/whoami").status, 401);
}

// What each role may do follows from the table alone: every route is asked as everybody.
TEST_F(ApiTest, LetsEachRoleDoWhatTheTableSays) {
  std::array<std::string, 4> tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = token(static_cast<AdminRole>(i));
  std::size_t asked = 0;
  for (const Route& route : routes()) {
    std::string path(route.path);
    while (path.contains('{'))
      path.replace(path.find('{'), path.find('}') + 1 - path.find('{'), "x");
    const int nobody = ask_as("", route.method, path).status;
    EXPECT_EQ(nobody == 401, route.role.has_value()) << route.method << ' ' << path;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      now += 3'600'000;  // so that what is refused is recorded each time
      const int status = ask_as(tokens[i], route.method, path).status;
      const bool may = !route.role || static_cast<AdminRole>(i) >= *route.role;
      EXPECT_EQ(status == 403, !may) << route.method << ' ' << path << ' ' << store::kRoleNames[i];
      EXPECT_NE(status, 401) << route.method << ' ' << path;
      ++asked;
    }
  }
  EXPECT_EQ(asked, 4 * routes().size());
  EXPECT_THAT(audit(), HasSubstr("\"action\":\"admin.refused\""));
}

// Otherwise an operator could give a consumer, whose key he has, what only security may give.
TEST_F(ApiTest, WhatGivesRightsTakesTheRoleSecurity) {
  const std::string operate = token(AdminRole::operate);
  const std::string security = token(AdminRole::security);
  const std::string place = "/v1/consumers/" + make_consumer("acme");
  const std::string before = ask("GET", place).body;
  for (const char* body : {R"({"roles":["root"]})", R"({"groups":["root"]})", R"({"name":"root"})",
                           R"({"disabled":true})", R"({"plan":"gold","roles":["root"]})"}) {
    now += 60'000;
    Answered answer = ask_as(operate, "PATCH", place, body);
    EXPECT_EQ(answer.status, 403) << body;
    EXPECT_EQ(answer.text("code"), "admin.forbidden");
    EXPECT_THAT(answer.text("detail"), HasSubstr("needs the role security"));
  }
  EXPECT_EQ(ask("GET", place).body, before);
  for (const char* body :
       {R"({"name":"b","roles":["root"]})", R"({"name":"b","groups":["root"]})"}) {
    EXPECT_EQ(ask_as(operate, "POST", "/v1/consumers", body).status, 403) << body;
  }
  const Extra lines{.content_type = "application/jsonl"};
  const std::string imported = "{\"name\":\"c\"}\n{\"name\":\"d\",\"roles\":[\"root\"]}\n";
  Answered import = ask_as(operate, "POST", "/v1/consumers/import", imported, lines);
  EXPECT_EQ(import.status, 403);
  EXPECT_THAT(import.text("detail"), HasSubstr("Line 2: `roles`"));
  EXPECT_THAT(ask("GET", "/v1/consumers?name=c").body, HasSubstr(R"("items":[])"));
  EXPECT_THAT(audit(), HasSubstr("operation/change_consumer"));

  EXPECT_EQ(ask_as(operate, "POST", "/v1/consumers", R"({"name":"e","plan":"gold"})").status, 201);
  EXPECT_EQ(ask_as(operate, "PATCH", place, R"({"plan":"gold","roles":[]})").status, 200)
      << "what stays the same gives nothing";
  EXPECT_EQ(ask_as(security, "PATCH", place, R"({"roles":["root"],"disabled":true})").status, 200);
  EXPECT_EQ(ask_as(operate, "PATCH", place, R"({"disabled":false})").status, 403);
  EXPECT_EQ(ask_as(security, "POST", "/v1/consumers/import", imported, lines).status, 200);
}

TEST_F(ApiTest, RefusesWhoIsNotKnown) {
  const std::string unknown =
      "Bearer " + std::string(store::PresentedKey::random(store::kAdminTokenPrefix).text().view());
  std::string wrong = admin;
  wrong.back() = wrong.back() == 'A' ? 'E' : 'A';
  const std::int64_t end = wall_milliseconds() + 5;
  const std::string expired = token(AdminRole::admin, end);
  while (wall_milliseconds() <= end) {
  }
  for (const std::string& each :
       {std::string("Basic YTpi"), std::string("Bearer"), std::string("Bearer x"), unknown, wrong,
        expired, admin + "x", admin.substr(7)}) {
    Answered answer = ask_as(each, "GET", "/v1/consumers");
    EXPECT_EQ(answer.status, 401) << each;
    EXPECT_THAT(answer.field("WWW-Authenticate"), HasSubstr("Bearer"));
  }
  EXPECT_EQ(ask_as("bearer " + admin.substr(7), "GET", "/v1/consumers").status, 200);
}

TEST_F(ApiTest, LimitsWhatWrongTokensCost) {
  int refused = 0;
  for (int i = 0; i < 30; ++i) {
    Answered answer = ask_as("Bearer wrong", "GET", "/v1/consumers");
    if (answer.status == 429) ++refused;
    if (answer.status == 429) EXPECT_EQ(answer.field("Retry-After"), "60");
  }
  EXPECT_EQ(refused, 20);
  EXPECT_EQ(ask("GET", "/v1/consumers").status, 200) << "a good token is let in all the same";
  EXPECT_EQ(ask_as("Bearer wrong", "GET", "/config", "", {.address = "10.0.0.1"}).status, 401);
  now += 60'000;
  EXPECT_EQ(ask_as("Bearer wrong", "GET", "/v1/consumers").status, 401);
  ask("POST", "/v1/consumers", R"({"name":"a"})");  // whose line comes behind the others
  const std::string lines = audit();
  EXPECT_THAT(lines, HasSubstr("\"action\":\"admin.sign_in_failed\""));
  EXPECT_THAT(lines, HasSubstr(R"(\"unrecorded_before\":20)"));
}

TEST_F(ApiTest, LetsNoOtherSiteChangeAnything) {
  EXPECT_EQ(
      ask("POST", "/v1/consumers", R"({"name":"a"})", {.origin = "http://evil.example"}).status,
      403);
  EXPECT_EQ(ask("DELETE", "/v1/consumers/x", "", {.origin = "null"}).status, 403);
  EXPECT_EQ(
      ask("POST", "/v1/consumers", R"({"name":"a"})", {.origin = "http://127.0.0.1:9901"}).status,
      201);
}

TEST_F(ApiTest, ChangesNothingThatItCannotRecord) {
  // A folder stands where the trail would be written anew.
  std::filesystem::remove(folder.file("audit"));
  std::filesystem::create_directory(folder.file("audit"));
  Answered answer = ask("POST", "/v1/consumers", R"({"name":"a"})");
  EXPECT_EQ(answer.status, 503) << answer.body;
  EXPECT_EQ(answer.text("code"), "admin.audit_unavailable");
  EXPECT_THAT(ask("GET", "/v1/consumers").body, HasSubstr(R"("items":[])"));
  EXPECT_TRUE(store->health().up) << "the store is not to blame";
}

TEST_F(ApiTest, MakesTheFirstTokenOnce) {
  // There is one already.
  EXPECT_FALSE(must(bootstrap(*store, *trail)));
  store = must(store::Store::open(folder.file("other"), store::test_ring()));
  backend.kept = store.get();
  auto made = must(bootstrap(*store, *trail));
  ASSERT_TRUE(made);
  EXPECT_EQ(ask_as("Bearer " + std::string(made->text.view()), "GET", "/v1/whoami").text("role"),
            "admin");
  EXPECT_FALSE(must(bootstrap(*store, *trail)));
}

TEST_F(ApiTest, DescribesEveryRouteAndNoOther) {
  const auto document = json::Document::parse(openapi_document());
  ASSERT_TRUE(document) << document.error();
  std::size_t described = 0;
  for (const json::Member& path : document->find("paths")->members()) {
    for (const json::Member& operation : path.value.members()) {
      ++described;
      const auto route = std::ranges::find_if(routes(), [&](const Route& each) {
        return each.path == path.name && text::to_lower(each.method) == operation.name;
      });
      ASSERT_NE(route, routes().end()) << operation.name << ' ' << path.name;
      EXPECT_EQ(operation.value.find("operationId")->string(), route->name);
      EXPECT_EQ(operation.value.find("parameters")->size() >=
                    static_cast<std::size_t>(std::ranges::count(path.name, '{')),
                true);
    }
  }
  EXPECT_EQ(described, routes().size());
  // Every schema that is named exists.
  const auto schemas = document->find("components")->find("schemas");
  std::string_view text = openapi_document();
  constexpr std::string_view kReference = "#/components/schemas/";
  for (std::size_t at = text.find(kReference); at != std::string_view::npos;
       at = text.find(kReference, at + 1)) {
    std::string_view name = text.substr(at + kReference.size());
    name = name.substr(0, name.find('"'));
    EXPECT_TRUE(schemas->find(name)) << name;
  }
}

}  // namespace
}  // namespace sallyport::admin
