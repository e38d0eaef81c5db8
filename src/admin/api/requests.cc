// See requests.h.
#include "admin/api/requests.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport::admin {
namespace {

std::unexpected<Reply> bad_query(std::string_view why) {
  return std::unexpected(problem(reasons::kBadQuery, why));
}

}  // namespace

bool is_word(std::string_view text) {
  constexpr std::size_t kLongest = 512;
  if (text.size() > kLongest) return false;
  while (!text.empty()) {
    const std::size_t size = text::utf8_length(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (size == 0 || first < 0x20 || first == 0x7F) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::expected<Asked, Reply> Asked::read(const Call& call,
                                        std::initializer_list<std::string_view> known, bool pages) {
  auto parameters = parse_query(call.query);
  if (!parameters) return bad_query("The query has a broken escape.");
  Asked asked;
  for (auto& [name, value] : *parameters) {
    if (!is_word(name) || !is_word(value)) return bad_query("It holds what is not plain text.");
    if (asked.find(name)) return bad_query("`" + name + "` is said twice.");
    const bool paging = pages && (name == "limit" || name == "cursor");
    if (!paging && std::ranges::find(known, name) == known.end()) {
      std::string text = "No parameter is called `" + name + "`; there are";
      for (std::string_view each : known) text.append(" `").append(each).append("`");
      return bad_query(text + (pages ? " `limit` `cursor`." : "."));
    }
    if (paging && name == "limit") {
      const auto limit = text::to_number(value);
      if (!limit || *limit == 0 || *limit > store::PageQuery::kMost) {
        return bad_query("`limit` is not between 1 and 1000.");
      }
      asked.page_.limit = static_cast<std::size_t>(*limit);
    }
    if (paging && name == "cursor") {
      auto after = base64url_decode(value);
      if (!after || after->empty() || !is_word(*after))
        return bad_query("`cursor` is not one of `next`.");
      asked.page_.after = std::move(*after);
    }
    asked.parameters_.emplace_back(std::move(name), std::move(value));
  }
  return asked;
}

std::optional<std::string> Asked::find(std::string_view name) const {
  for (const auto& [known, value] : parameters_) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::expected<json::Document, Reply> read_json(const Call& call, bool may_be_empty) {
  std::string_view body = call.body;
  if (body.empty() && may_be_empty) {
    body = "{}";
  } else if (call.media_type != "application/json" &&
             call.media_type != "application/merge-patch+json") {
    return std::unexpected(problem(reasons::kMediaType, "Needed is application/json."));
  }
  auto document = json::Document::parse(body);
  if (!document) return std::unexpected(problem(reasons::kBadJson, document.error()));
  return std::move(*document);
}

bool precondition_holds(const Call& call, std::string_view entity_tag) {
  if (call.if_match.empty() || call.if_match == "*") return true;
  bool found = false;
  text::for_each_element(call.if_match,
                         [&](std::string_view each) { found = found || each == entity_tag; });
  return found;
}

Reply no_content() { return {.status = 204, .content_type = {}, .body = {}}; }

Reply secret_reply(std::string_view record, std::string_view name, std::string_view secret,
                   std::uint16_t status) {
  Reply reply{.status = status, .secret = true};
  reply.body.reserve(record.size() + name.size() + secret.size() + 16);  // no copy left behind
  reply.body.append(record.substr(0, record.size() - 1)).append(",\"").append(name);
  reply.body.append("\":\"").append(secret).append("\"}\n");
  return reply;
}

}  // namespace sallyport::admin
