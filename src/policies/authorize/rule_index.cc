// See rule_index.h.
#include "policies/authorize/rule_index.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace sallyport::policies::authorize_detail {
namespace {

constexpr std::size_t kSegments = 4;
constexpr unsigned kMethods = static_cast<unsigned>(http::Method::options) + 1;

constexpr std::uint32_t bit_of(KeyKind kind) { return 1U << static_cast<unsigned>(kind); }

std::uint64_t hash_of(KeyKind kind, unsigned method, std::string_view text) {
  std::uint64_t hash = std::hash<std::string_view>{}(text);
  hash ^= (static_cast<std::uint64_t>(kind) * kMethods + method + 1) * 0x9E3779B97F4A7C15U;
  return hash ^ (hash >> 32);
}

struct Key {
  KeyKind kind;
  std::string text;
  auto operator<=>(const Key&) const = default;
};
// Of these keys a request that fits has at least one.
using Keys = std::vector<Key>;

void add_any_of(std::vector<Keys>& ways, KeyKind kind, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  Keys& keys = ways.emplace_back();
  for (const std::string& text : texts) keys.push_back({.kind = kind, .text = text});
}

// The ways in which a rule can be found.
std::vector<Keys> ways_to(const Rule& rule, bool by_caller) {
  std::vector<Keys> ways;
  if (rule.path()) {
    const auto& segments = rule.path()->segments;
    for (std::size_t i = 0; i < std::min(segments.size(), kSegments); ++i) {
      if (segments[i].parameter || segments[i].text.empty()) continue;
      ways.push_back({{.kind = static_cast<KeyKind>(i), .text = segments[i].text}});
    }
  }
  if (by_caller) {
    const RuleSettings& settings = rule.settings();
    for (const std::string& scope : settings.scopes) {
      ways.push_back({{.kind = KeyKind::scope, .text = scope}});
    }
    add_any_of(ways, KeyKind::scope, settings.any_scope);
    add_any_of(ways, KeyKind::role, settings.roles);
    add_any_of(ways, KeyKind::role, rule.permitting());
    add_any_of(ways, KeyKind::group, settings.groups);
    add_any_of(ways, KeyKind::consumer, settings.consumers);
    add_any_of(ways, KeyKind::subject, settings.subjects);
    add_any_of(ways, KeyKind::issuer, settings.issuers);
  }
  if (ways.empty()) ways.push_back({{.kind = KeyKind::nothing, .text = {}}});
  return ways;
}

}  // namespace

RuleIndex::RuleIndex(std::span<const Rule> rules, const std::vector<RuleNumber>& members,
                     bool by_caller)
    : members_(members) {
  std::map<Key, std::size_t> shared;
  for (RuleNumber number : members) {
    for (const Keys& keys : ways_to(rules[number], by_caller)) {
      for (const Key& key : keys) ++shared[key];
    }
  }
  auto crowd = [&shared](const Keys& keys) {
    std::size_t most = 0;
    for (const Key& key : keys) most = std::max(most, shared.at(key));
    return most;
  };

  std::map<std::uint64_t, std::vector<RuleNumber>> lists;
  for (RuleNumber number : members) {
    const Rule& rule = rules[number];
    const std::vector<Keys> ways = ways_to(rule, by_caller);
    for (const Key& key : *std::ranges::min_element(ways, {}, crowd)) {
      kinds_ |= bit_of(key.kind);
      for (unsigned method = 0; method < kMethods; ++method) {
        if (((rule.methods() >> method) & 1) == 0) continue;
        std::vector<RuleNumber>& list = lists[hash_of(key.kind, method, key.text)];
        if (list.empty() || list.back() != number) list.push_back(number);
      }
    }
  }
  if (lists.empty()) return;
  buckets_.resize(std::bit_ceil(lists.size() * 2));
  for (const auto& [hash, list] : lists) insert(hash, list);
}

void RuleIndex::insert(std::uint64_t hash, std::span<const RuleNumber> numbers) {
  const std::size_t mask = buckets_.size() - 1;
  std::size_t at = hash & mask;
  while (buckets_[at].size != 0) at = (at + 1) & mask;
  buckets_[at] = {.hash = hash,
                  .begin = static_cast<std::uint32_t>(numbers_.size()),
                  .size = static_cast<std::uint32_t>(numbers.size())};
  numbers_.insert(numbers_.end(), numbers.begin(), numbers.end());
}

RuleIndex::List RuleIndex::find(std::uint64_t hash) const {
  const std::size_t mask = buckets_.size() - 1;
  for (std::size_t at = hash & mask; buckets_[at].size != 0; at = (at + 1) & mask) {
    const Bucket& bucket = buckets_[at];
    if (bucket.hash == hash) return List(numbers_).subspan(bucket.begin, bucket.size);
  }
  return {};
}

bool RuleIndex::collect(const Facts& facts, Candidates& out) const {
  if (buckets_.empty()) return true;
  const auto method = static_cast<unsigned>(facts.exchange().request.method_id);
  bool all_fit = true;
  auto look_up = [&](KeyKind kind, std::string_view text) {
    const List list = find(hash_of(kind, method, text));
    if (list.empty()) return;
    if (out.count == out.lists.size()) {
      all_fit = false;
    } else {
      out.lists[out.count++] = list;
    }
  };
  auto look_up_all = [&](KeyKind kind, std::span<const std::string_view> texts) {
    if ((kinds_ & bit_of(kind)) == 0) return;
    for (std::string_view text : texts) look_up(kind, text);
  };

  look_up_all(KeyKind::nothing, std::array{std::string_view()});
  std::string_view rest = facts.exchange().request.path;
  for (std::size_t i = 0; i < kSegments && rest.starts_with('/'); ++i) {
    const std::size_t slash = rest.find('/', 1);
    const std::string_view segment =
        rest.substr(1, slash == std::string_view::npos ? slash : slash - 1);
    look_up_all(static_cast<KeyKind>(i), std::array{segment});
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  }
  if (const Identity* who = facts.identity()) {
    look_up_all(KeyKind::scope, who->scopes);
    look_up_all(KeyKind::role, who->roles);
    look_up_all(KeyKind::group, who->groups);
    look_up_all(KeyKind::consumer, std::array{who->consumer});
    look_up_all(KeyKind::subject, std::array{who->subject});
    look_up_all(KeyKind::issuer, std::array{who->issuer});
  }
  return all_fit;
}

std::optional<RuleNumber> RuleIndex::Candidates::next() {
  if (count == 0) return std::nullopt;
  RuleNumber least = lists[0].front();
  for (std::size_t i = 1; i < count; ++i) least = std::min(least, lists[i].front());
  for (std::size_t i = 0; i < count;) {
    if (lists[i].front() == least) lists[i] = lists[i].subspan(1);
    if (lists[i].empty()) {
      lists[i] = lists[--count];
    } else {
      ++i;
    }
  }
  return least;
}

}  // namespace sallyport::policies::authorize_detail
