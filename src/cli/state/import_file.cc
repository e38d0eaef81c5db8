// See import_file.h.
#include "cli/state/import_file.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "json/document.h"
#include "json/text.h"

namespace sallyport::cli {
namespace {

// Reads the members of one object; the first fault counts.
class Reader {
 public:
  [[nodiscard]] const std::string& fault() const { return fault_; }

  void text(const json::Member& member, std::string& out) {
    if (auto value = member.value.string()) {
      out = *value;
    } else {
      wrong(member, "a string");
    }
  }
  void texts(const json::Member& member, std::vector<std::string>& out) {
    for (json::Value item : member.value.items()) {
      if (auto value = item.string()) {
        out.emplace_back(*value);
      } else {
        return wrong(member, "a list of strings");
      }
    }
    if (!member.value.is_array()) wrong(member, "a list of strings");
  }
  void lifetime(const json::Member& member, std::int64_t now, std::optional<std::int64_t>& out) {
    constexpr std::int64_t kMost = 100LL * 366 * 24 * 3600;  // a hundred years
    const auto seconds = member.value.integer();
    if (!seconds || *seconds < 1 || *seconds > kMost) return wrong(member, "a number of seconds");
    out = now + *seconds * 1000;
  }
  void wrong(const json::Member& member, std::string_view expected) {
    if (!fault_.empty()) return;
    fault_ = "`" + std::string(member.name) + "` is not " + std::string(expected);
  }
  void unknown(const json::Member& member) {
    if (fault_.empty()) fault_ = "`" + std::string(member.name) + "` is no member that is known";
  }

 private:
  std::string fault_;
};

store::ApiKey key_of(json::Value value, std::int64_t now, Reader& reader) {
  store::ApiKey key;
  for (const json::Member member : value.members()) {
    if (member.name == "label") {
      reader.text(member, key.label);
    } else if (member.name == "apis") {
      reader.texts(member, key.apis);
    } else if (member.name == "networks") {
      reader.texts(member, key.networks);
    } else if (member.name == "scopes") {
      reader.texts(member, key.scopes);
    } else if (member.name == "expires_in") {
      reader.lifetime(member, now, key.expires);
    } else {
      reader.unknown(member);
    }
  }
  return key;
}

ImportedConsumer consumer_of(json::Value value, std::int64_t now, Reader& reader) {
  ImportedConsumer out;
  for (const json::Member member : value.members()) {
    if (member.name == "name") {
      reader.text(member, out.consumer.name);
    } else if (member.name == "groups") {
      reader.texts(member, out.consumer.groups);
    } else if (member.name == "roles") {
      reader.texts(member, out.consumer.roles);
    } else if (member.name == "plan") {
      reader.text(member, out.consumer.plan);
    } else if (member.name == "metadata" && member.value.is_object()) {
      out.consumer.metadata = json::to_text(member.value);
    } else if (member.name == "password_hash") {
      reader.text(member, out.password_hash);
    } else if (member.name == "keys" && member.value.is_array()) {
      for (json::Value each : member.value.items()) {
        if (!each.is_object()) reader.wrong(member, "a list of objects");
        out.keys.push_back(key_of(each, now, reader));
      }
    } else {
      reader.unknown(member);
    }
  }
  return out;
}

}  // namespace

std::expected<std::vector<ImportedConsumer>, std::string> parse_import(std::string_view text,
                                                                       std::int64_t now) {
  std::vector<ImportedConsumer> consumers;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto fault = [number](const std::string& what) {
      return std::unexpected("line " + std::to_string(number) + ": " + what);
    };
    const auto document = json::Document::parse(line);
    if (!document) return fault(document.error());
    if (!document->root().is_object()) return fault("is no object");
    Reader reader;
    consumers.push_back(consumer_of(document->root(), now, reader));
    if (!reader.fault().empty()) return fault(reader.fault());
  }
  return consumers;
}

}  // namespace sallyport::cli
