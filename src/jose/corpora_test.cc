// Runs the shared corpora of keys, signatures and tokens through verification, where they are
// present: in the folder that SALLYPORT_CORPORA names, or in ../shared/corpora beside the checkout.
//
// Every vector gets a verdict of the code that requests meet. One that is said to be invalid has to
// be refused. One that is said to be valid has to be accepted, unless it falls under a rule by
// which we are stricter on purpose; these and the "acceptable" ones are listed. Encryption (JWE) is
// not offered: such vectors have to be refused, whatever they say.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "base/base64url.h"
#include "base/text.h"
#include "jose/jws.h"
#include "jose/key_set.h"
#include "json/document.h"
#include "json/text.h"

namespace sallyport::jose {
namespace {

std::filesystem::path corpus() {
  const char* chosen = std::getenv("SALLYPORT_CORPORA");
  std::filesystem::path corpora =
      chosen != nullptr ? std::filesystem::path(chosen)
                        : std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared" / "corpora";
  return corpora / "jose";
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

json::Document parse(std::string_view text) {
  std::expected<json::Document, std::string> document = json::Document::parse(text);
  EXPECT_TRUE(document.has_value()) << document.error();
  return std::move(document.value());
}

std::string text_of(json::Value object, std::string_view name) {
  const std::optional<json::Value> member = object.find(name);
  if (!member) return "";
  return member->string() ? std::string(*member->string()) : json::to_text(*member);
}

std::string bytes_of(json::Value object, std::string_view name) {
  const std::string hex = text_of(object, name);
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(text::hex_digit(hex[i]) << 4 | text::hex_digit(hex[i + 1]));
  }
  return out;
}

// A JWK or a JWK Set, as a set; nothing is left of one whose keys all are unusable.
std::expected<KeySet, std::string> keys_of(json::Value value) {
  const std::string text = json::to_text(value);
  return KeySet::from_jwks(value.find("keys") ? text : "{\"keys\":[" + text + "]}");
}

struct Counts {
  int valid = 0;         // accepted, as they should be
  int invalid = 0;       // refused, as they should be
  int stricter = 0;      // said to be valid, refused by a rule of ours
  int acceptable = 0;    // either would do
  int out_of_scope = 0;  // refused because they are JWE
};

// Counts what a file came to, tells of all that is not plain, and prints a line for the table.
class Tally {
 public:
  explicit Tally(std::string file) : file_(std::move(file)) {}
  ~Tally() {
    std::printf("  %-40s %6d %8d %9d %11d %4d\n", file_.c_str(), counts_.valid, counts_.invalid,
                counts_.stricter, counts_.acceptable, counts_.out_of_scope);
  }
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

  // `stricter`: the rule by which a valid one is refused; empty: none.
  void judge(const std::string& name, std::string_view expected, bool accepted,
             const std::string& why, std::string_view stricter) {
    if (expected == "acceptable") {
      ++counts_.acceptable;
      tell(name, accepted ? "acceptable, accepted" : "acceptable, refused: " + why);
    } else if (expected == "valid" && !accepted && !stricter.empty()) {
      ++counts_.stricter;
      tell(name, "valid, refused: " + std::string(stricter) + " (" + why + ")");
    } else {
      (accepted ? counts_.valid : counts_.invalid)++;
      EXPECT_EQ(accepted, expected == "valid") << file_ << ' ' << name << ": " << why;
    }
  }
  void encrypted(const std::string& name, bool accepted) {
    ++counts_.out_of_scope;
    EXPECT_FALSE(accepted) << file_ << ' ' << name;
  }
  [[nodiscard]] int total() const {
    return counts_.valid + counts_.invalid + counts_.stricter + counts_.acceptable +
           counts_.out_of_scope;
  }

 private:
  void tell(const std::string& name, const std::string& decided) const {
    std::printf("  %s %s: %s\n", file_.c_str(), name.c_str(), decided.c_str());
  }
  std::string file_;
  Counts counts_;
};

void print_head() {
  std::printf("  %-40s %6s %8s %9s %11s %4s\n", "", "valid", "invalid", "stricter", "acceptable",
              "JWE");
}

// Why a JWS that is said to be valid is refused nonetheless; empty: it should not be.
std::string_view stricter_rule(std::string_view compact, json::Value keys) {
  constexpr std::string_view kAlphabet =
      ".-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (compact.find_first_not_of(kAlphabet) != std::string_view::npos) {
    return "a character that is not of base64url";
  }
  const auto header =
      json::Document::parse(base64url_decode(compact.substr(0, compact.find('.'))).value_or(""));
  if (!header || keys.find("keys") || !keys.find("alg")) return "";
  if (text_of(header->root(), "alg") != text_of(keys, "alg")) {
    return "the key is for another algorithm";
  }
  return "";
}

class JoseCorpora : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::is_directory(corpus())) {
      GTEST_SKIP() << "no corpora at " << corpus() << "; set SALLYPORT_CORPORA";
    }
  }
  // Calls `each(group, test, tally)` for every vector of a file of Wycheproof's.
  template <typename Each>
  static void run(const std::string& file, Each each) {
    const json::Document document =
        parse(read_file(corpus() / "wycheproof" / (file + "_test.json")));
    Tally tally(file);
    for (json::Value group : document.find("testGroups").value().items()) {
      for (json::Value test : group.find("tests").value().items()) each(group, test, tally);
    }
    EXPECT_EQ(tally.total(), document.find("numberOfTests")->integer());
  }
};

