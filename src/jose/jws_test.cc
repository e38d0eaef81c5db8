#include "jose/jws.h"

#include <gtest/gtest.h>

#include "jose/test_tokens.h"

namespace sallyport::jose {
namespace {

using testing::key_for;
using testing::public_set;
using testing::sign;

constexpr std::string_view kHeader = R"({"alg":"ES256","kid":"k1"})";

class Jws : public ::testing::Test {
 protected:
  Jws() {
    const std::string compact = sign(Algorithm::es256, kHeader, "payload");
    const std::size_t first = compact.find('.');
    const std::size_t second = compact.find('.', first + 1);
    header_ = compact.substr(0, first);
    payload_ = compact.substr(first + 1, second - first - 1);
    signature_ = compact.substr(second + 1);
  }
  [[nodiscard]] std::string entry(std::string_view more = "") const {
    return R"("protected":")" + header_ + R"(","signature":")" + signature_ + "\"" +
           std::string(more);
  }
  [[nodiscard]] std::string flattened(std::string_view more = "") const {
    return R"({"payload":")" + payload_ + "\"," + entry(more) + "}";
  }
  [[nodiscard]] std::string general(std::string_view entries) const {
    return R"({"payload":")" + payload_ + R"(","signatures":[)" + std::string(entries) + "]}";
  }
  [[nodiscard]] std::string_view json_verdict(std::string_view text,
                                              const SignatureRules& rules = {}) const {
    const auto verified = verify_json_signature(text, keys_, rules);
    return verified ? "good" : name_of(verified.error().code);
  }

  const KeySet keys_ = public_set(Algorithm::es256);
  std::string header_;
  std::string payload_;
  std::string signature_;
};

TEST_F(Jws, GivesThePayloadWhateverItIs) {
  for (std::string_view payload :
       {std::string_view(""), std::string_view("text"), std::string_view("\0\xFF", 2)}) {
    const auto verified = verify_signature(sign(Algorithm::es256, kHeader, payload), keys_);
    ASSERT_TRUE(verified.has_value());
    EXPECT_EQ(verified->payload, payload);
    EXPECT_EQ(verified->algorithm, Algorithm::es256);
    EXPECT_EQ(verified->header.find("kid")->string(), "k1");
  }
}

TEST_F(Jws, SignsWhatItVerifies) {
  const auto typed = sign_compact(key_for(Algorithm::es256), Algorithm::es256, "at+jwt", "{}");
  const auto verified = verify_signature(typed.value(), keys_);
  ASSERT_TRUE(verified.has_value());
  EXPECT_EQ(verified->header.find("typ")->string(), "at+jwt");
  const Key unnamed = Key::from_secret(std::string(32, 's'), "").value();
  const std::string plain = sign_compact(unnamed, Algorithm::hs256, "", "x").value();
  EXPECT_TRUE(plain.starts_with(base64url_encode(R"({"alg":"HS256"})") + "."));
  EXPECT_FALSE(sign_compact(unnamed, Algorithm::es256, "", "x").has_value());
}

TEST_F(Jws, TakesAPayloadThatIsElsewhere) {
  const std::string detached = header_ + ".." + signature_;
  EXPECT_TRUE(verify_signature(detached, keys_, {.detached_payload = "payload"}).has_value());
  EXPECT_FALSE(verify_signature(detached, keys_, {.detached_payload = "other"}).has_value());
  EXPECT_FALSE(verify_signature(detached, keys_).has_value());
  const std::string attached = header_ + "." + payload_ + "." + signature_;
  EXPECT_FALSE(verify_signature(attached, keys_, {.detached_payload = "payload"}).has_value());
  EXPECT_EQ(json_verdict("{" + entry() + "}", {.detached_payload = "payload"}), "good");
  EXPECT_EQ(json_verdict("{" + entry() + "}"), "malformed");
  EXPECT_EQ(json_verdict(flattened(), {.detached_payload = "payload"}), "malformed");
  EXPECT_EQ(json_verdict(R"({"payload":1,)" + entry() + "}", {.detached_payload = "payload"}),
            "malformed");
}

TEST_F(Jws, ReadsTheJsonForms) {
  EXPECT_EQ(json_verdict(flattened()), "good");
  EXPECT_EQ(json_verdict(flattened(R"(,"header":{"x":1})")), "good");
  EXPECT_EQ(json_verdict(general("{" + entry() + "}")), "good");
  const std::string wrong = R"({"protected":")" + header_ + R"(","signature":"AAAA"})";
  EXPECT_EQ(json_verdict(general(wrong + ",{" + entry() + "}")), "good");
  EXPECT_EQ(json_verdict(general(wrong)), "bad_signature");
}

TEST_F(Jws, RefusesJsonFormsThatAreNone) {
  const std::string one = "{" + entry() + "}";
  for (const std::string& text :
       {std::string("{}"), std::string("[]"), std::string(), general(""), general("1"),
        general(one + "," + one + "," + one + "," + one + "," + one),
        R"({"payload":")" + payload_ + R"(","signatures":[)" + one + R"(],"signature":"AAAA"})",
        R"({"payload":")" + payload_ + R"(","protected":")" + header_ + "\"}", flattened("0")}) {
    EXPECT_EQ(json_verdict(text), "malformed") << text;
  }
  EXPECT_EQ(json_verdict(flattened(R"(,"header":{"crit":["x"]})")), "unsupported");
  EXPECT_EQ(json_verdict(flattened(R"(,"header":{"b64":false})")), "unsupported");
  EXPECT_EQ(json_verdict(flattened(), {.max_size = 20}), "too_large");
}

TEST_F(Jws, WantsTheAlgorithmProtected) {
  EXPECT_EQ(json_verdict(R"({"payload":")" + payload_ + R"(","signature":")" + signature_ +
                         R"(","header":{"alg":"ES256","kid":"k1"}})"),
            "algorithm_not_allowed");
}

TEST_F(Jws, FindsAKeyByAnUnprotectedId) {
  std::vector<Key> keys;
  for (int i = 0; i < 5; ++i) {
    keys.push_back(Key::generate(Algorithm::es256, "n" + std::to_string(i)).value());
  }
  const std::string compact = sign(keys[4], Algorithm::es256, R"({"alg":"ES256"})", "p");
  const std::size_t first = compact.find('.');
  const std::size_t second = compact.find('.', first + 1);
  const std::string text = R"({"payload":"cA","protected":")" + compact.substr(0, first) +
                           R"(","header":{"kid":"n4"},"signature":")" + compact.substr(second + 1) +
                           "\"}";
  const KeySet set = KeySet::of(std::move(keys));
  EXPECT_TRUE(verify_json_signature(text, set).has_value());
  EXPECT_FALSE(verify_signature(compact, set).has_value()) << "the fifth key is not tried";
}

}  // namespace
}  // namespace sallyport::jose
