// Header values with placeholders: "{client.address}". Checked when the configuration is read.
//
// Braces that hold anything but a word of small letters and dots are text, so JSON stays JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/exchange.h"

namespace sallyport::policies::headers_detail {

// What is wrong with a value: characters no header may hold, or a placeholder nobody knows.
[[nodiscard]] std::string value_fault(std::string_view value);

// The placeholders, for messages and the reference: "`{client.address}`, `{request.id}`, ...".
[[nodiscard]] std::string placeholder_list();

// Immutable.
class ValueTemplate {
 public:
  // `value` has no fault.
  explicit ValueTemplate(std::string_view value);

  // The value for one exchange: in its arena, in the template, or in the exchange itself.
  [[nodiscard]] std::string_view render(Exchange& x) const;

 private:
  struct Part {
    std::string text;  // when `read` is null
    std::string_view (*read)(const Exchange& x) = nullptr;
  };
  std::vector<Part> parts_;
};

}  // namespace sallyport::policies::headers_detail
