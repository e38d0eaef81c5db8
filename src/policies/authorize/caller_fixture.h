// For tests only: a caller that somebody has proven to be someone.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/document.h"
#include "policy/exchange_fixture.h"

namespace sallyport::testing {

// Texts have to outlive it (literals do); it has to outlive the exchanges it calls.
class Caller {
 public:
  explicit Caller(std::string_view claims = "{}") : claims_(parsed(claims)) {
    who_.method = "jwt";
    who_.strength = Strength::token;
    who_.scheme = "Bearer";
  }

  Caller& scopes(std::vector<std::string_view> list) {
    scopes_ = std::move(list);
    return *this;
  }
  Caller& roles(std::vector<std::string_view> list) {
    roles_ = std::move(list);
    return *this;
  }
  Caller& groups(std::vector<std::string_view> list) {
    groups_ = std::move(list);
    return *this;
  }
  // The other members, to be set as they are.
  Identity* operator->() { return &who_; }

  void call(ExchangeFixture& f) const {
    f.x.identity = who_;
    f.x.identity->scopes = scopes_;
    f.x.identity->roles = roles_;
    f.x.identity->groups = groups_;
    f.x.identity->claims = claims_.root();
  }

 private:
  static json::Document parsed(std::string_view text) {
    auto document = json::Document::parse(text);
    if (!document) std::abort();
    return std::move(*document);
  }

  json::Document claims_;
  std::vector<std::string_view> scopes_;
  std::vector<std::string_view> roles_;
  std::vector<std::string_view> groups_;
  Identity who_;
};

}  // namespace sallyport::testing
