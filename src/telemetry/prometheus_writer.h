// The Prometheus text format 0.0.4. Writes what it is told, escaped; it does not check that a
// family is written once or that names are well-formed.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/metrics.h"

namespace sallyport::telemetry {

inline constexpr std::string_view kPrometheusContentType =
    "text/plain; version=0.0.4; charset=utf-8";

// A histogram summed over workers.
struct HistogramTotal {
  std::array<std::uint64_t, Histogram::kBuckets> counts{};
  std::uint64_t sum_nanoseconds = 0;
  void add(const Histogram& histogram);
};

class PrometheusWriter {
 public:
  enum class Type : std::uint8_t { counter, gauge, histogram };
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  explicit PrometheusWriter(std::string& out) : out_(out) {}

  // Begins a family; the samples after it are its own. Names of counters end in "_total".
  void family(std::string_view name, Type type, std::string_view help);

  template <std::unsigned_integral T>
  void sample(Labels labels, T value) {
    write_sample(labels, std::uint64_t{value});
  }
  template <std::signed_integral T>
  void sample(Labels labels, T value) {
    write_sample(labels, std::int64_t{value});
  }
  void sample(Labels labels, double value) { write_sample(labels, value); }
  void sample(Labels labels, const HistogramTotal& total);

  // A family with one sample without labels.
  template <typename T>
  void single(std::string_view name, Type type, std::string_view help, T value) {
    family(name, type, help);
    sample({}, value);
  }

 private:
  template <typename T>
  void write_sample(Labels labels, T value);
  // `more`: one further label, for buckets.
  void write_name(std::string_view suffix, Labels labels,
                  std::pair<std::string_view, std::string_view> more = {});
  template <typename T>
  void write_value(T value);

  std::string& out_;
  std::string name_;
};

}  // namespace sallyport::telemetry
