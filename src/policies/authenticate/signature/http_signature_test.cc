#include "policies/authenticate/signature/http_signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "base/base64url.h"
#include "jose/key.h"
#include "policies/authenticate/signature/signature_base.h"
#include "policies/authenticate/token/token_fixture.h"

namespace sallyport {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): what the tests are made of
using policies::authenticate_detail::signature_base;
using ::testing::HasSubstr;

// Keys and signatures of RFC 9421 appendix B.
constexpr std::string_view kRsaPss = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----)";
constexpr std::string_view kP256 = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----)";
constexpr std::string_view kEd25519 = R"(-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----)";
constexpr std::string_view kSecret =
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ";

std::string bytes_of_base64(std::string text) {
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (text.ends_with('=')) text.pop_back();
  return *base64url_decode(text);
}

struct Example {
  std::string_view name;
  jose::Algorithm algorithm;
  std::string_view key;
  std::string_view input;
  std::string_view signature;
};

const Example kExamples[] = {
    {"B.2.1", jose::Algorithm::ps512, kRsaPss,
     R"(();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd")",
     "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++"
     "wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/"
     "Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6"
     "UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/"
     "SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q=="},
    {"B.2.2", jose::Algorithm::ps512, kRsaPss,
     R"(("@authority" "content-digest" "@query-param";name="Pet");created=1618884473)"
     R"(;keyid="test-key-rsa-pss";tag="header-example")",
     "LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7K"
     "T8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTla"
     "qwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVk"
     "SFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw=="},
    {"B.2.3", jose::Algorithm::ps512, kRsaPss,
     R"(("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" )"
     R"("content-length");created=1618884473;keyid="test-key-rsa-pss")",
     "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p"
     "2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aY"
     "A2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+"
     "QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA=="},
    {"B.2.5", jose::Algorithm::hs256, kSecret,
     R"(("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret")",
     "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="},
    {"B.2.6", jose::Algorithm::eddsa, kEd25519,
     R"(("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473)"
     R"(;keyid="test-key-ed25519")",
     "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="},
};

void make_example(ExchangeFixture& f) {
  f.request("POST", "/foo", "example.com");
  f.x.request.target = "/foo?param=Value&Pet=dog";
  f.x.request.query = "param=Value&Pet=dog";
  f.x.request.has_query = true;
  f.header("Date", "Tue, 20 Apr 2021 02:07:55 GMT").header("Content-Type", "application/json");
  f.header("Content-Digest",
           "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmT"
           "HWXvJwew==:");
  f.header("Content-Length", "18");
}

jose::Key key_of(const Example& example) {
  if (example.key == kSecret) {
    return *jose::Key::from_secret(bytes_of_base64(std::string(kSecret)), "", {example.algorithm});
  }
  return *jose::Key::from_pem(example.key, "", {example.algorithm});
}

TEST(SignatureBase, IsThatOfTheExamplesOfTheRfc) {
  for (const Example& example : kExamples) {
    ExchangeFixture f;
    make_example(f);
    const std::string text = "sig=" + std::string(example.input);
    const auto input = http::parse_dictionary(text);
    ASSERT_TRUE(input) << example.name;
    const auto base = signature_base(input->front(), f.x);
    ASSERT_TRUE(base) << example.name << base.error();
    const jose::Key key = key_of(example);
    const std::string signature = bytes_of_base64(std::string(example.signature));
    EXPECT_TRUE(key.verify(example.algorithm, *base, signature)) << example.name << "\n" << *base;
    EXPECT_FALSE(key.verify(example.algorithm, *base + " ", signature)) << example.name;
  }
}

