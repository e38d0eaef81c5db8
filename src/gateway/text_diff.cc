// See text_diff.h. The shortest edit script by Myers ("An O(ND) Difference Algorithm and Its
// Variations", 1986), over lines.
#include "gateway/text_diff.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace sallyport::gateway {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::ptrdiff_t kContext = 3;
// Lines out and in; memory and time grow with its square.
constexpr std::ptrdiff_t kMostEdits = 2000;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// Lines [before, before + removed) became [after, after + added).
struct Change {
  std::ptrdiff_t before;
  std::ptrdiff_t removed;
  std::ptrdiff_t after;
  std::ptrdiff_t added;
};

std::ptrdiff_t size_of(const Lines& lines) { return static_cast<std::ptrdiff_t>(lines.size()); }
std::string_view at(const Lines& lines, std::ptrdiff_t i) {
  return lines[static_cast<std::size_t>(i)];
}

class EditScript {
 public:
  EditScript(const Lines& before, const Lines& after) : before_(before), after_(after) {}

  [[nodiscard]] std::vector<Change> changes() {
    std::ptrdiff_t first = 0;
    std::ptrdiff_t old_end = size_of(before_);
    std::ptrdiff_t new_end = size_of(after_);
    while (first < old_end && first < new_end && at(before_, first) == at(after_, first)) ++first;
    while (old_end > first && new_end > first &&
           at(before_, old_end - 1) == at(after_, new_end - 1)) {
      --old_end;
      --new_end;
    }
    if (first == old_end && first == new_end) return {};
    first_ = first;
    old_size_ = old_end - first;
    new_size_ = new_end - first;
    const std::optional<std::ptrdiff_t> edits = search();
    if (!edits) return {{first, old_size_, first, new_size_}};
    return trace(*edits);
  }

 private:
  [[nodiscard]] std::size_t slot(std::ptrdiff_t diagonal) const {
    return static_cast<std::size_t>(diagonal + reach_);
  }

  // From where a path with one edit more begins on a diagonal: down is a line added.
  [[nodiscard]] static bool goes_down(const std::vector<std::ptrdiff_t>& furthest, std::size_t here,
                                      std::ptrdiff_t diagonal, std::ptrdiff_t edits) {
    return diagonal == -edits || (diagonal != edits && furthest[here - 1] < furthest[here + 1]);
  }

  // How many edits lead from one to the other; nothing: too many.
  std::optional<std::ptrdiff_t> search() {
    const std::ptrdiff_t most = std::min(kMostEdits, old_size_ + new_size_);
    reach_ = most + 1;
    std::vector<std::ptrdiff_t> furthest(static_cast<std::size_t>(2 * reach_ + 1), 0);
    for (std::ptrdiff_t edits = 0; edits <= most; ++edits) {
      history_.emplace_back(furthest.begin() + (reach_ - edits - 1),
                            furthest.begin() + (reach_ + edits + 2));
      for (std::ptrdiff_t diagonal = -edits; diagonal <= edits; diagonal += 2) {
        const std::size_t here = slot(diagonal);
        std::ptrdiff_t x = goes_down(furthest, here, diagonal, edits) ? furthest[here + 1]
                                                                      : furthest[here - 1] + 1;
        std::ptrdiff_t y = x - diagonal;
        while (x < old_size_ && y < new_size_ &&
               at(before_, first_ + x) == at(after_, first_ + y)) {
          ++x;
          ++y;
        }
        furthest[here] = x;
        if (x >= old_size_ && y >= new_size_) return edits;
      }
    }
    return std::nullopt;
  }

