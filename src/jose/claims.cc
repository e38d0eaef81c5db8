#include "jose/claims.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "base/clock.h"
#include "base/text.h"

namespace sallyport::jose {
namespace {

// Seconds between which a NumericDate lies in the years 1 to 9999.
constexpr double kEarliest = -62'135'596'800.0;
constexpr double kLatest = 253'402'300'799.0;

using Verdict = std::optional<Failure>;  // nothing: it is as expected

Failure failure(FailureCode code, std::string sentence) {
  return {.code = code, .sentence = std::move(sentence)};
}

std::string date(Time time) {
  std::string text(24, '\0');
  write_rfc3339(text.data(), time.time_since_epoch().count());
  return text;
}

// RFC 7515 section 4.1.9: "application/" goes without saying where no other slash follows.
std::string_view short_type(std::string_view type) {
  constexpr std::string_view kPrefix = "application/";
  const bool prefixed = type.size() > kPrefix.size() &&
                        text::equals_ignoring_case(type.substr(0, kPrefix.size()), kPrefix);
  if (!prefixed || type.find('/', kPrefix.size()) != std::string_view::npos) return type;
  return type.substr(kPrefix.size());
}

bool is_one_of(std::string_view text, std::span<const std::string> list) {
  return std::ranges::find(list, text) != list.end();
}

// Whether a time claim is there and can be read.
Verdict check_time(json::Value claims, std::string_view name) {
  if (!claims.find(name) || time_of(claims, name)) return std::nullopt;
  return failure(FailureCode::invalid_claim,
                 "The claim " + std::string(name) + " is no number of seconds in a usable range.");
}

Verdict check_times(json::Value claims, const Expectations& expected, Time now) {
  for (std::string_view name : {"exp", "nbf", "iat"}) {
    if (Verdict wrong = check_time(claims, name)) return wrong;
  }
  if (const std::optional<Time> expiry = time_of(claims, "exp")) {
    if (now >= *expiry + expected.leeway) {
      return failure(FailureCode::expired, "The token expired at " + date(*expiry) + ".");
    }
  } else if (expected.expiry_required) {
    return failure(FailureCode::missing_claim, "The token never expires: it has no exp.");
  }
  if (const std::optional<Time> begin = time_of(claims, "nbf");
      begin && now < *begin - expected.leeway) {
    return failure(FailureCode::not_yet_valid,
                   "The token is not valid before " + date(*begin) + ".");
  }
  if (const std::optional<Time> issued = time_of(claims, "iat");
      issued && now < *issued - expected.leeway) {
    return failure(FailureCode::issued_in_future,
                   "The token was issued in the future, at " + date(*issued) + ".");
  }
  return std::nullopt;
}

Verdict check_issuer(json::Value claims, const Expectations& expected) {
  const std::optional<json::Value> claim = claims.find("iss");
  if (claim && !claim->string()) {
    return failure(FailureCode::invalid_claim, "The claim iss is no string.");
  }
  if (expected.any_issuer) return std::nullopt;
  if (!claim) return failure(FailureCode::missing_claim, "The token does not say who issued it.");
  if (is_one_of(*claim->string(), expected.issuers)) return std::nullopt;
  return failure(FailureCode::wrong_issuer,
                 "The issuer " + quoted(*claim->string()) + " is not accepted.");
}

Verdict check_audience(json::Value claims, const Expectations& expected) {
  const std::optional<json::Value> claim = claims.find("aud");
  if (!claim) {
    if (expected.any_audience) return std::nullopt;
    return failure(FailureCode::missing_claim, "The token does not say whom it is for.");
  }
  const auto is_string = [](json::Value each) { return each.string().has_value(); };
  if (!claim->string() && !(claim->is_array() && std::ranges::all_of(claim->items(), is_string))) {
    return failure(FailureCode::invalid_claim,
                   "The claim aud is neither a string nor an array of strings.");
  }
  if (expected.any_audience) return std::nullopt;
  const auto is_ours = [&expected](json::Value each) {
    return is_one_of(*each.string(), expected.audiences);
  };
  if (claim->is_array() ? std::ranges::any_of(claim->items(), is_ours) : is_ours(*claim)) {
    return std::nullopt;
  }
  return failure(FailureCode::wrong_audience,
                 claim->is_array() ? "The token is for others only."
                                   : "The token is for " + quoted(*claim->string()) + " only.");
}

}  // namespace

std::optional<Failure> check_type(json::Value header, const Expectations& expected) {
  const std::optional<json::Value> type = header.find("typ");
  if (!type) {
    if (!expected.type_required) return std::nullopt;
    return failure(FailureCode::wrong_type, "The header's typ is missing.");
  }
  if (!type->string()) return failure(FailureCode::malformed, "The header's typ is no string.");
  const std::string_view given = short_type(*type->string());
  const bool accepted = std::ranges::any_of(expected.types, [given](const std::string& each) {
    return text::equals_ignoring_case(given, short_type(each));
  });
  if (accepted) return std::nullopt;
  return failure(FailureCode::wrong_type,
                 "The type " + quoted(*type->string()) + " is not accepted.");
}

std::optional<Failure> check_claims(json::Value claims, const Expectations& expected, Time now) {
  if (Verdict wrong = check_issuer(claims, expected)) return wrong;
  if (Verdict wrong = check_audience(claims, expected)) return wrong;
  if (Verdict wrong = check_times(claims, expected, now)) return wrong;
  for (std::string_view name : {"sub", "jti"}) {
    if (const std::optional<json::Value> claim = claims.find(name); claim && !claim->string()) {
      return failure(FailureCode::invalid_claim,
                     "The claim " + std::string(name) + " is no string.");
    }
  }
  for (const std::string& name : expected.required_claims) {
    if (!claims.find(name)) {
      return failure(FailureCode::missing_claim, "The claim " + quoted(name) + " is missing.");
    }
  }
  return std::nullopt;
}

std::optional<Time> time_of(json::Value claims, std::string_view claim) {
  const std::optional<json::Value> value = claims.find(claim);
  const std::optional<double> seconds = value ? value->number() : std::nullopt;
  if (!seconds || *seconds < kEarliest || *seconds > kLatest) return std::nullopt;
  return Time(std::chrono::milliseconds(std::llround(*seconds * 1000)));
}

}  // namespace sallyport::jose