std::string name_of_test(json::Value test) {
  return text_of(test, "tcId") + " " + text_of(test, "comment");
}

TEST_F(JoseCorpora, WholeObjectsOfWycheproof) {
  print_head();
  for (const std::string file :
       {"json_web_signature", "json_web_crypto", "json_web_key", "json_web_encryption"}) {
    run(file, [](json::Value group, json::Value test, Tally& tally) {
      std::optional<json::Value> material = group.find("public");
      if (!material) material = group.find("private");
      const std::expected<KeySet, std::string> keys = keys_of(*material);
      if (const std::optional<json::Value> jwe = test.find("jwe")) {
        const std::string text = text_of(test, "jwe");
        tally.encrypted(name_of_test(test), keys && verify_signature(text, *keys).has_value());
        return;
      }
      const std::string jws = text_of(test, "jws");
      std::expected<Signed, Failure> verified =
          std::unexpected(Failure{.code = FailureCode::unknown_key, .sentence = ""});
      if (keys) {
        verified = verify_signature(jws, *keys);
      } else {
        verified.error().sentence = keys.error();
      }
      const bool contradicted =
          std::ranges::any_of(group.find("tests")->items(), [&test, &jws](json::Value other) {
            return text_of(other, "jws") == jws &&
                   text_of(other, "result") != text_of(test, "result");
          });
      tally.judge(name_of_test(test), contradicted ? "acceptable" : text_of(test, "result"),
                  verified.has_value(), verified ? "" : verified.error().sentence,
                  stricter_rule(jws, *material));
    });
  }
}

// The algorithms behind JOSE, through Key::verify.
TEST_F(JoseCorpora, SignaturesOfWycheproof) {
  struct File {
    std::string name;
    Algorithm algorithm;
  };
  const File files[] = {{"ecdsa_secp256r1_sha256_p1363", Algorithm::es256},
                        {"ecdsa_secp384r1_sha384_p1363", Algorithm::es384},
                        {"ecdsa_secp521r1_sha512_p1363", Algorithm::es512},
                        {"ed25519", Algorithm::eddsa},
                        {"rsa_signature_2048_sha256", Algorithm::rs256},
                        {"rsa_signature_2048_sha512", Algorithm::rs512},
                        {"rsa_pss_2048_sha256_mgf1_32", Algorithm::ps256}};
  print_head();
  for (const File& file : files) {
    run(file.name, [&file](json::Value group, json::Value test, Tally& tally) {
      const std::expected<Key, std::string> pem = Key::from_pem(text_of(group, "publicKeyPem"), "");
      ASSERT_TRUE(pem.has_value()) << file.name << ' ' << name_of_test(test) << pem.error();
      const std::string message = bytes_of(test, "msg");
      const std::string signature = bytes_of(test, "sig");
      const bool accepted = pem->verify(file.algorithm, message, signature);
      std::optional<json::Value> jwk = group.find("publicKeyJwk");
      if (!jwk) jwk = group.find("keyJwk");
      if (jwk) {
        const std::expected<Key, std::string> same = Key::from_jwk(*jwk);
        ASSERT_TRUE(same.has_value()) << same.error();
        EXPECT_EQ(same->verify(file.algorithm, message, signature), accepted);
        EXPECT_EQ(same->thumbprint(), pem->thumbprint());
      }
      tally.judge(name_of_test(test), text_of(test, "result"), accepted, "bad signature", "");
    });
  }
}

TEST_F(JoseCorpora, CodesOfWycheproof) {
  struct File {
    std::string name;
    Algorithm algorithm;
  };
  print_head();
  for (const File& file :
       {File{"hmac_sha256", Algorithm::hs256}, File{"hmac_sha512", Algorithm::hs512}}) {
    run(file.name, [&file](json::Value group, json::Value test, Tally& tally) {
      const std::string secret = bytes_of(test, "key");
      const std::expected<Key, std::string> key = Key::from_secret(secret, "", {file.algorithm});
      const auto size = static_cast<std::int64_t>(8 * hash_size(file.algorithm));
      std::string_view rule;
      if (group.find("keySize")->integer() < size) rule = "the secret is shorter than the hash";
      if (group.find("tagSize")->integer() < size) rule = "the code is cut short";
      EXPECT_EQ(key.has_value(), group.find("keySize")->integer() >= size);
      const bool accepted =
          key && key->verify(file.algorithm, bytes_of(test, "msg"), bytes_of(test, "tag"));
      tally.judge(name_of_test(test), text_of(test, "result"), accepted,
                  key ? "bad code" : key.error(), rule);
    });
  }
}

