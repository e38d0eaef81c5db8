// One exchange shown to rules inside this process, and what they made of it.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "base/arena.h"
#include "cli/waf/exchange.h"
#include "seclang/engine/transaction.h"

namespace sallyport::cli::waf {

class Inspection {
 public:
  // `rules` and `shared` must outlive it.
  Inspection(const seclang::RuleSet& rules, seclang::SharedCollections& shared, WebRequest request);
  Inspection(const Inspection&) = delete;
  Inspection& operator=(const Inspection&) = delete;

  // In this order, each at most once. After a refusal the next does nothing, but for finish().
  void inspect_request();
  void inspect_response(WebResponse response);
  void finish();

  [[nodiscard]] const WebRequest& request() const { return request_; }
  [[nodiscard]] const std::optional<seclang::Intervention>& intervention() const {
    return transaction_.intervention();
  }
  [[nodiscard]] const std::vector<seclang::Match>& matches() const {
    return transaction_.matches();
  }
  [[nodiscard]] seclang::Transaction& transaction() { return transaction_; }
  // A line of the error log for each match.
  [[nodiscard]] std::vector<std::string> lines();

 private:
  WebRequest request_;
  WebResponse response_;
  std::string protocol_;
  std::string unique_id_;
  std::array<std::byte, 16384> block_{};
  Arena arena_{block_};
  seclang::Transaction transaction_;
};

}  // namespace sallyport::cli::waf
