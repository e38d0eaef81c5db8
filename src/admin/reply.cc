// See reply.h.
#include "admin/reply.h"

#include "base/json_writer.h"

namespace sallyport::admin {

Reply json_reply(std::string body, std::uint16_t status) {
  body += '\n';
  return {.status = status, .body = std::move(body)};
}

Reply problem(const Reason& reason, std::string_view detail) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().string("type", "about:blank").string("title", reason.title);
  json.number("status", reason.status).string("code", reason.code);
  if (!detail.empty()) json.string("detail", detail);
  json.end_object();
  Reply reply = json_reply(std::move(body), reason.status);
  reply.content_type = "application/problem+json";
  return reply;
}

}  // namespace sallyport::admin
