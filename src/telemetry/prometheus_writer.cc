#include "telemetry/prometheus_writer.h"

#include <charconv>
#include <cmath>

namespace sallyport::telemetry {
namespace {

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (quotes && c == '"')) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
}

// `format`: of floating point numbers; without it the shortest is chosen.
template <typename T, typename... Format>
void append_number(std::string& out, T value, Format... format) {
  std::array<char, 32> text;
  char* end = text.data() + text.size();
  out.append(text.data(), std::to_chars(text.data(), end, value, format...).ptr);
}

constexpr double kNanosecondsPerSecond = 1e9;

}  // namespace

void HistogramTotal::add(const Histogram& histogram) {
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += histogram.count(i);
  sum_nanoseconds += histogram.sum_nanoseconds();
}

void PrometheusWriter::family(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  out_.append("# HELP ").append(name).append(" ");
  append_escaped(out_, help, false);
  out_.append("\n# TYPE ").append(name);
  switch (type) {
    case Type::counter:
      out_ += " counter\n";
      break;
    case Type::gauge:
      out_ += " gauge\n";
      break;
    case Type::histogram:
      out_ += " histogram\n";
      break;
  }
}

void PrometheusWriter::write_name(std::string_view suffix, Labels labels,
                                  std::pair<std::string_view, std::string_view> more) {
  out_.append(name_).append(suffix);
  char separator = '{';
  auto write = [&](std::string_view name, std::string_view value) {
    out_ += separator;
    out_.append(name).append("=\"");
    append_escaped(out_, value, true);
    out_ += '"';
    separator = ',';
  };
  for (const auto& [name, value] : labels) write(name, value);
  if (!more.first.empty()) write(more.first, more.second);
  if (separator == ',') out_ += '}';
  out_ += ' ';
}

template <typename T>
void PrometheusWriter::write_value(T value) {
  if constexpr (std::floating_point<T>) {
    if (std::isnan(value)) {
      out_ += "NaN\n";
      return;
    }
    if (std::isinf(value)) {
      out_ += value > 0 ? "+Inf\n" : "-Inf\n";
      return;
    }
  }
  append_number(out_, value);
  out_ += '\n';
}

template <typename T>
void PrometheusWriter::write_sample(Labels labels, T value) {
  write_name("", labels);
  write_value(value);
}
template void PrometheusWriter::write_sample(Labels, std::uint64_t);
template void PrometheusWriter::write_sample(Labels, std::int64_t);
template void PrometheusWriter::write_sample(Labels, double);

void PrometheusWriter::sample(Labels labels, const HistogramTotal& total) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < total.counts.size(); ++i) {
    count += total.counts[i];
    std::string bound;
    if (i < Histogram::kBounds.size()) {
      append_number(bound, static_cast<double>(Histogram::kBounds[i]) / kNanosecondsPerSecond,
                    std::chars_format::fixed);
    } else {
      bound = "+Inf";
    }
    write_name("_bucket", labels, {"le", bound});
    write_value(count);
  }
  write_name("_sum", labels);
  write_value(static_cast<double>(total.sum_nanoseconds) / kNanosecondsPerSecond);
  write_name("_count", labels);
  write_value(count);
}

}  // namespace sallyport::telemetry