TEST(SignatureBase, IsThatOfTheProxyExampleOfTheRfc) {
  ExchangeFixture f;
  f.request("POST", "/foo", "service.internal.example");
  f.x.request.query = "param=Value&Pet=dog";
  f.x.request.has_query = true;
  f.header(
      "Client-Cert",
      ":MIIBqDCCAU6gAwIBAgIBBzAKBggqhkjOPQQDAjA6MRswGQYDVQQKDBJMZXQncyBBdXRoZW50aWNhdGUxGzAZBgNVBAM"
      "MEkxBIEludGVybWVkaWF0ZSBDQTAeFw0yMDAxMTQyMjU1MzNaFw0yMTAxMjMyMjU1MzNaMA0xCzAJBgNVBAMMAkJDMFk"
      "w"
      "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8YnXXfaUgmnMtOXU/IncWalRhebrXmckC8vdgJ1p5Be5F/"
      "3YC8OthxM4+k1M6"
      "aEAEFcGzkJiNy6J84y7uzo9M6NyMHAwCQYDVR0TBAIwADAfBgNVHSMEGDAWgBRm3WjLa38lbEYCuiCPct0ZaSED2DAOB"
      "g"
      "NVHQ8BAf8EBAMCBsAwEwYDVR0lBAwwCgYIKwYBBQUHAwIwHQYDVR0RAQH/"
      "BBMwEYEPYmRjQGV4YW1wbGUuY29tMAoGCCq"
      "GSM49BAMCA0gAMEUCIBHda/r1vaL6G3VliL4/Di6YK0Q6bMjeSkC3dFCOOB8TAiEAx/"
      "kHSB4urmiZ0NX5r5XarmPk0wmu"
      "ydBVoU4hBVZ1yhk=:");
  const auto input = http::parse_dictionary(
      R"(ttrp=("@path" "@query" "@method" "@authority" "client-cert");created=1618884473)"
      R"(;keyid="test-key-ecc-p256")");
  const auto base = signature_base(input->front(), f.x);
  ASSERT_TRUE(base);
  const jose::Key key = *jose::Key::from_pem(kP256, "", {jose::Algorithm::es256});
  EXPECT_TRUE(key.verify(jose::Algorithm::es256, *base,
                         bytes_of_base64("xVMHVpawaAC/0SbHrKRs9i8I3eOs5RtTMGCWXm/"
                                         "9nvZzoHsIg6Mce9315T6xoklyy0yzhD9ah4JHRwMLOgmizw==")))
      << *base;
}

TEST(SignatureBase, RefusesWhatIsNotThereOrNotUnderstood) {
  for (const char* covered :
       {R"("x-none")", R"("@status")", R"("@path" "@path")", R"("date" "date")", R"("Date")",
        R"("date";sf)", R"("date";bs)", R"("@method";req)", R"("@query-param")",
        R"("@query-param";name="none")", R"("@query-param";name="twice")", R"(date)", R"(1)",
        R"("da te")", R"("")", R"("@signature-params")"}) {
    ExchangeFixture f;
    make_example(f);
    f.x.request.query = "twice=1&twice=2";
    const std::string text = "a=(" + std::string(covered) + ")";
    const auto input = http::parse_dictionary(text);
    ASSERT_TRUE(input) << covered;
    EXPECT_FALSE(signature_base(input->front(), f.x)) << covered;
  }
}

TEST(SignatureBase, OfSeveralLinesAndOfTheUri) {
  ExchangeFixture f;
  f.request("GET", "/a/b", "example.com:8080").header("X-A", " 1 ").header("x-a", "2");
  f.x.request.target = "http://example.com:8080/a/./b?q=%20+&e=a%2Fb+c%c3%A9";
  f.x.request.query = "q=%20+&e=a%2Fb+c%c3%A9";
  f.x.request.has_query = true;
  const auto input = http::parse_dictionary(
      R"(a=("x-a" "@target-uri" "@path" "@scheme" "@query" "@query-param";name="e"))");
  const auto base = signature_base(input->front(), f.x);
  ASSERT_TRUE(base) << base.error();
  EXPECT_EQ(*base,
            "\"x-a\": 1, 2\n"
            "\"@target-uri\": http://example.com:8080/a/./b?q=%20+&e=a%2Fb+c%c3%A9\n"
            "\"@path\": /a/./b\n\"@scheme\": http\n\"@query\": ?q=%20+&e=a%2Fb+c%c3%A9\n"
            "\"@query-param\";name=\"e\": a%2Fb%20c%C3%A9\n"
            "\"@signature-params\": (\"x-a\" \"@target-uri\" \"@path\" \"@scheme\" \"@query\" "
            "\"@query-param\";name=\"e\")");
}

// ---- the method ----

const jose::Key& shop() {
  static const jose::Key key = *jose::Key::generate(jose::Algorithm::es256, "shop-1");
  return key;
}

