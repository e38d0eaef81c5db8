// Splits at commas outside of quotes.
#include "seclang/parser/action_list.h"

#include <optional>
#include <string_view>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

class Splitter {
 public:
  Splitter(const Word& list, Report& report) : list_(list), text_(list.text()), report_(report) {}

  std::vector<WrittenAction> run() {
    std::vector<WrittenAction> actions;
    for (;;) {
      at_ = std::min(text_.find_first_not_of(" \t,", at_), text_.size());
      if (at_ == text_.size()) return actions;
      std::optional<WrittenAction> action = take_action();
      if (!action) return actions;
      actions.push_back(std::move(*action));
    }
  }

 private:
  std::optional<WrittenAction> take_action() {
    std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(":,", at_), text_.size());
    std::string_view name = text::trim(text_.substr(begin, at_ - begin));
    WrittenAction action{.name = text::to_lower(name),
                         .written = {.text = std::string(name), .word = &list_, .offset = begin},
                         .value = {.text = {}, .word = &list_, .offset = at_}};
    if (at_ == text_.size() || text_[at_] == ',') return action;

    ++at_;
    action.has_value = true;
    at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size());
    action.value.offset = at_;
    if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) {
      ++action.value.offset;
      if (!take_quoted(action)) return std::nullopt;
    } else {
      take_bare(action);
    }
    return action;
  }

  bool take_quoted(WrittenAction& action) {
    std::size_t open = at_;
    char quote = text_[at_++];
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        if (text_[at_] != quote) action.value.text += '\\';
      }
      action.value.text += text_[at_];
    }
    if (at_ == text_.size()) {
      report_.error(list_.place(open),
                    action.written.text + ": the quote that opens here is not closed");
      return false;
    }
    std::size_t end = text_.find_first_not_of(" \t", ++at_);
    if (end == std::string_view::npos || text_[end] == ',') return true;
    report_.error(list_.place(end),
                  action.written.text + ": \"" + std::string(text_.substr(end, 20)) +
                      "\" stands behind the quoted value",
                  "put a comma between two actions; write a quote inside the value as \\'");
    return false;
  }

  // Up to the comma. In name:key='value' the inner quotes hold commas too; they stay in the value.
  void take_bare(WrittenAction& action) {
    std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',') {
      std::size_t close = std::string_view::npos;
      if (text_[at_] == '=' && text_.substr(at_ + 1).starts_with('\'')) {
        close = text_.find('\'', at_ + 2);
      }
      at_ = close == std::string_view::npos ? at_ + 1 : close + 1;
    }
    action.value.text = text::trim(text_.substr(begin, at_ - begin));
  }

  const Word& list_;
  std::string_view text_;
  Report& report_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<WrittenAction> split_actions(const Word& list, Report& report) {
  return Splitter(list, report).run();
}

}  // namespace sallyport::seclang
