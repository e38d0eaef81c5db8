// Keys and tokens made for tests: also such tokens as nobody should make.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/base64url.h"
#include "jose/key_set.h"
#include "jose/token.h"

namespace sallyport::jose::testing {

inline constexpr Time kNow{std::chrono::seconds(1'700'000'000)};

// Made once for every algorithm: RSA takes its time.
inline const Key& key_for(Algorithm algorithm) {
  static std::vector<Key>* keys = [] {
    auto* made = new std::vector<Key>;  // for as long as the tests run
    for (std::size_t i = 0; i < kAlgorithms; ++i) {
      made->push_back(Key::generate(static_cast<Algorithm>(i), "k1").value());
    }
    return made;
  }();
  return (*keys)[static_cast<std::size_t>(algorithm)];
}

inline Key from_jwk(std::string_view text, Purpose purpose = Purpose::verify) {
  const auto document = json::Document::parse(text);
  EXPECT_TRUE(document.has_value()) << text;
  auto key = Key::from_jwk(document->root(), purpose);
  EXPECT_TRUE(key.has_value()) << text << ": " << key.error();
  return std::move(key.value());
}

// Why no key is made of it.
inline std::string refusal(std::string_view jwk, Purpose purpose = Purpose::verify) {
  const auto document = json::Document::parse(jwk);
  EXPECT_TRUE(document.has_value()) << jwk;
  const auto key = Key::from_jwk(document->root(), purpose);
  return key ? "" : key.error();
}

inline KeySet set_of(Key key) {
  std::vector<Key> keys;
  keys.push_back(std::move(key));
  return KeySet::of(std::move(keys));
}

// The public half of the key that signs for the tests; not for secrets.
inline KeySet public_set(Algorithm algorithm) {
  return set_of(from_jwk(key_for(algorithm).to_public_jwk()));
}

// A JWS of any header and payload.
inline std::string sign(const Key& key, Algorithm algorithm, std::string_view header,
                        std::string_view payload) {
  const std::string input = base64url_encode(header) + "." + base64url_encode(payload);
  return input + "." + base64url_encode(key.sign(algorithm, input).value());
}

inline std::string sign(Algorithm algorithm, std::string_view header, std::string_view payload) {
  return sign(key_for(algorithm), algorithm, header, payload);
}

inline constexpr std::string_view kGoodClaims =
    R"({"iss":"issuer","aud":"us","sub":"alice","exp":1700000600})";

inline Expectations expectations() { return {.issuers = {"issuer"}, .audiences = {"us"}}; }

// The code of the failure; "good" if there is none.
inline std::string_view verdict(std::string_view token, const KeySet& keys,
                                const Expectations& expected = expectations(), Time now = kNow) {
  const auto verified = verify(token, keys, expected, now);
  return verified ? "good" : name_of(verified.error().code);
}

}  // namespace sallyport::jose::testing
