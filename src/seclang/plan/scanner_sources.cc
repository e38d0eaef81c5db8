// Where the values that rules look at come from.
#include <utility>

#include "seclang/plan/scanner_parts.h"

namespace sallyport::seclang {
namespace {

// The one whose values are all of them.
Variable whole(Variable variable) {
  switch (variable) {
    case Variable::args_get:
    case Variable::args_post:
      return Variable::args;
    case Variable::args_get_names:
    case Variable::args_post_names:
      return Variable::args_names;
    default:
      return variable;
  }
}

bool names_header(const Target& target) {
  return (target.variable == Variable::request_headers ||
          target.variable == Variable::response_headers) &&
         !target.selector.name.empty() && target.selector.regex == nullptr;
}

bool same(const Target& a, const Target& b) {
  return a.variable == b.variable && a.count == b.count && a.selector.name == b.selector.name &&
         a.selector.regex == b.selector.regex && a.selector.namespaces == b.selector.namespaces;
}

}  // namespace

void Scanner::Sources::meet(const Target& target) {
  if (names_header(target)) (void)of(target);
}

std::vector<std::uint32_t> Scanner::Sources::of(const Target& target) {
  if (target.count) return {other(target)};
  const Variable variable = whole(target.variable);
  switch (variable) {
    case Variable::args:
      return {all_of(scanner_.arguments_.values, variable)};
    case Variable::args_names:
      return {all_of(scanner_.arguments_.names, variable)};
    case Variable::request_cookies:
      return {all_of(scanner_.cookies_.values, variable)};
    case Variable::request_cookies_names:
      return {all_of(scanner_.cookies_.names, variable)};
    case Variable::request_headers_names:
      return {all_of(scanner_.headers_.names, variable)};
    case Variable::response_headers_names:
      return {all_of(scanner_.response_headers_.names, variable)};
    case Variable::request_headers:
      return headers(target, scanner_.headers_, scanner_.named_headers_);
    case Variable::response_headers:
      return headers(target, scanner_.response_headers_, scanner_.named_response_headers_);
    default:
      return {other(target)};
  }
}

std::uint32_t Scanner::Sources::make(Target target) {
  const Station station = station_of(target).value();
  scanner_.sources_.push_back({.target = std::move(target),
                               .station = station,
                               .groups = {},
                               .wanted = {},
                               .questions = {}});
  return static_cast<std::uint32_t>(scanner_.sources_.size() - 1);
}

std::uint32_t Scanner::Sources::all_of(std::uint32_t& index, Variable variable) {
  if (index == kNoSource) index = make({.variable = variable});
  return index;
}

std::vector<std::uint32_t> Scanner::Sources::headers(const Target& target, Fields& fields,
                                                     Named& named) {
  if (names_header(target)) {
    for (const auto& [name, index] : named) {
      if (name == target.selector.name) return {index};
    }
    named.emplace_back(target.selector.name, make({.variable = target.variable}));
    return {named.back().second};
  }
  std::vector<std::uint32_t> all = {all_of(fields.values, target.variable)};
  for (const auto& [name, index] : named) all.push_back(index);
  return all;
}

// A variable that is one value, XML by an expression, or a count. Whatever else it is looked up by,
// all values.
std::uint32_t Scanner::Sources::other(const Target& target) {
  Target wanted{.variable = target.variable};
  if (target.variable == Variable::xml || target.count) wanted.selector = target.selector;
  wanted.count = target.count;
  const auto station = static_cast<std::size_t>(station_of(target).value());
  std::vector<std::uint32_t>& others = scanner_.others_.at(station);
  for (std::uint32_t index : others) {
    if (same(scanner_.sources_[index].target, wanted)) return index;
  }
  others.push_back(make(std::move(wanted)));
  return others.back();
}

}  // namespace sallyport::seclang
