// Origins (RFC 6454) as a configuration lists them: exact, or every host below a domain.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::policies::cors_detail {

// What is wrong with "https://app.example.com", "https://*.example.com:8443" or "*"; empty:
// nothing. Anything that no browser would ever send is wrong, for it would never match.
[[nodiscard]] std::string origin_fault(std::string_view origin);

// Immutable. Compares bytes: browsers send scheme and host in lower case.
class OriginSet {
 public:
  OriginSet() = default;
  // Every origin without a fault.
  explicit OriginSet(const std::vector<std::string>& origins);

  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] bool contains(std::string_view origin) const;

 private:
  struct Wildcard {
    std::string before;  // "https://"
    std::string after;   // ".example.com:8443"
  };
  std::vector<std::string> exact_;  // sorted
  std::vector<Wildcard> wildcards_;
  bool any_ = false;
};

}  // namespace sallyport::policies::cors_detail
