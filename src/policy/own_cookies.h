// Cookies that are the gateway's own, such as those of sessions. They go to no upstream, whichever
// API of the host a request is for: whoever has one can pretend to be its user.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "schema/context.h"

namespace sallyport {

// Of a whole configuration. Immutable once that is built.
class OwnCookies {
 public:
  // Notes one for the configuration that is being read, and with it those whose names go on with a
  // dot.
  static void note(schema::Context& context, const std::string& name);
  // What has been noted.
  [[nodiscard]] static OwnCookies of(const schema::LoadScope& scope);

  void strip(http::Request& request, Arena& arena) const {
    if (!names_.empty()) strip_all(request, arena);
  }

 private:
  void strip_all(http::Request& request, Arena& arena) const;
  [[nodiscard]] bool contains(std::string_view name) const;

  std::vector<std::string> names_;
};

}  // namespace sallyport