std::string to_pem(const jose::Key& key) {  // RFC 5480, of P-256
  const auto document = json::Document::parse(key.to_public_jwk());
  const std::string point = *base64url_decode(*document->find("x")->string()) +
                            *base64url_decode(*document->find("y")->string());
  const std::string head = *base64url_decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE");
  std::string text = base64url_encode(head + point);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  return "-----BEGIN PUBLIC KEY-----\n" + text + "\n-----END PUBLIC KEY-----\n";
}

class HttpSignatureTest : public ::testing::Test {
 protected:
  HttpSignatureTest() : file_("/tmp/http_signature_test." + std::to_string(::getpid())) {
    std::ofstream(file_) << to_pem(shop());
  }
  ~HttpSignatureTest() override { std::remove(file_.c_str()); }

  [[nodiscard]] std::string block(const std::string& more = "") const {
    return R"({"http_signature": {"keys": {"shop-1": {"algorithm": "ecdsa-p256-sha256", "pem": ")" +
           file_ + R"(", "consumer": "shop"}})" + more + "}}";
  }

  static std::string usual(const std::string& more = "", std::int64_t created = in_seconds(0)) {
    static int number = 0;
    return R"(("@method" "@authority" "@path" "@query");created=)" + std::to_string(created) +
           R"(;keyid="shop-1";nonce="n)" + std::to_string(++number) + '"' + more;
  }

  // Signs what `input` covers with the shop's key.
  static void sign(ExchangeFixture& f, const std::string& input, const jose::Key& key = shop()) {
    const std::string text = "sig=" + input;
    const auto parsed = http::parse_dictionary(text);
    const auto base = signature_base(parsed->front(), f.x);
    std::string signature = base64url_encode(*key.sign(jose::Algorithm::es256, base.value_or("")));
    for (char& c : signature) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (signature.size() % 4 != 0) signature += '=';
    f.header("Signature-Input", text).header("Signature", "sig=:" + signature + ":");
  }

  // The verdict: "passed", or why not.
  std::string ask(const PolicyFixture& policy, ExchangeFixture& f) {
    const std::string verdict = policy.request(f);
    return verdict == "passed" ? verdict : std::string(f.x.trail.entries().back().detail);
  }
  std::string ask_with(const PolicyFixture& policy, const std::string& input) {
    ExchangeFixture f;
    f.request("GET", "/orders");
    sign(f, input);
    return ask(policy, f);
  }

  const std::string file_;
};

TEST_F(HttpSignatureTest, SaysWhoIsCallingOnce) {
  PolicyFixture policy("authenticate", block());
  ASSERT_EQ(policy.errors, "");
  const std::string input = usual();
  ExchangeFixture f;
  f.request("GET", "/orders");
  sign(f, input);
  ExchangeFixture rehearsed;
  rehearsed.x.rehearsal = true;
  rehearsed.request("GET", "/orders");
  sign(rehearsed, input);
  EXPECT_EQ(ask(policy, rehearsed), "passed");
  ASSERT_EQ(ask(policy, f), "passed");
  EXPECT_EQ(f.x.identity->consumer, "shop");
  EXPECT_EQ(f.x.identity->method, "http_signature");
  EXPECT_EQ(f.x.identity->strength, Strength::certificate);
  EXPECT_EQ(f.request_values("Signature"), "(none)");
  EXPECT_EQ(f.request_values("Signature-Input"), "(none)");
  EXPECT_THAT(ask_with(policy, input), HasSubstr("sent before"));
  EXPECT_EQ(ask_with(policy, usual()), "passed");
}

TEST_F(HttpSignatureTest, WithoutANonceTheWholeRequestIsRemembered) {
  PolicyFixture policy("authenticate", block());
  const std::string input = R"(("@method" "@target-uri");created=)" +
                            std::to_string(in_seconds(-1)) + R"(;keyid="shop-1")";
  EXPECT_EQ(ask_with(policy, input), "passed");
  // Signatures of ECDSA differ each time.
  EXPECT_THAT(ask_with(policy, input), HasSubstr("sent before"));
}

