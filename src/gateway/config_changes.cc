// See config_changes.h.
#include "gateway/config_changes.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/json_writer.h"
#include "json/document.h"
#include "json/text.h"
#include "schema/context.h"

namespace sallyport::gateway {
namespace {

using Side = std::optional<json::Value>;

constexpr std::size_t kDeepest = 128;

// Shorter where it is too long, and never in the middle of a character.
std::string clipped(std::string text) {
  if (text.size() <= kLongestValueTold) return text;
  std::size_t end = kLongestValueTold;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "…";
}

class Comparison {
 public:
  Comparison(JsonWriter& json, std::size_t most) : json_(json), most_(most) {}

  // NOLINTNEXTLINE(misc-no-recursion): as deep as a configuration, and the parser bounds that
  void compare(const Side& before, const Side& after) {
    if (before && after && before->is_object() && after->is_object()) return members(before, after);
    if (before && after && before->is_array() && after->is_array()) return items(before, after);
    std::string old_text = before ? json::to_text(*before) : std::string();
    std::string new_text = after ? json::to_text(*after) : std::string();
    if (old_text != new_text) tell(std::move(old_text), std::move(new_text));
  }
  [[nodiscard]] std::uint64_t more() const { return more_; }

 private:
  // NOLINTNEXTLINE(misc-no-recursion)
  void members(const Side& before, const Side& after) {
    for (const json::Member member : before->members()) {
      inside(member.name, member.value, after->find(member.name));
    }
    for (const json::Member member : after->members()) {
      if (!before->find(member.name)) inside(member.name, std::nullopt, member.value);
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  void inside(std::string_view name, const Side& before, const Side& after) {
    const std::size_t length = path_.size();
    schema::append_key(path_, name);
    compare(before, after);
    path_.resize(length);
  }

  // By their place in the list.
  // NOLINTNEXTLINE(misc-no-recursion)
  void items(const Side& before, const Side& after) {
    auto old_item = before->items().begin();
    auto new_item = after->items().begin();
    const std::size_t most = std::max(before->size(), after->size());
    for (std::size_t i = 0; i < most; ++i) {
      const std::size_t length = path_.size();
      path_ += '[' + std::to_string(i) + ']';
      Side before_here;
      Side after_here;
      if (i < before->size()) {
        before_here = *old_item;
        ++old_item;
      }
      if (i < after->size()) {
        after_here = *new_item;
        ++new_item;
      }
      compare(before_here, after_here);
      path_.resize(length);
    }
  }

  void tell(std::string before, std::string after) {
    if (told_ == most_) {
      ++more_;
      return;
    }
    ++told_;
    json_.begin_object().string("path", path_);
    if (!before.empty()) json_.string("before", clipped(std::move(before)));
    if (!after.empty()) json_.string("after", clipped(std::move(after)));
    json_.end_object();
  }

  JsonWriter& json_;
  std::string path_;
  const std::size_t most_;
  std::size_t told_ = 0;
  std::uint64_t more_ = 0;
};

}  // namespace

std::string config_changes(std::string_view before, std::string_view after, std::size_t most) {
  const json::Options options{.max_depth = kDeepest};
  const auto old_document = json::Document::parse(before, options);
  const auto new_document = json::Document::parse(after, options);
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("changes").begin_array();
  Comparison comparison(json, most);
  if (old_document && new_document) comparison.compare(old_document->root(), new_document->root());
  json.end_array().number("more", comparison.more()).end_object();
  return text;
}

}  // namespace sallyport::gateway
