// Open Policy Agent as the one that decides, through its REST API. Private to this folder.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policy/exchange.h"
#include "policy/keyed_cache.h"
#include "policy/service.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::policies::authorize_detail {

struct OpaSettings {
  ServiceSettings service;
  std::string decision;
  std::vector<std::string> headers;
  std::optional<schema::Duration> cache;

  static schema::Fields<OpaSettings> fields();
};

// What came of asking.
struct OpaDecision {
  enum class Kind : std::uint8_t { allowed, denied, undecided };
  Kind kind = Kind::undecided;
  std::string detail;  // for operators
};

// Immutable but for what it remembers; shared by threads.
class Opa {
 public:
  // Null: a file cannot be read, and the context heard why.
  [[nodiscard]] static std::unique_ptr<const Opa> make(const schema::Marked<OpaSettings>& settings,
                                                       schema::Context& context);

  // Fails closed: whatever is not said plainly is no permission.
  [[nodiscard]] Task<OpaDecision> decide(Exchange& x) const;

  // What is asked about an exchange: `{"input": ...}`. Public for its test.
  [[nodiscard]] std::string question_about(const Exchange& x) const;
  // The meaning of an answer's body.
  [[nodiscard]] static OpaDecision read(std::string_view answer);

 private:
  using Clock = std::chrono::steady_clock;
  struct Known {
    OpaDecision decision;
    Clock::time_point good_until;
  };

  Opa(const OpaSettings& settings, std::unique_ptr<const Service> service);
  [[nodiscard]] Task<OpaDecision> asked(Exchange& x, std::string question) const;

  const std::unique_ptr<const Service> service_;
  const std::string url_;
  const std::vector<std::string> headers_;
  const std::optional<std::chrono::milliseconds> cached_for_;
  mutable KeyedCache<Known> cache_;
};

}  // namespace sallyport::policies::authorize_detail