TEST_F(HttpSignatureTest, RefusesWhatIsNotSignedAsItHasToBe) {
  PolicyFixture policy("authenticate", block());
  const std::string now = std::to_string(in_seconds(0));
  const std::string all = R"(("@method" "@authority" "@path" "@query"))";
  const std::pair<std::string, std::string> cases[] = {
      {all + R"(;keyid="shop-1")", "created is missing"},
      {all + R"(;created="1";keyid="shop-1")", "created is missing"},
      {usual("", in_seconds(-63)), "too old"},
      {usual("", in_seconds(60)), "in the future"},
      {usual(";expires=" + std::to_string(in_seconds(-1))), "has expired"},
      {usual(R"(;alg="hmac-sha256")"), "alg is not"},
      {R"(("@method" "@authority" "@query");created=)" + now + R"(;keyid="shop-1")", "@path"},
      {R"(("@authority" "@path" "@query");created=)" + now + R"(;keyid="shop-1")", "@method"},
      {R"(("@method" "@request-target");created=)" + now + R"(;keyid="shop-1")", "@authority"},
      {R"(("@method" "@target-uri" "x-none");created=)" + now + R"(;keyid="shop-1")", "x-none"},
      {all + ";created=" + now + R"(;keyid="other")", "meant for this API"},
      {all + ";created=" + now, "meant for this API"},
  };
  for (const auto& [input, why] : cases) {
    EXPECT_THAT(ask_with(policy, input), HasSubstr(why)) << input;
  }
  EXPECT_EQ(ask_with(policy, usual(R"(;alg="ecdsa-p256-sha256")")), "passed");
}

TEST_F(HttpSignatureTest, RefusesAnotherRequestAndAnotherKey) {
  PolicyFixture policy("authenticate", block());
  const jose::Key stranger = *jose::Key::generate(jose::Algorithm::es256, "shop-1");
  ExchangeFixture forged;
  sign(forged, usual(), stranger);
  EXPECT_THAT(ask(policy, forged), HasSubstr("does not verify"));
  auto changed = [&](auto change) {
    ExchangeFixture f;
    f.request("GET", "/orders");
    sign(f, usual());
    change(f);
    return ask(policy, f);
  };
  EXPECT_THAT(changed([](auto& f) { f.request("PUT", "/orders"); }), HasSubstr("not verify"));
  EXPECT_THAT(changed([](auto& f) { f.request("GET", "/orders/1"); }), HasSubstr("not verify"));
  EXPECT_THAT(changed([](auto& f) { f.request("GET", "/orders", "b.example"); }),
              HasSubstr("not verify"));
  EXPECT_THAT(changed([](auto& f) { f.x.request.query = "a=1"; }), HasSubstr("not verify"));
}

TEST_F(HttpSignatureTest, RefusesFieldsThatCannotBeRead) {
  PolicyFixture policy("authenticate", block());
  const std::pair<const char*, const char*> cases[] = {
      {"sig=()", nullptr},
      {nullptr, "sig=:AQI=:"},
      {"sig=(", "sig=:AQI=:"},
      {"sig=()", "sig=:A"},
      {"sig", "sig=:AQI=:"},
      {"", ""},
      {"a=(),b=(),c=(),d=(),e=()", "a=:AQI=:"},
      {"sig=();keyid=\"shop-1\";created=1", "other=:AQI=:"},
      {"sig=();keyid=\"shop-1\";created=1", "sig=(:AQI=:)"},
  };
  for (const auto& [input, signature] : cases) {
    ExchangeFixture f;
    if (input != nullptr) f.header("Signature-Input", input);
    if (signature != nullptr) f.header("Signature", signature);
    EXPECT_EQ(policy.request(f), "authenticate.invalid") << (input != nullptr ? input : "-");
  }
  ExchangeFixture none;
  EXPECT_EQ(policy.request(none), "authenticate.missing");
  ExchangeFixture large;
  large.header("Signature", "sig=:AQI=:").header("Signature-Input", "a=" + std::string(17000, 'a'));
  EXPECT_EQ(policy.request(large), "authenticate.invalid");
}

