#include "admin/query.h"

#include "base/text.h"

namespace sallyport::admin {
namespace {

enum class Plus : bool { plain, space };

std::optional<std::string> decode(std::string_view in, Plus plus) {
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '+' && plus == Plus::space) {
      out += ' ';
    } else if (in[i] != '%') {
      out += in[i];
    } else {
      if (i + 2 >= in.size()) return std::nullopt;
      int high = text::hex_digit(in[i + 1]);
      int low = text::hex_digit(in[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

}  // namespace

std::optional<Parameters> parse_query(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    std::size_t end = query.find('&');
    std::string_view one = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (one.empty()) continue;
    std::size_t equals = one.find('=');
    std::optional<std::string> name = decode(one.substr(0, equals), Plus::space);
    std::optional<std::string> value =
        decode(equals == std::string_view::npos ? std::string_view() : one.substr(equals + 1),
               Plus::space);
    if (!name || !value) return std::nullopt;
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

std::optional<std::string> percent_decoded(std::string_view segment) {
  return decode(segment, Plus::plain);
}

}  // namespace sallyport::admin
