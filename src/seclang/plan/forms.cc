#include "seclang/plan/forms.h"

#include <algorithm>
#include <utility>

#include "seclang/engine/transaction.h"

namespace sallyport::seclang {
namespace {

constexpr char kSeparator = '\n';
// Bytes from which it pays to scan a text alone.
constexpr std::size_t kLong = 512;
// So few bytes of a cheap tier go with those of the next.
constexpr std::size_t kFew = 64;
constexpr std::size_t kMostRoutes = 8192;

}  // namespace

void Scanner::Forms::begin() {
  if (known_routes_ <= kMostRoutes) return;
  for (Routes& each : routes_) each.clear();
  known_routes_ = 0;
}

void Scanner::Forms::add(Transaction& transaction, const Group& group, std::size_t number,
                         std::string_view text) {
  forms_.clear();
  derivations_.clear();
  forms_.push_back({.text = text, .marks = transaction.marks(text)});
  follow(transaction, group, routes_[number], 0, 0);
}

void Scanner::Forms::follow(Transaction& transaction, const Group& group, Routes& routes,
                            std::uint32_t step, std::uint32_t form) {
  const Route& route = route_of(group, routes, step, forms_[form].marks);
  for (std::uint32_t same : route.same) add_form(group, same, form);
  for (std::uint32_t next : route.changed) {
    follow(transaction, group, routes, next,
           derived(transaction, form, *group.steps[next].transformation));
  }
}

const Scanner::Forms::Route& Scanner::Forms::route_of(const Group& group, Routes& routes,
                                                      std::uint32_t step, Marks marks) {
  static_assert(sizeof(Marks) <= sizeof(std::uint32_t));
  auto [found, added] = routes.try_emplace((std::uint64_t{step} << 32) | std::uint64_t{marks});
  if (added) {
    find_route(group, step, marks, found->second);
    ++known_routes_;
  }
  return found->second;
}

void Scanner::Forms::find_route(const Group& group, std::uint32_t at, Marks marks, Route& route) {
  const Group::Step& step = group.steps[at];
  if (step.wanted) route.same.push_back(at);
  for (std::uint32_t child : step.children) {
    if ((marks & group.steps[child].transformation->triggers) != 0) {
      route.changed.push_back(child);
    } else {
      find_route(group, child, marks, route);
    }
  }
}

// What the transformation makes of a form: another form, or the same.
std::uint32_t Scanner::Forms::derived(Transaction& transaction, std::uint32_t from,
                                      const Transformation& by) {
  for (const Derivation& each : derivations_) {
    if (each.from == from && each.by == &by) return each.to;
  }
  const Form before = forms_[from];
  Marks marks = before.marks;
  std::string_view text = transaction.transform(before.text, by, marks);
  const auto found = std::ranges::find(forms_, text, &Form::text);
  const auto to = static_cast<std::uint32_t>(found - forms_.begin());
  if (found == forms_.end()) forms_.push_back({.text = text, .marks = marks});
  derivations_.push_back({.from = from, .by = &by, .to = to});
  return to;
}

void Scanner::Forms::add_form(const Group& group, std::uint32_t step, std::uint32_t index) {
  Form& form = forms_[index];
  const std::size_t tier = tier_of(form.marks);
  // What a transformation made of a text may use any bytes (base64Decode) and concerns few rules.
  const bool apart = index != 0 && (tier >= kCheapTiers || form.text.size() >= kLong);
  if (!apart && std::exchange(form.added, true)) return;
  if (form.text.size() >= kLong) {
    const Database& database = apart ? group.steps[step].own_of(tier) : *group.tiers.at(tier);
    long_texts_.push_back({.text = form.text, .database = &database});
    return;
  }
  std::string& buffer = apart ? of_step(step, tier) : texts_.at(tier);
  buffer.append(form.text);
  buffer += kSeparator;
}

std::string& Scanner::Forms::of_step(std::uint32_t step, std::size_t tier) {
  if (of_steps_.size() <= step) of_steps_.resize(step + 1);
  std::string& texts = of_steps_[step].at(tier - kCheapTiers);
  if (texts.empty()) steps_used_.push_back(step);
  return texts;
}

// A scan costs as much as a few bytes more, and the next tier takes the bytes of this one.
void Scanner::Forms::join_few() {
  for (std::size_t tier = 0; tier + 1 < kCheapTiers; ++tier) {
    std::string& few = texts_.at(tier);
    if (few.empty() || few.size() >= kFew) continue;
    for (std::size_t next = tier + 1; next < kCheapTiers; ++next) {
      if (texts_.at(next).empty()) continue;
      texts_.at(next) += few;
      few.clear();
      break;
    }
  }
}

bool Scanner::Forms::scan(const Group& group, Scratch& scratch, std::vector<RuleRef>& hits) {
  bool done = true;
  auto scan_one = [&](const Database& database, std::string_view text) {
    if (!database.scan(text, scratch, hits)) done = false;
  };
  join_few();
  for (std::size_t tier = 0; tier < kTiers; ++tier) {
    if (texts_.at(tier).empty()) continue;
    scan_one(*group.tiers.at(tier), texts_.at(tier));
    texts_.at(tier).clear();
  }
  for (std::uint32_t step : steps_used_) {
    for (std::size_t tier = kCheapTiers; tier < kTiers; ++tier) {
      std::string& texts = of_steps_[step].at(tier - kCheapTiers);
      if (!texts.empty()) scan_one(group.steps[step].own_of(tier), texts);
      texts.clear();
    }
  }
  steps_used_.clear();
  for (const LongText& each : long_texts_) scan_one(*each.database, each.text);
  long_texts_.clear();
  return done;
}

}  // namespace sallyport::seclang
