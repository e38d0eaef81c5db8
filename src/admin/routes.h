// Every route of the admin listener, in one table: what it is for, who may use it, what runs. The
// OpenAPI document is written from the same table.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/admin_backend.h"
#include "admin/api/call.h"
#include "store/records/admin_role.h"

namespace sallyport::admin {

// Takes the answer, once.
using Respond = std::function<void(Reply)>;

struct Route {
  std::string_view method;  // GET answers HEAD too
  std::string_view path;    // with {…} for one segment
  std::string_view name;    // of the operation
  std::string_view summary;
  // The least role; nothing: anyone. Where nobody can sign in (no state, no `certificates`, no
  // `oidc`), every route that does without a store is open for which an operator would do.
  std::optional<AdminRole> role;
  // One of these.
  void (*run)(const Call&, AdminBackend&, const Respond&) = nullptr;
  Handler handle = nullptr;

  std::uint16_t status = 200;  // of success
  std::size_t most_bytes = 0;  // of a body; 0: none is read
  std::string_view request;    // schema of the body
  std::string_view response;   // schema of the answer
  std::array<std::string_view, 5> query = {};
  // Of what anyone on this machine may do: the least role of those on others; nothing: anyone.
  std::optional<AdminRole> role_from_elsewhere = {};

  [[nodiscard]] bool changes() const { return method != "GET"; }
};

[[nodiscard]] std::span<const Route> routes();

// What stands for the {…} of `path_template` in `path`; nothing: it is another path.
[[nodiscard]] std::optional<std::vector<std::string>> match(std::string_view path_template,
                                                            std::string_view path);

}  // namespace sallyport::admin