  // Back along the way that was found; neighbouring edits are one change.
  [[nodiscard]] std::vector<Change> trace(std::ptrdiff_t edits) const {
    std::vector<Change> changes;
    std::ptrdiff_t x = old_size_;
    std::ptrdiff_t y = new_size_;
    for (; edits > 0; --edits) {
      const std::vector<std::ptrdiff_t>& furthest = history_[static_cast<std::size_t>(edits)];
      const std::ptrdiff_t diagonal = x - y;
      const auto here = static_cast<std::size_t>(diagonal + edits + 1);  // of the part kept
      const bool down = goes_down(furthest, here, diagonal, edits);
      const std::ptrdiff_t from = down ? diagonal + 1 : diagonal - 1;
      x = furthest[down ? here + 1 : here - 1];
      y = x - from;
      const Change edit{first_ + x, down ? 0 : 1, first_ + y, down ? 1 : 0};
      if (!changes.empty() && changes.back().before == edit.before + edit.removed &&
          changes.back().after == edit.after + edit.added) {
        Change& last = changes.back();
        last = {edit.before, last.removed + edit.removed, edit.after, last.added + edit.added};
      } else {
        changes.push_back(edit);
      }
    }
    std::ranges::reverse(changes);
    return changes;
  }

  const Lines& before_;
  const Lines& after_;
  std::ptrdiff_t first_ = 0;
  std::ptrdiff_t old_size_ = 0;
  std::ptrdiff_t new_size_ = 0;
  std::ptrdiff_t reach_ = 0;
  // By number of edits: what was reached before it, on the diagonals it looks at.
  std::vector<std::vector<std::ptrdiff_t>> history_;
};

void write_line(std::string& out, char mark, std::string_view line) {
  out += mark;
  out += line;
  if (!line.ends_with('\n')) out += "\n\\ No newline at end of file\n";
}

// "12,3"; an empty range names the line before it.
std::string range(std::ptrdiff_t first, std::ptrdiff_t count) {
  const std::string begin = std::to_string(count == 0 ? first : first + 1);
  return count == 1 ? begin : begin + "," + std::to_string(count);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after,
                         std::string_view before_name, std::string_view after_name) {
  const Lines old_lines = lines_of(before);
  const Lines new_lines = lines_of(after);
  const std::vector<Change> changes = EditScript(old_lines, new_lines).changes();
  if (changes.empty()) return {};
  std::string out;
  out.append("--- ").append(before_name).append("\n+++ ").append(after_name).append("\n");
  for (std::size_t i = 0; i < changes.size();) {
    // Changes whose context would touch share a block.
    std::size_t end = i + 1;
    const auto gap = [&](std::size_t k) {
      return changes[k].before - (changes[k - 1].before + changes[k - 1].removed);
    };
    while (end < changes.size() && gap(end) <= 2 * kContext) ++end;
    const Change& first = changes[i];
    const Change& last = changes[end - 1];
    const std::ptrdiff_t lead = std::min(kContext, first.before);
    const std::ptrdiff_t old_end =
        std::min(last.before + last.removed + kContext, size_of(old_lines));
    const std::ptrdiff_t new_end =
        old_end + (last.after + last.added) - (last.before + last.removed);
    out.append("@@ -").append(range(first.before - lead, old_end - first.before + lead));
    out.append(" +")
        .append(range(first.after - lead, new_end - first.after + lead))
        .append(" @@\n");
    std::ptrdiff_t line = first.before - lead;
    for (; i < end; ++i) {
      const Change& change = changes[i];
      for (; line < change.before; ++line) write_line(out, ' ', at(old_lines, line));
      for (; line < change.before + change.removed; ++line) {
        write_line(out, '-', at(old_lines, line));
      }
      for (std::ptrdiff_t k = 0; k < change.added; ++k) {
        write_line(out, '+', at(new_lines, change.after + k));
      }
    }
    for (; line < old_end; ++line) write_line(out, ' ', at(old_lines, line));
  }
  return out;
}

std::string without_comments(std::string_view yaml) {
  std::string out;
  for (std::string_view line : lines_of(yaml)) {
    const std::size_t at = line.find('#');
    out += line.substr(0, at == std::string_view::npos ? at : at + 1);
    if (at != std::string_view::npos && line.ends_with('\n')) out += '\n';
  }
  return out;
}

}  // namespace sallyport::gateway
