// The file is mapped into memory, so that a lookup is a walk through a tree.
#include "seclang/geo_database.h"

#include <maxminddb.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace sallyport::seclang {
namespace {

struct Entry {
  std::string_view key;
  std::array<const char*, 4> path;  // in the database; ends with a null
};

constexpr auto kEntries = std::to_array<Entry>({
    {"COUNTRY_CODE", {"country", "iso_code"}},
    {"COUNTRY_NAME", {"country", "names", "en"}},
    {"COUNTRY_CONTINENT", {"continent", "names", "en"}},
    {"REGION", {"subdivisions", "0", "iso_code"}},
    {"CITY", {"city", "names", "en"}},
    {"POSTAL_CODE", {"postal", "code"}},
    {"LATITUDE", {"location", "latitude"}},
    {"LONGITUDE", {"location", "longitude"}},
    {"DMA_CODE", {"location", "metro_code"}},
});

// Six places behind the point, as ModSecurity writes it.
std::string_view decimal(double number, Arena& arena) {
  static constexpr std::size_t kMost = 32;
  std::array<char, kMost> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.6f", number);
  return arena.copy({text.data(), std::min(static_cast<std::size_t>(size), kMost - 1)});
}

std::string_view text_of(const MMDB_entry_data_s& data, Arena& arena) {
  switch (data.type) {
    case MMDB_DATA_TYPE_UTF8_STRING:
      return arena.copy({data.utf8_string, data.data_size});
    case MMDB_DATA_TYPE_DOUBLE:
      return decimal(data.double_value, arena);
    case MMDB_DATA_TYPE_FLOAT:
      return decimal(static_cast<double>(data.float_value), arena);
    case MMDB_DATA_TYPE_UINT16:
      return arena.copy(std::to_string(data.uint16));
    case MMDB_DATA_TYPE_UINT32:
      return arena.copy(std::to_string(data.uint32));
    default:
      return {};
  }
}

}  // namespace

struct GeoDatabase::File {
  MMDB_s handle{};
};

GeoDatabase::GeoDatabase(std::unique_ptr<File> file) : file_(std::move(file)) {}
GeoDatabase::~GeoDatabase() { MMDB_close(&file_->handle); }

std::expected<std::shared_ptr<const GeoDatabase>, std::string> GeoDatabase::open(
    const std::string& path) {
  auto file = std::make_unique<File>();
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file->handle);
  if (status != MMDB_SUCCESS) return std::unexpected(path + ": " + MMDB_strerror(status));
  return std::shared_ptr<const GeoDatabase>(new GeoDatabase(std::move(file)));  // private
}

bool GeoDatabase::find(std::string_view address, Arena& arena, std::vector<Field>& place) const {
  place.clear();
  const std::string text(address);
  int no_address = 0;
  int status = MMDB_SUCCESS;
  MMDB_lookup_result_s result =
      MMDB_lookup_string(&file_->handle, text.c_str(), &no_address, &status);
  if (no_address != 0 || status != MMDB_SUCCESS || !result.found_entry) return false;
  for (const Entry& entry : kEntries) {
    MMDB_entry_data_s data{};
    if (MMDB_aget_value(&result.entry, &data, entry.path.data()) != MMDB_SUCCESS) continue;
    if (!data.has_data) continue;
    place.push_back({.name = entry.key, .value = text_of(data, arena)});
  }
  return true;
}

}  // namespace sallyport::seclang
