#include "jose/failure.h"

namespace sallyport::jose {

std::string_view name_of(FailureCode code) {
  switch (code) {
    case FailureCode::too_large:
      return "too_large";
    case FailureCode::malformed:
      return "malformed";
    case FailureCode::unsupported:
      return "unsupported";
    case FailureCode::algorithm_not_allowed:
      return "algorithm_not_allowed";
    case FailureCode::unknown_key:
      return "unknown_key";
    case FailureCode::bad_signature:
      return "bad_signature";
    case FailureCode::wrong_type:
      return "wrong_type";
    case FailureCode::invalid_claim:
      return "invalid_claim";
    case FailureCode::missing_claim:
      return "missing_claim";
    case FailureCode::expired:
      return "expired";
    case FailureCode::not_yet_valid:
      return "not_yet_valid";
    case FailureCode::issued_in_future:
      return "issued_in_future";
    case FailureCode::wrong_issuer:
      return "wrong_issuer";
    case FailureCode::wrong_audience:
      return "wrong_audience";
  }
  return "malformed";
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 80;
  std::string out = "\"";
  for (char c : text.substr(0, kMost)) out += c >= ' ' && c <= '~' && c != '"' ? c : '?';
  return out + (text.size() > kMost ? "...\"" : "\"");
}

}  // namespace sallyport::jose
