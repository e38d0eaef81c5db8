// Does the time that a refusal takes tell how much of a secret was guessed right?
//
// For comparisons of secrets that a stranger can make the gateway do: inputs that are wrong in
// their end alone against inputs that are wrong throughout, in random order, and Welch's t-test
// over the times, as dudect does ("Dude, is my code constant time?", Reparaz, Balasch,
// Verbauwhede, 2017). `api_key` and `hmac` go through the pipeline, as requests do; the others are
// timed at the function that compares. Times above a percentile are interrupts and other noise:
// the test is done for several percentiles, and the greatest |t| counts. A |t| above 10 tells the
// two apart for certain; below 4.5 nothing was found. The first line is a comparison that does
// leak: if that is not found, neither would others be, and the run is void.
//
//   timing [SAMPLES]     exit code 1 when something leaks, 2 when the run is void
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "jose/mac_key.h"
#include "policies/policy_fixture.h"
#include "store/key_text.h"
#include "store/records/clients.h"
#include "store/sealing/password_hash.h"
#include "store/view/caller_directory.h"
#include "store/view/view_builder.h"

namespace sallyport {
namespace {

constexpr double kCertain = 10;
constexpr double kSuspicious = 4.5;
constexpr std::size_t kInputs = 512;  // of each class
constexpr std::array kPercentiles = {1.0, 0.99, 0.95, 0.9, 0.8, 0.7, 0.5};

// Something that looks at a secret, and inputs of one length to it.
struct Comparison {
  std::string name;
  std::function<bool(std::string_view)> is_right;
  std::string right;
  std::vector<std::string> near;    // all of it right but the end
  std::vector<std::string> random;  // all of it wrong
  std::size_t part = 1;             // of the samples that were asked for, one in so many
};

struct Times {
  std::vector<double> near, random;
};

// One buffer for all inputs, so that where they lie in memory makes no difference.
Times measure(const Comparison& comparison, std::size_t samples) {
  Random random;
  std::string input = comparison.right;
  Times times;
  for (std::size_t i = 0; i < samples; ++i) {
    const bool near = (random.next() >> 63) != 0;
    const auto& inputs = near ? comparison.near : comparison.random;
    inputs[random.below(kInputs)].copy(input.data(), input.size());
    const std::uint64_t begin = Ticks::now();
    const bool right = comparison.is_right(input);
    const std::uint64_t end = Ticks::now();
    if (right) std::abort();
    (near ? times.near : times.random).push_back(static_cast<double>(end - begin));
  }
  return times;
}

struct Moments {
  double count = 0, mean = 0, variance = 0;
};

Moments moments_of(const std::vector<double>& times, double most) {
  Moments all;
  double squares = 0;  // of distances from the mean (Welford)
  for (const double time : times) {
    if (time > most) continue;
    all.count += 1;
    const double distance = time - all.mean;
    all.mean += distance / all.count;
    squares += distance * (time - all.mean);
  }
  all.variance = squares / (all.count - 1);
  return all;
}

double welch(const Moments& a, const Moments& b) {
  return std::abs(a.mean - b.mean) / std::sqrt(a.variance / a.count + b.variance / b.count);
}

double greatest_t(const Times& times) {
  std::vector<double> all = times.near;
  all.insert(all.end(), times.random.begin(), times.random.end());
  std::ranges::sort(all);
  double greatest = 0;
  for (const double percentile : kPercentiles) {
    const auto index = static_cast<std::size_t>(percentile * static_cast<double>(all.size() - 1));
    greatest = std::max(
        greatest, welch(moments_of(times.near, all[index]), moments_of(times.random, all[index])));
  }
  return greatest;
}

std::string in_hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) text::append_hex(out, static_cast<unsigned char>(byte));
  return out;
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  fill_with_secret_bytes(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

// `random`: a new one of the same form. What differs lies behind `begin`, but for the last
// character, which may not be free to choose.
Comparison of_text(std::string name, std::string right, std::size_t begin,
                   const std::function<std::string()>& random,
                   std::function<bool(std::string_view)> is_right) {
  Comparison made{.name = std::move(name),
                  .is_right = std::move(is_right),
                  .right = right,
                  .near = {},
                  .random = {}};
  while (made.random.size() < kInputs) {
    std::string other = random();
    std::string near = right;
    near[near.size() - 2] = other[other.size() - 2];
    if (near == right) continue;
    made.near.push_back(std::move(near));
    made.random.push_back(right.substr(0, begin) + other.substr(begin));
  }
  if (!made.is_right(right)) std::abort();  // then it would be something else that is measured
  return made;
}

// A consumer with an API key, a client and an admin token, as the store keeps them.
class Callers {
 public:
  Callers() {
    store::ViewChanges changes;
    const store::Consumer consumer{.id = store::PublicId::random().text(), .name = "shop"};
    changes.consumers[consumer.id] = consumer;
    changes.keys[key_.id().text()] = store::ApiKey{
        .id = key_.id().text(), .consumer = consumer.id, .secret_hash = key_.hash(*hash_)};
    changes.clients["app"] =
        store::Client{.id = "app",
                      .consumer = consumer.id,
                      .secret_hash = store::client_secret_hash(*hash_, "app", secret_)};
    changes.admin_tokens[token_.id().text()] =
        store::AdminToken{.id = token_.id().text(), .secret_hash = token_.hash(*hash_)};
    directory_.publish(builder_.next(changes));
  }

  [[nodiscard]] Comparison api_key() const {
    schema::LoadScope scope;
    scope.keeps_state = true;
    auto policy = std::make_shared<testing::PolicyFixture>(
        "authenticate", R"({"api_key": {"header": "X-API-Key"}})", &scope);
    return of_text(
        "API key: secret", std::string(key_.text().view()), kSecretAt,
        [] { return std::string(store::PresentedKey::random().text().view()); },
        [this, policy](std::string_view text) {
          std::array<std::byte, 2048> memory;  // NOLINT(*-member-init): the arena's
          Arena arena(memory);
          Exchange x(arena);
          x.callers = &directory_;
          x.request.headers.add("X-API-Key", text);
          return testing::now(policy->pipeline.on_request(x)).has_value();
        });
  }
  [[nodiscard]] Comparison admin_token() const {
    const auto random = [] {
      return std::string(store::PresentedKey::random(store::kAdminTokenPrefix).text().view());
    };
    return of_text("admin token: secret", std::string(token_.text().view()), kSecretAt, random,
                   [this](std::string_view text) {
                     return directory_.view()->find_admin_token(text, 1).verdict ==
                            store::KeyVerdict::good;
                   });
  }
  [[nodiscard]] Comparison client_secret() const {
    return of_text(
        "OAuth client: secret", secret_, 0, [] { return in_hex(random_bytes(16)); },
        [this](std::string_view text) {
          const auto view = directory_.view();
          return view->is_secret_of(*view->client("app"), text);
        });
  }

 private:
  static constexpr std::size_t kSecretAt = 21;  // behind prefix, id and point
  std::shared_ptr<const store::KeyedHash> hash_ =
      std::make_shared<store::KeyedHash>(random_bytes(32));
  const store::PresentedKey key_ = store::PresentedKey::random();
  const store::PresentedKey token_ = store::PresentedKey::random(store::kAdminTokenPrefix);
  const std::string secret_ = in_hex(random_bytes(16));
  store::ViewBuilder builder_{hash_};
  store::CallerDirectory directory_{builder_.view()};
};

Comparison basic() {
  const std::string password = in_hex(random_bytes(16));
  auto hash = std::make_shared<store::PasswordHash>(
      store::PasswordHash::of(password, {.log_n = 4, .r = 1, .p = 1}));
  Comparison made = of_text(
      "basic: password", password, 0, [] { return in_hex(random_bytes(16)); },
      [hash](std::string_view text) { return hash->matches(text); });
  made.part = 10;
  return made;
}

Comparison hmac() {
  auto policy = std::make_shared<testing::PolicyFixture>(
      "authenticate", R"({"hmac": {"signature": "X-Signature", "sign": ["method", "target"],
                          "replay": "allowed",
                          "keys": {"shop": {"secret": "${=0123456789abcdef}"}}}})");
  if (!policy->errors.empty()) std::abort();
  const std::string_view message[] = {"GET\n/"};
  const jose::MacKey key = *jose::MacKey::make(jose::MacHash::sha256, "0123456789abcdef");
  return of_text(
      "hmac: signature", in_hex(key.of(message).text()), 0, [] { return in_hex(random_bytes(32)); },
      [policy](std::string_view text) {
        std::array<std::byte, 2048> memory;  // NOLINT(*-member-init): the arena's
        Arena arena(memory);
        Exchange x(arena);
        x.request.method = "GET";
        x.request.path = "/";
        x.request.headers.add("X-Signature", text);
        return testing::now(policy->pipeline.on_request(x)).has_value();
      });
}

