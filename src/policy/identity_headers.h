// Headers by which upstreams learn who is calling. What a client sends under these names, or under
// ones that an upstream could take for them, never gets further than the gateway.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "schema/context.h"

namespace sallyport {

// Of a whole configuration: they are taken from every request, also where nobody has to prove
// anything. Immutable once the configuration is built.
class IdentityHeaders {
 public:
  // Notes names for the configuration that is being read.
  static void note(schema::Context& context, std::span<const std::string> names);
  // What has been noted.
  [[nodiscard]] static IdentityHeaders of(const schema::LoadScope& scope);
  // Lower case, every other character than a letter or a digit a dash: what some upstreams (CGI,
  // WSGI and their kin) make of names they tell apart.
  [[nodiscard]] static std::string normal(std::string_view name);

  // Takes them out of the headers, and sees to it that they are not in trailers either.
  void strip(http::Request& request, Arena& arena) const {
    if (!names_.empty()) strip_all(request, arena);
  }

 private:
  void strip_all(http::Request& request, Arena& arena) const;
  [[nodiscard]] bool contains(std::string_view name) const;

  friend class TrailersWithoutIdentity;
  std::vector<std::string> names_;  // normal
};

}  // namespace sallyport
