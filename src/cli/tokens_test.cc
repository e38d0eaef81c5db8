// `sallyport tokens verify`, from the command line to what it prints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/test_command.h"
#include "jose/jws.h"

namespace sallyport::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Outcome verify(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"tokens", "verify"});
  return call(std::move(arguments));
}

std::int64_t seconds_from_now(std::int64_t seconds) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count() + seconds;
}

class TokensVerify : public ::testing::Test {
 protected:
  TokensVerify() {
    std::string name = (std::filesystem::temp_directory_path() / "sallyport-jwt-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    jwk_ = file("key.jwk", key_.to_public_jwk());
  }
  ~TokensVerify() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string file(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  [[nodiscard]] std::string signed_text(std::string_view payload) const {
    return jose::sign_compact(key_, jose::Algorithm::es256, "JWT", payload).value();
  }
  [[nodiscard]] std::string token(std::int64_t expires_in = 600) const {
    return signed_text(R"({"iss":"https://id.example","aud":["orders","stock"],"sub":"alice",)"
                       R"("scope":"read write","exp":)" +
                       std::to_string(seconds_from_now(expires_in)) + "}");
  }

  std::filesystem::path folder_;
  jose::Key key_ = jose::Key::generate(jose::Algorithm::es256, "k1").value();
  std::string jwk_;
};

TEST_F(TokensVerify, AGoodTokenIsToldOf) {
  const Outcome outcome = verify({"--jwk", jwk_, token()});
  EXPECT_EQ(outcome.status, kFine) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("good  signed with ES256\n"));
  EXPECT_THAT(outcome.out, HasSubstr("subject       alice\n"));
  EXPECT_THAT(outcome.out, HasSubstr("audience      orders, stock\n"));
  EXPECT_THAT(outcome.out, HasSubstr("scopes        read, write\n"));
  EXPECT_THAT(outcome.out, HasSubstr("not checked   issuer (--issuer), audience (--audience)\n"));
}

TEST_F(TokensVerify, ABadOneToldWhyAndEndsWithOne) {
  struct Case {
    std::vector<std::string> arguments;
    std::string_view reason;
  };
  const jose::Key other = jose::Key::generate(jose::Algorithm::es256, "k1").value();
  const std::string foreign = file("other.jwk", other.to_public_jwk());
  const Case cases[] = {
      {{"--jwk", jwk_, token(-600)}, "bad  expired: The token expired at "},
      {{"--jwk", jwk_, token() + "A"}, "bad  bad_signature"},
      {{"--jwk", jwk_, token() + "="}, "bad  malformed"},
      {{"--jwk", foreign, token()}, "bad  bad_signature"},
      {{"--jwk", jwk_, "--issuer", "https://other", token()}, "bad  wrong_issuer"},
      {{"--jwk", jwk_, "--audience", "payments", token()}, "bad  wrong_audience"},
      {{"--jwk", jwk_, "nonsense"}, "bad  malformed"},
      {{"--jwk", jwk_, signed_text("{}")}, "bad  missing_claim"},
      {{"--jwk", jwk_, signed_text("text")}, "bad  malformed"},
  };
  for (const Case& each : cases) {
    const Outcome outcome = verify(each.arguments);
    EXPECT_EQ(outcome.status, kFindings) << each.reason << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr(each.reason));
    EXPECT_THAT(outcome.out, Not(HasSubstr(each.arguments.back().substr(0, 30))));
  }
}

TEST_F(TokensVerify, IssuersAndAudiencesMayBeSeveral) {
  const Outcome outcome =
      verify({"--jwk", jwk_, "--issuer", "https://other", "--issuer", "https://id.example",
              "--audience", "payments", "--audience", "stock", token()});
  EXPECT_EQ(outcome.status, kFine) << outcome.out;
  EXPECT_THAT(outcome.out, Not(HasSubstr("not checked")));
}

TEST_F(TokensVerify, SignatureOnlyLeavesTheRestAlone) {
  const Outcome expired = verify({"--jwk", jwk_, "--signature-only", token(-600)});
  EXPECT_EQ(expired.status, kFine);
  EXPECT_THAT(expired.out, HasSubstr("not checked   type, claims\n"));
  const Outcome text = verify({"--jwk", jwk_, "--signature-only", signed_text("text")});
  EXPECT_EQ(text.status, kFine);
  EXPECT_THAT(text.out, HasSubstr("payload       4 bytes, no JSON object\n"));
  EXPECT_EQ(verify({"--jwk", jwk_, "--signature-only", token() + "A"}).status, kFindings);
}

// The example of RFC 8037 appendix A.4.
TEST_F(TokensVerify, AKeyMayBePem) {
  const std::string pem = file("key.pem",
                               "-----BEGIN PUBLIC KEY-----\n"
                               "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                               "-----END PUBLIC KEY-----\n");
  const std::string token =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  const Outcome outcome = verify({"--pem", pem, "--signature-only", token});
  EXPECT_EQ(outcome.status, kFine) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("good  signed with EdDSA\n"));
}

TEST_F(TokensVerify, ASetTellsWhatItLeavesOut) {
  const std::string jwks = file("set.jwks",
                                "{\"keys\":[{\"kty\":\"oct\",\"use\":\"enc\",\"kid\":"
                                "\"e\"}," +
                                    key_.to_public_jwk() + "]}");
  const Outcome outcome = verify({"--jwks", jwks, token()});
  EXPECT_EQ(outcome.status, kFine);
  EXPECT_THAT(outcome.err, HasSubstr("Key \"e\" is left out. Its use is not \"sig\""));
}

TEST_F(TokensVerify, JsonIsForScripts) {
  const Outcome good =
      verify({"--jwk", jwk_, "--issuer", "https://id.example", "-o", "json", token()});
  EXPECT_THAT(good.out, ::testing::StartsWith(R"({"verdict":"good","algorithm":"ES256",)"
                                              R"("header":{"alg":"ES256","kid":"k1")"));
  EXPECT_THAT(good.out, HasSubstr(R"("claims":{"iss":"https://id.example")"));
  EXPECT_THAT(good.out, ::testing::EndsWith(R"("unchecked":["audience"]})"
                                            "\n"));
  const Outcome bad = verify({"--jwk", jwk_, "-o", "json", token(-600)});
  EXPECT_THAT(bad.out, ::testing::StartsWith(R"({"verdict":"bad","code":"expired","reason":")"));
}

TEST_F(TokensVerify, ATokenIsReadFromStandardInput) {
  std::istringstream input("  " + token() + "\r\n");
  std::streambuf* before = std::cin.rdbuf(input.rdbuf());
  const Outcome outcome = verify({"--jwk", jwk_, "-"});
  std::cin.rdbuf(before);
  EXPECT_EQ(outcome.status, kFine) << outcome.out;
}

TEST_F(TokensVerify, UsageAndKeysThatCannotBeReadEndWithTwo) {
  const std::string broken = file("broken.jwk", "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}");
  const std::vector<std::string> cases[] = {
      {},
      {token()},
      {"--jwk", jwk_},
      {"--jwk", "/nowhere/at/all.jwk", token()},
      {"--jwk", broken, token()},
      {"--pem", jwk_, token()},
      {"--jwks", jwk_, token()},
      {"--jwk", jwk_, "--jwks", jwk_, token()},
      {"--jwk", jwk_, "--signature-only", "--issuer", "i", token()},
  };
  for (const std::vector<std::string>& each : cases) {
    const Outcome outcome = verify(each);
    EXPECT_EQ(outcome.status, kWrong) << outcome.out;
    EXPECT_NE(outcome.err, "");
  }
}

}  // namespace
}  // namespace sallyport::cli
