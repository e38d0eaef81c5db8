// What names in the configuration may look like, and what is masked whatever the file says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::config {

// Each returns what is wrong (lower case, no full stop), or "".
[[nodiscard]] std::string header_name_fault(std::string_view name);
[[nodiscard]] std::string method_fault(std::string_view method);
[[nodiscard]] std::string cookie_name_fault(std::string_view name);
// Of an API or upstream: it stands in metrics, logs and paths of messages.
[[nodiscard]] std::string name_fault(std::string_view name);
// "api.example.com" or "*.example.com".
[[nodiscard]] std::string host_pattern_fault(std::string_view host);
// A host with an optional port, as a Host header has it.
[[nodiscard]] std::string authority_fault(std::string_view authority);
// A path as it is sent: normalised, without query.
[[nodiscard]] std::string path_fault(std::string_view path);

// Never written to a log. Lower case.
[[nodiscard]] const std::vector<std::string>& masked_headers();
[[nodiscard]] const std::vector<std::string>& masked_query();

// "`a`, `b` and `c`".
[[nodiscard]] std::string list_of(const std::vector<std::string>& words);

}  // namespace sallyport::config
