// How methods are put together: one of them, any of several, or all of several. Private to this
// folder.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policies/authenticate/proof/method.h"
#include "policies/authenticate/settings.h"
#include "policy/exchange.h"
#include "schema/context.h"

namespace sallyport::policies::authenticate_detail {

// What came of asking the methods about one request. In the exchange's arena.
class Trial {
 public:
  static constexpr std::size_t kMost = 8;  // methods of one policy

  struct Refusal {
    const Method* method;
    std::string_view error;
    std::string_view scheme;
    bool answers = false;
  };

  void prove(const Method& method) { proved_.at(proved_count_++) = &method; }
  void refuse(const Refusal& refusal) { refused_.at(refused_count_++) = refusal; }
  [[nodiscard]] std::size_t mark() const { return proved_count_; }
  // They belong to a requirement that failed after all.
  void forget_proved_since(std::size_t mark) { proved_count_ = static_cast<std::uint8_t>(mark); }

  [[nodiscard]] std::span<const Method* const> proved() const {
    return {proved_.data(), proved_count_};
  }
  // The first that has an answer of its own for the client; null: none has.
  [[nodiscard]] const Method* answering() const;
  // Null: it did not refuse anything.
  [[nodiscard]] const Refusal* refusal_of(const Method& method) const;

 private:
  std::uint8_t proved_count_ = 0;
  std::uint8_t refused_count_ = 0;
  std::array<const Method*, kMost> proved_;  // NOLINT(*-member-init): as many as the counts say
  std::array<Refusal, kMost> refused_;
};

// Immutable, shared by threads.
class Requirement {
 public:
  // Null: a method cannot be made, and the context heard why.
  [[nodiscard]] static std::unique_ptr<const Requirement> make(
      const schema::Marked<MethodSettings>& settings, schema::Context& context);

  // `trial` must live until the task is done.
  [[nodiscard]] Task<Attempt> prove(Exchange& x, Trial& trial) const;
  // In the order of the configuration.
  void append_methods(std::vector<const Method*>& to) const;

 private:
  enum class Kind : std::uint8_t { method, any, all };

  explicit Requirement(Kind kind) : kind_(kind) {}
  [[nodiscard]] Attempt noted(Attempt attempt, Trial& trial) const;
  [[nodiscard]] Task<Attempt> waited(Task<Attempt> asked, Trial& trial) const;
  [[nodiscard]] Task<Attempt> any_of(Exchange& x, Trial& trial) const;
  [[nodiscard]] Task<Attempt> all_of(Exchange& x, Trial& trial) const;

  Kind kind_;
  std::unique_ptr<const Method> method_;
  std::vector<std::unique_ptr<const Requirement>> parts_;
};

// Makes `one` what both have proven. They have to agree: on the consumer, where both name one; and
// on the subject, where both name one in the words of the same issuer (or, of what the gateway
// itself has proven, by the same method). The consumer is the one that either names; subject,
// issuer, scopes, roles, groups and claims are those of the first that brings claims, or else of
// the first at all; the strength is the higher one. Empty, or why they do not agree: static.
[[nodiscard]] std::string_view combine(Identity& one, Identity other, Arena& arena);

}  // namespace sallyport::policies::authenticate_detail