// As no comparison of a secret may be.
Comparison leaking() {
  const std::string secret = in_hex(random_bytes(16));
  return of_text(
      "(one that leaks)", secret, 0, [] { return in_hex(random_bytes(16)); },
      [secret](std::string_view text) {
        for (std::size_t i = 0; i < secret.size(); ++i) {
          const volatile char given = text[i];
          if (given != secret[i]) return false;
        }
        return true;
      });
}

int run(std::size_t samples) {
  const Callers callers;
  const std::vector<Comparison> comparisons = {
      leaking(), callers.api_key(), callers.admin_token(), callers.client_secret(), hmac(),
      basic()};
  std::printf("%-24s %10s %12s %12s %8s\n", "comparison", "samples", "near, ns", "random, ns",
              "|t|");
  bool leaks = false;
  bool blind = false;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    const Comparison& comparison = comparisons[i];
    const Times times = measure(comparison, samples / comparison.part);
    const double t = greatest_t(times);
    const auto median = [](std::vector<double> all) {
      std::ranges::nth_element(all, all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
      return static_cast<double>(
          Ticks::nanoseconds(0, static_cast<std::uint64_t>(all[all.size() / 2])));
    };
    std::printf("%-24s %10zu %12.0f %12.0f %8.2f  %s\n", comparison.name.c_str(),
                samples / comparison.part, median(times.near), median(times.random), t,
                t > kCertain      ? "told apart"
                : t > kSuspicious ? "suspicious: take more samples"
                                  : "nothing found");
    if (i == 0) {
      blind = t <= kCertain;
    } else {
      leaks = leaks || t > kCertain;
    }
  }
  if (blind) std::puts("Void: the leak of the first line was not found.");
  return blind ? 2 : leaks ? 1 : 0;
}

}  // namespace
}  // namespace sallyport

int main(int argc, char** argv) {
  constexpr std::size_t kSamples = 1'000'000;
  const std::uint64_t asked = argc > 1 ? sallyport::text::to_number(argv[1]).value_or(0) : kSamples;
  if (asked < 10'000) {
    std::fputs("usage: timing [SAMPLES]     (10000 or more)\n", stderr);
    return 2;
  }
  sallyport::Ticks::calibrate();
  return sallyport::run(static_cast<std::size_t>(asked));
}
