// A line that parses is made of pieces of its own, and is the very line that the writer makes of
// them; whatever the bytes of an event, its line parses and holds.
#include <string>

#include "base/fuzzing.h"
#include "store/audit/audit_line.h"
#include "store/encoding.h"

namespace sallyport::store {
namespace {

using fuzzing::require;

std::string member(std::string_view name, std::string_view value) {
  return ",\"" + std::string(name) + "\":\"" + std::string(value) + '"';
}

void check_parsed(std::string_view text) {
  const auto line = parse_audit_line(text);
  if (!line) return;
  std::string again = "{\"seq\":" + std::to_string(line->seq) + member("time", line->time);
  if (line->is_head()) {
    again += member("head", line->head);
  } else {
    again += member("actor", line->actor) + member("action", line->action) +
             member("object", line->object) + member("detail", line->detail);
  }
  again += member("prev", line->prev);
  require(line->hashed == again);
  again += member("hash", line->hash);
  if (line->is_head()) again += member("signature", line->signature);
  require(again + "}" == text);
  for (std::string_view part : {line->time, line->actor, line->action, line->object, line->detail,
                                line->head, line->prev, line->hash, line->signature}) {
    require(fuzzing::lies_in(part, text));
  }
}

void check_written(std::string_view text) {
  std::string out;
  ChainEnd end;
  const std::string half(text.substr(text.size() / 2));
  append_event(out, end, 0,
               {.actor = half, .action = "a", .object = "", .detail = std::string(text)});
  out.pop_back();
  require(!out.contains('\n'));
  const auto line = parse_audit_line(out);
  require(line && line->seq == 1 && line->hash_holds() && line->hash == end.hash);
}

}  // namespace
}  // namespace sallyport::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sallyport::fuzzing::ExactCopy input(sallyport::store::as_text(data, size));
  sallyport::store::check_parsed(input.text());
  sallyport::store::check_written(input.text());
  return 0;
}