// One example of an RFC, in each of its serialisations.
void judge_example(const std::string& name, json::Value keys, json::Value forms,
                   std::optional<std::string_view> detached, Tally& tally) {
  const std::expected<KeySet, std::string> set = keys_of(keys);
  ASSERT_TRUE(set.has_value()) << name << ": " << set.error();
  for (auto [form, value] : forms.members()) {
    const SignatureRules rules{.detached_payload = detached};
    const std::string text = value.string() ? std::string(*value.string()) : json::to_text(value);
    const bool compact = !text.starts_with('{');
    const std::expected<Signed, Failure> verified =
        compact ? verify_signature(text, *set, rules) : verify_json_signature(text, *set, rules);
    std::string_view rule;
    if (text.find("\"protected\"") == std::string::npos && !compact) {
      rule = "no protected header";
    } else if (!verified && verified.error().code == FailureCode::unsupported) {
      rule = "a payload that is not encoded (RFC 7797)";
    }
    tally.judge(name + " " + std::string(form), "valid", verified.has_value(),
                verified ? "" : verified.error().sentence, rule);
  }
}

TEST_F(JoseCorpora, ExamplesOfTheRfcs) {
  print_head();
  Tally tally("rfc.jsonl");
  int lines = 0;
  std::ifstream in(corpus() / "rfc.jsonl");
  for (std::string line; std::getline(in, line); ++lines) {
    const json::Document document = parse(line);
    const std::string id = text_of(document.root(), "id");
    const json::Value files = document.find("files").value();
    const std::optional<json::Value> encrypted = files.find("jwec");
    if (encrypted || files.find("jwef") || files.find("jweg")) {
      for (auto [suffix, text] : files.members()) {
        if (!suffix.starts_with("jwe")) continue;
        const std::string jwk = text_of(files, "jwk");
        const KeySet none = KeySet::of({});
        tally.encrypted(id, verify_signature(*text.string(), none).has_value() ||
                                verify_json_signature(*text.string(), none).has_value());
      }
      continue;
    }
    const std::string jwk = text_of(files, files.find("jwk") ? "jwk" : "jwkset");
    const json::Document keys = parse(jwk);
    const std::string payload = text_of(files, "payl");
    bool has_signature = false;
    for (auto [suffix, text] : files.members()) {
      if (!suffix.starts_with("jws")) continue;
      has_signature = true;
      const json::Document form =
          parse("{\"" + std::string(suffix) + "\":" + json::to_text(text) + "}");
      judge_example(id, keys.root(), form.root(),
                    payload.empty() ? std::nullopt : std::optional<std::string_view>(payload),
                    tally);
    }
    if (has_signature) continue;
    // Keys alone: those for signatures can be used, others are left out.
    const std::expected<KeySet, std::string> set = keys_of(keys.root());
    const bool for_encryption = jwk.find("A128KW") != std::string::npos ||
                                jwk.find("A256GCM") != std::string::npos ||
                                jwk.find("\"enc\"") != std::string::npos;
    tally.judge(id, for_encryption && !set ? "acceptable" : "valid", set.has_value(),
                set ? "" : set.error(), "");
    if (const std::string thumbprint = text_of(files, "thp"); !thumbprint.empty() && set) {
      EXPECT_EQ(set->keys()[0].thumbprint(), thumbprint) << id;
    }
  }
  EXPECT_GT(lines, 0);
}

TEST_F(JoseCorpora, ExamplesOfTheCookbook) {
  print_head();
  Tally tally("cookbook");
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus() / "cookbook")) {
    const std::string name = entry.path().stem().string();
    const json::Document document = parse(read_file(entry.path()));
    json::Value example = document.root();
    ++files;
    if (name.starts_with("jwk__")) {
      const std::expected<KeySet, std::string> set = keys_of(example);
      const bool for_encryption = text_of(example, "use") == "enc";
      tally.judge(name, for_encryption ? "invalid" : "valid", set.has_value(),
                  set ? "" : set.error(), "");
      continue;
    }
    if (const std::optional<json::Value> nested = example.find("sign")) example = *nested;
    const json::Value forms = example.find("output").value();
    if (example.find("encrypting_content")) {
      for (auto [form, value] : forms.members()) {
        const std::string text =
            value.string() ? std::string(*value.string()) : json::to_text(value);
        const KeySet none = KeySet::of({});
        tally.encrypted(name, verify_signature(text, none).has_value() ||
                                  verify_json_signature(text, none).has_value());
      }
      continue;
    }
    const json::Value key = example.find("input")->find("key").value();
    const json::Document keys =
        parse(key.is_array() ? "{\"keys\":" + json::to_text(key) + "}" : json::to_text(key));
    judge_example(name, keys.root(), forms, std::nullopt, tally);
  }
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace sallyport::jose
