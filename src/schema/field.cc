// The part of reading a map that does not depend on the struct it fills.
#include "schema/field.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace sallyport::schema {
namespace {

std::string quoted_list(const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& key : keys) out += (out.empty() ? "\"" : ", \"") + key + "\"";
  return out;
}

// Reads one map. Names in messages are those of the file.
class ObjectReader {
 public:
  ObjectReader(const Node& node, Context& context, std::span<const BoundField> fields,
               const ObjectRules& rules)
      : node_(node), context_(context), rules_(rules) {
    for (const BoundField& field : fields) {
      by_name_.emplace(field.info->name, &field);
      if (field.info->deprecated.empty()) known_.push_back(field.info->name);
    }
    if (rules.rest != nullptr) {
      for (const std::string& name : rules.rest->known) {
        rest_.insert(name);
        known_.push_back(name);
      }
    }
  }

  bool read() {
    if (node_.is_map()) {
      for (const Node::Entry& entry : node_.entries) read_entry(entry);
    } else if (rules_.shorthand != nullptr && !node_.is_null() && !node_.broken) {
      read_shorthand();
    } else {
      return context_.wrong_kind(node_, "a map",
                                 node_.is_null() ? "Write {} to take the defaults." : "");
    }
    check_missing();
    if (rules_.groups != nullptr) {
      for (const KeyGroup& group : *rules_.groups) check_group(group);
    }
    return good_;
  }

 private:
  void read_entry(const Node::Entry& entry) {
    auto scope = context_.key(entry.key);
    auto found = by_name_.find(entry.key);
    if (found != by_name_.end()) {
      const FieldInfo& info = *found->second->info;
      present_.emplace(entry.key, &entry);
      if (!info.deprecated.empty()) {
        context_.warning(entry.key_mark, "this key is deprecated", info.deprecated,
                         code::kDeprecated);
      }
      good_ = found->second->read(entry.value, context_) && good_;
    } else if (rest_.contains(entry.key)) {
      present_.emplace(entry.key, &entry);
      rules_.rest->keep(
          {.name = entry.key, .where = context_.where(entry.key_mark), .value = entry.value});
    } else {
      refuse(entry);
    }
  }

  void refuse(const Node::Entry& entry) {
    std::optional<std::string> nearest = nearest_name(entry.key, known_);
    std::string suggestion;
    if (nearest) {
      suggestion = "Did you mean \"" + *nearest + "\"?";
      meant_.insert(*nearest);
    } else if (known_.size() <= kMostListed) {
      for (const std::string& name : known_) suggestion += (suggestion.empty() ? "" : ", ") + name;
      suggestion = known_.empty() ? "No keys are known here." : "Known keys: " + suggestion + ".";
    }
    good_ = context_.error(entry.key_mark, "unknown key", std::move(suggestion), code::kUnknownKey);
  }

  void read_shorthand() {
    auto found = by_name_.find(*rules_.shorthand);
    present_.emplace(*rules_.shorthand, nullptr);
    good_ = found->second->read(node_, context_) && good_;
  }

  // A missing key whose misspelling was refused already is not reported again.
  void check_missing() {
    std::vector<std::string> missing;
    for (const auto& name : known_) {
      auto found = by_name_.find(name);
      if (found == by_name_.end() || !found->second->info->required) continue;
      if (!present_.contains(name) && !meant_.contains(name)) missing.push_back(name);
    }
    for (const std::string& name : missing) {
      good_ = context_.error(node_, "missing key \"" + name + "\"", {}, code::kMissingKey);
    }
  }

  void check_group(const KeyGroup& group) {
    std::vector<std::string> set;
    for (const std::string& key : group.keys) {
      if (present_.contains(key)) set.push_back(key);
    }
    bool misspelt = std::ranges::any_of(
        group.keys, [this](const std::string& key) { return meant_.contains(key); });
    if (set.empty() && group.required && !misspelt) {
      good_ = context_.error(node_, "one of " + quoted_list(group.keys) + " is needed", {},
                             code::kMissingKey);
    }
    if (set.size() < 2) return;
    const Node::Entry* second = present_.at(set[1]);
    good_ = context_.error(second == nullptr ? node_.mark : second->key_mark,
                           "only one of " + quoted_list(set) + " may be set", {}, code::kConflict);
  }

  // Longer lists of keys help nobody; the reference has them.
  static constexpr std::size_t kMostListed = 12;

  const Node& node_;
  Context& context_;
  const ObjectRules& rules_;
  std::unordered_map<std::string_view, const BoundField*> by_name_;
  std::unordered_set<std::string_view> rest_;
  std::vector<std::string> known_;
  std::unordered_map<std::string, const Node::Entry*> present_;
  std::unordered_set<std::string> meant_;
  bool good_ = true;
};

}  // namespace

bool check_min_items(const FieldInfo& info, const Node& node, Context& context) {
  if (info.min_items == 0 || node.is_null() || node.is_scalar()) return true;
  std::size_t count = node.is_map() ? node.entries.size() : node.items.size();
  if (count >= info.min_items) return true;
  return context.error(node,
                       "needs at least " + std::to_string(info.min_items) +
                           (info.min_items == 1 ? " element" : " elements"),
                       {}, code::kOutOfRange);
}

bool check_one_of(const std::vector<std::string>& values, const Node& node, Context& context) {
  return std::ranges::find(values, node.text) != values.end() || not_one_of(node, context, values);
}

std::string plain_text(std::string_view json) {
  if (json.size() < 2 || json.front() != '"') return std::string(json);
  return std::string(json.substr(1, json.size() - 2));
}

bool read_object(const Node& node, Context& context, std::span<const BoundField> fields,
                 const ObjectRules& rules) {
  return ObjectReader(node, context, fields, rules).read();
}

}  // namespace sallyport::schema
