// OAuth clients. A secret is in the answer to the request that made it, and nowhere else.
#include <algorithm>

#include "admin/api/handlers.h"
#include "admin/api/record_handlers.h"
#include "admin/api/records.h"
#include "admin/api/requests.h"

namespace sallyport::admin {
namespace {

using store::Client;
using store::Outcome;

constexpr RecordKind kKind{&store::Session::clients, client_members, "client"};

// What stands in a URL as it is (RFC 3986 2.3), and in a client id (RFC 6749 appendix A.1).
bool is_good_id(std::string_view id) {
  return std::ranges::all_of(id,
                             [](char c) {
                               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                      (c >= '0' && c <= '9') ||
                                      std::string_view("._~-").contains(c);
                             }) &&
         id != "." && id != "..";
}

Reply with_place(Reply reply, const Client& client) {
  reply.fields.emplace_back("Location", "/v1/clients/" + client.id);
  return reply;
}

Reply issued_reply(const store::IssuedClient& issued, std::uint16_t status) {
  Reply reply = secret_reply(to_json(client_members(), issued.client), "secret",
                             issued.secret.view(), status);
  reply.fields.emplace_back("ETag", entity_tag_of(client_members(), issued.client));
  return reply;
}

}  // namespace

Prepared list_clients(const Call& call) {
  auto asked = Asked::read(call, {"consumer"}, true);
  if (!asked) return std::unexpected(std::move(asked.error()));
  return [asked = std::move(*asked)](Work& work) -> Outcome<Reply> {
    auto page = work.session().clients.list(asked.page(), asked.find("consumer").value_or(""));
    if (!page) return store::fail(page);
    return page_reply(client_members(), *page);
  };
}

// One that brings no key and no certificate is given a secret.
Prepared create_client(const Call& call) {
  auto wanted = read_record(call, client_members());
  if (!wanted) return std::unexpected(std::move(wanted.error()));
  if (!is_good_id(wanted->id)) {
    return std::unexpected(
        problem(reasons::kInvalid, "`id` holds more than letters, digits and . _ ~ - ."));
  }
  return [wanted = std::move(*wanted)](Work& work) -> Outcome<Reply> {
    auto made = work.session().clients.create(wanted);
    if (!made) return store::fail(made);
    work.record("client.create", kKind.object_of(*made), difference(client_members(), {}, *made));
    if (!made->jwk.empty() || !made->mtls_subject.empty()) {
      return with_place(record_reply(client_members(), *made, 201), *made);
    }
    auto issued = work.session().clients.issue_secret(made->id);
    if (!issued) return store::fail(issued);
    work.record("client.issue_secret", kKind.object_of(*made));
    return with_place(issued_reply(*issued, 201), *made);
  };
}

Prepared get_client(const Call& call) { return get_record(call, kKind); }

Prepared change_client(const Call& call) { return change_record(call, kKind); }

Prepared issue_client_secret(const Call& call) {
  return [id = call.path[0]](Work& work) -> Outcome<Reply> {
    auto issued = work.session().clients.issue_secret(id);
    if (!issued) return store::fail(issued);
    work.record("client.issue_secret", kKind.object_of(issued->client));
    return issued_reply(*issued, 200);
  };
}

Prepared remove_client(const Call& call) { return remove_record(call, kKind); }

}  // namespace sallyport::admin
