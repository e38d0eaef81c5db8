// Who is calling, once that was proven: what an authentication policy leaves in the exchange, and
// all that later policies know of the caller.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "json/document.h"

namespace sallyport {

// How hard it is to pretend to be this caller, from the least to the most.
enum class Strength : std::uint8_t {
  password,     // a secret that people choose, sent with every request
  key,          // a random secret, sent with every request
  token,        // a signed statement that expires, good for whoever holds it
  certificate,  // possession of a private key was shown
  bound,        // a signed statement that is good only for the holder of a private key
};
inline constexpr std::array<std::pair<std::string_view, Strength>, 5> kStrengths = {
    {{"password", Strength::password},
     {"key", Strength::key},
     {"token", Strength::token},
     {"certificate", Strength::certificate},
     {"bound", Strength::bound}}};

[[nodiscard]] constexpr std::string_view name_of(Strength strength) {
  for (const auto& [name, value] : kStrengths) {
    if (value == strength) return name;
  }
  return {};
}

// Texts, lists and claims belong to `owner`, or to the exchange's arena.
struct Identity {
  std::string_view method;    // of authentication: "jwt", "api_key", "mtls", "basic"
  std::string_view consumer;  // the name we know the caller by; empty: only its issuer knows it
  std::string_view subject;   // who it is, in the words of the issuer
  std::string_view issuer;    // who says so; empty: this gateway
  std::string_view client;    // the application it uses (`client_id`, `azp`); may be empty
  Strength strength = Strength::password;
  // Of the challenge to whoever brought a token that says too little: "Bearer"; empty: no token.
  std::string_view scheme;
  std::span<const std::string_view> scopes;
  std::span<const std::string_view> roles;
  std::span<const std::string_view> groups;
  std::optional<json::Value> claims;  // an object; nothing where the proof has none
  std::shared_ptr<const void> owner;

  [[nodiscard]] static bool contains(std::span<const std::string_view> list, std::string_view one) {
    return std::ranges::find(list, one) != list.end();
  }
};

}  // namespace sallyport
