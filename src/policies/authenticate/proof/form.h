// The parameters of a query or a form (application/x-www-form-urlencoded). Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::policies::authenticate_detail {

class Form {
 public:
  static constexpr std::size_t kMost = 32;

  // Nothing: an escape is none, a name comes twice, or there are more than `kMost`.
  [[nodiscard]] static std::optional<Form> parse(std::string_view text);

  // Empty: there is none of that name, or it is empty.
  [[nodiscard]] std::string_view get(std::string_view name) const;

 private:
  using Field = std::pair<std::string, std::string>;
  std::vector<Field> fields_;
};

// Appends "name=value" and what stands before it, the value percent-encoded.
void append_parameter(std::string& to, std::string_view name, std::string_view value);

}  // namespace sallyport::policies::authenticate_detail
