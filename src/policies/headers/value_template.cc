#include "policies/headers/value_template.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.h"
#include "policy/route.h"

namespace sallyport::policies::headers_detail {
namespace {

struct Placeholder {
  std::string_view name;
  std::string_view (*read)(const Exchange& x);
};

constexpr std::array kPlaceholders{
    Placeholder{"client.address", [](const Exchange& x) { return x.client.text; }},
    Placeholder{"request.host", [](const Exchange& x) { return x.request.host; }},
    Placeholder{"request.id", [](const Exchange& x) { return x.request_id_text(); }},
    Placeholder{"route.name",
                [](const Exchange& x) {
                  return x.route != nullptr ? std::string_view(x.route->name) : std::string_view();
                }},
};

// The first placeholder in `text`: where its brace is and what stands inside.
struct Found {
  std::size_t at = std::string_view::npos;
  std::string_view name;
};
Found find_placeholder(std::string_view text) {
  constexpr std::string_view kWord = "abcdefghijklmnopqrstuvwxyz._";
  for (std::size_t at = text.find('{'); at != text.npos; at = text.find('{', at + 1)) {
    std::size_t end = text.find_first_not_of(kWord, at + 1);
    if (end != text.npos && text[end] == '}' && end > at + 1) {
      return {.at = at, .name = text.substr(at + 1, end - at - 1)};
    }
  }
  return {};
}

const Placeholder* known(std::string_view name) {
  const auto* found = std::ranges::find(kPlaceholders, name, &Placeholder::name);
  return found == kPlaceholders.end() ? nullptr : found;
}

}  // namespace

std::string placeholder_list() {
  std::string list;
  for (const Placeholder& placeholder : kPlaceholders) {
    if (!list.empty()) list += ", ";
    list += "`{" + std::string(placeholder.name) + "}`";
  }
  return list;
}

std::string value_fault(std::string_view value) {
  for (char c : value) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) {
      return "holds a control character";
    }
  }
  if (text::trim(value) != value) return "begins or ends with a space";
  for (Found found = find_placeholder(value); found.at != value.npos;
       found = find_placeholder(value)) {
    if (known(found.name) == nullptr) {
      return "'{" + std::string(found.name) + "}' is none of " + placeholder_list();
    }
    value.remove_prefix(found.at + found.name.size() + 2);
  }
  return {};
}

ValueTemplate::ValueTemplate(std::string_view value) {
  for (Found found = find_placeholder(value); found.at != value.npos;
       found = find_placeholder(value)) {
    if (found.at != 0) parts_.push_back({.text = std::string(value.substr(0, found.at))});
    parts_.push_back({.read = known(found.name)->read});
    value.remove_prefix(found.at + found.name.size() + 2);
  }
  if (!value.empty() || parts_.empty()) parts_.push_back({.text = std::string(value)});
}

std::string_view ValueTemplate::render(Exchange& x) const {
  auto value_of = [&x](const Part& part) {
    return part.read != nullptr ? part.read(x) : std::string_view(part.text);
  };
  if (parts_.size() == 1) return value_of(parts_.front());

  std::size_t size = 0;
  for (const Part& part : parts_) size += value_of(part).size();
  char* const begin = x.arena.chars(size);
  char* end = begin;
  for (const Part& part : parts_) {
    std::string_view value = value_of(part);
    end = std::ranges::copy(value, end).out;
  }
  return {begin, size};
}

}  // namespace sallyport::policies::headers_detail
