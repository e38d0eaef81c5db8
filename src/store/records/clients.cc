// See clients.h.
#include "store/records/clients.h"

#include "base/base64url.h"
#include "store/public_id.h"
#include "store/records/rows.h"
#include "store/records/validate.h"

namespace sallyport::store {
namespace {

constexpr std::size_t kSecretSize = 32;

std::string select(std::string_view rest) {
  return std::string(
             "SELECT id, consumer, secret_hash, jwk, mtls_subject, scopes, grant_seconds, "
             "disabled, created FROM clients ")
      .append(rest);
}

Client read(const Row& row) {
  Client client{.id = std::string(row.text(0)),
                .consumer = std::string(row.text(1)),
                .jwk = std::string(row.text(3)),
                .mtls_subject = std::string(row.text(4)),
                .scopes = from_lines(row.text(5)),
                .grant_seconds = row.integer(6),
                .disabled = row.integer(7) != 0,
                .created = row.integer(8)};
  if (!row.is_null(2)) read_hash(row.text(2), client.secret_hash.emplace());
  return client;
}

Value hash_value(const Client& client) {
  if (!client.secret_hash) return nullptr;
  return Bytes{as_text(*client.secret_hash)};
}

}  // namespace

Hash client_secret_hash(const KeyedHash& hash, std::string_view id, std::string_view secret) {
  // The length keeps id and secret apart, and both apart from API keys.
  std::string message = "client " + std::to_string(id.size()) + " ";
  message.reserve(message.size() + id.size() + secret.size());  // no copies left behind
  message.append(id).append(secret);
  const Hash result = hash(message);
  cleanse(message);
  return result;
}

Outcome<Client> Clients::create(Client client) const {
  if (client.id.empty()) client.id = PublicId::random().text();
  auto valid = validate(client);
  if (!valid) return fail(valid);
  client.secret_hash = std::nullopt;
  client.created = work_.now;
  auto inserted = work_.database.execute(
      "INSERT INTO clients (id, consumer, jwk, mtls_subject, scopes, grant_seconds, disabled, "
      "created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {client.id, client.consumer, client.jwk, client.mtls_subject, to_lines(client.scopes),
       client.grant_seconds, std::int64_t{client.disabled}, client.created});
  if (!inserted) {
    return fail(inserted =
                    reworded(std::move(inserted), "there is a client " + client.id + " already",
                             "there is no consumer " + client.consumer));
  }
  work_.changes.clients[client.id] = client;
  return client;
}

Outcome<IssuedClient> Clients::issue_secret(std::string_view id) const {
  auto client = get(id);
  if (!client) return fail(client);
  std::array<std::uint8_t, kSecretSize> bytes;
  random_bytes(bytes.data(), bytes.size());
  SecretText secret(base64url_encode(as_text(bytes.data(), bytes.size())));
  cleanse({reinterpret_cast<char*>(bytes.data()), bytes.size()});  // bytes as characters
  client->secret_hash = client_secret_hash(work_.hash, id, secret.view());
  auto saved = save(std::move(*client));
  if (!saved) return fail(saved);
  return IssuedClient{.client = std::move(*saved), .secret = std::move(secret)};
}

Outcome<Client> Clients::get(std::string_view id) const {
  return read_one<Client>(work_.database, select("WHERE id = $1"), id, read, "client");
}

Outcome<Page<Client>> Clients::list(const PageQuery& query, std::string_view consumer) const {
  const std::string_view rest = consumer.empty()
                                    ? "WHERE id > $1 ORDER BY id LIMIT $2"
                                    : "WHERE id > $1 AND consumer = $3 ORDER BY id LIMIT $2";
  return read_page<Client>(work_.database, select(rest), query,
                           consumer.empty() ? Value(nullptr) : consumer, read,
                           [](const Client& last) { return last.id; });
}

Outcome<Client> Clients::save(Client client) const {
  auto updated = work_.database.execute(
      "UPDATE clients SET secret_hash = $1, jwk = $2, mtls_subject = $3, scopes = $4, "
      "grant_seconds = $5, disabled = $6 WHERE id = $7",
      {hash_value(client), client.jwk, client.mtls_subject, to_lines(client.scopes),
       client.grant_seconds, std::int64_t{client.disabled}, client.id});
  if (!updated) return fail(updated);
  work_.changes.clients[client.id] = client;
  return client;
}

Outcome<Client> Clients::update(Client client) const {
  auto before = get(client.id);
  if (!before) return before;
  client.consumer = before->consumer;
  client.secret_hash = before->secret_hash;
  client.created = before->created;
  auto valid = validate(client);
  if (!valid) return fail(valid);
  return save(std::move(client));
}

Outcome<void> Clients::remove(std::string_view id) const {
  auto removed = work_.database.execute("DELETE FROM clients WHERE id = $1", {id});
  if (!removed) return fail(removed);
  if (*removed == 0) return fail(ErrorKind::not_found, "there is no client " + std::string(id));
  work_.changes.clients[std::string(id)] = std::nullopt;
  return {};
}

Outcome<void> Clients::for_each(const Since* since, const std::function<void(Client)>& each) const {
  return read_changed(work_.database, select(""), ChangeKind::client, since,
                      [&each](const Row& row) { each(read(row)); });
}

}  // namespace sallyport::store
