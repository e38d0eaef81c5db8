// A database of addresses and places in MaxMind's format (SecGeoLookupDb). This header keeps
// libmaxminddb's own out of everything else.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "seclang/bodies/body.h"

namespace sallyport::seclang {

// Immutable, shared by threads.
class GeoDatabase {
 public:
  // The error is a sentence that names the file.
  [[nodiscard]] static std::expected<std::shared_ptr<const GeoDatabase>, std::string> open(
      const std::string& path);
  GeoDatabase(const GeoDatabase&) = delete;
  GeoDatabase& operator=(const GeoDatabase&) = delete;
  ~GeoDatabase();

  // What is known of an address, under the keys of GEO: COUNTRY_CODE, CITY and so on. False: it is
  // no address, or nothing is known of it.
  bool find(std::string_view address, Arena& arena, std::vector<Field>& place) const;

 private:
  struct File;
  explicit GeoDatabase(std::unique_ptr<File> file);
  std::unique_ptr<File> file_;
};

}  // namespace sallyport::seclang