TEST_F(HttpSignatureTest, ABodyHasToBeTheOneThatWasSigned) {
  PolicyFixture policy("authenticate", block());
  const std::string input_end =
      R"(;created=)" + std::to_string(in_seconds(0)) + R"(;keyid="shop-1";nonce=)";
  int number = 0;
  auto posted = [&](std::vector<std::string> pieces, const std::string& digest, bool covered,
                    std::string& upstream) {
    PiecesBody body(std::move(pieces));
    ExchangeFixture f;
    f.request("POST", "/orders").body(body, 18);
    if (!digest.empty()) f.header("Content-Digest", digest);
    sign(f, std::string(R"(("@method" "@target-uri")") + (covered ? " \"content-digest\")" : ")") +
                input_end + "\"b" + std::to_string(++number) + "\"");
    const std::string verdict = ask(policy, f);
    if (verdict == "passed") upstream = drain(*f.x.request.body);
    return verdict;
  };
  const std::string right = "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
  const std::string both =
      right +
      ", sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7"
      "BNNyealdVLvRwEmTHWXvJwew==:";
  const std::string text = R"({"hello": "world"})";
  std::string upstream;
  for (const std::string& digest : {right, both}) {
    const std::vector<std::string> cuts[] = {
        {text},
        {text, ""},
        {text.substr(0, 1), text.substr(1)},
        {"", text.substr(0, 5), "", text.substr(5, 1), text.substr(6), ""}};
    for (const std::vector<std::string>& pieces : cuts) {
      EXPECT_EQ(posted(pieces, digest, true, upstream), "passed");
      EXPECT_EQ(upstream, text);
    }
  }
  EXPECT_EQ(posted({"{\"hello\": ", "\"World\"}", ""}, right, true, upstream), "passed");
  EXPECT_EQ(upstream,
            "{\"hello\": \"World\"!authenticate.digest_mismatch");  // its end is kept back
  EXPECT_EQ(posted({"x"}, right, true, upstream), "passed");
  EXPECT_EQ(upstream, "!authenticate.digest_mismatch");
  EXPECT_THAT(posted({text}, right, false, upstream), HasSubstr("digest of the body"));
  for (const char* digest :
       {"md5=:AQI=:", "sha-256=1", "sha-256=:AQI", "sha-256=()", "sha-256=::"}) {
    EXPECT_THAT(posted({text}, digest, true, upstream), HasSubstr("Content-Digest")) << digest;
  }
  const std::string wrong_second = right + ", sha-512=:AQI=:";
  EXPECT_EQ(posted({text}, wrong_second, true, upstream), "passed");
  EXPECT_EQ(upstream, "!authenticate.digest_mismatch");
}

TEST_F(HttpSignatureTest, SettingsSayMore) {
  PolicyFixture nonce("authenticate", block(R"(, "nonce": true)"));
  EXPECT_THAT(ask_with(nonce, R"(("@method" "@target-uri");created=)" +
                                  std::to_string(in_seconds(0)) + R"(;keyid="shop-1")"),
              HasSubstr("no nonce"));
  EXPECT_EQ(ask_with(nonce, usual()), "passed");
  PolicyFixture tag("authenticate", block(R"(, "tag": "orders")"));
  EXPECT_THAT(ask_with(tag, usual()), HasSubstr("meant for this API"));
  EXPECT_EQ(ask_with(tag, usual(R"(;tag="orders")")), "passed");
  PolicyFixture date("authenticate", block(R"(, "components": ["@method", "date"])"));
  EXPECT_THAT(ask_with(date, usual()), HasSubstr("cover date"));
}

TEST_F(HttpSignatureTest, SaysWhatIsNoKey) {
  auto errors = [](const std::string& key) {
    return PolicyFixture("authenticate", R"({"http_signature": {"keys": {"a": {)" + key + "}}}}")
        .errors;
  };
  EXPECT_THAT(errors(R"("algorithm": "ed25519", "pem": ")" + file_ + '"'),
              HasSubstr("is no key for"));
  EXPECT_THAT(errors(R"("algorithm": "hmac-sha256", "pem": ")" + file_ + '"'),
              HasSubstr("is no key for"));
  EXPECT_THAT(errors(R"("algorithm": "none", "pem": ")" + file_ + '"'), HasSubstr("is not one of"));
  EXPECT_THAT(errors(R"("algorithm": "ed25519", "pem": "/no/such/file")"),
              HasSubstr("cannot read"));
  EXPECT_NE(errors(R"("algorithm": "ed25519")"), "");
  EXPECT_THAT(PolicyFixture("authenticate", block(R"(, "components": ["Date"])")).errors,
              HasSubstr("neither a derived"));
}

}  // namespace
}  // namespace sallyport
