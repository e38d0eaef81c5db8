// One request to the admin API on its way through: who asks for what, and what the answer is made
// with. A handler looks at the request on the controlling thread and returns the work that is to be
// done with the store; the work runs on the store's thread, in one transaction.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/reply.h"
#include "store/audit/audit_trail.h"
#include "store/records/admin_role.h"
#include "store/store.h"

namespace sallyport::admin {

using store::AdminRole;

// Who asks, and how that was proven.
struct Actor {
  enum class Proof : std::uint8_t { none, token, certificate, oidc };

  std::string address;
  Proof proof = Proof::none;  // `none`: the rest says nothing
  AdminRole role = AdminRole::viewer;
  std::string id;                       // of the token; subject of the certificate; `sub`
  std::string name;                     // of the token, for people
  std::string issuer;                   // of OpenID Connect
  std::string fingerprint;              // of the certificate: SHA-256, hexadecimal
  std::optional<std::int64_t> expires;  // of the token, whoever issued it; Unix milliseconds

  // What the audit trail calls him: "token/ID", "certificate/SUBJECT", "oidc/ISSUER#SUBJECT";
  // "nobody" where nobody has to say who he is.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool may(AdminRole least) const { return proof != Proof::none && role >= least; }
};

struct Call {
  std::vector<std::string> path;  // what stands for the {…} of the route's path
  std::string query;
  std::string media_type;  // of the body, lower case, without parameters
  std::string if_match;    // the If-Match field; empty: none
  std::string body;
  Actor actor;
};

// What a piece of work has in its hands.
class Work {
 public:
  Work(store::Session& session, const Call& call) : session_(session), call_(call) {}

  [[nodiscard]] const store::Session& session() const { return session_; }
  [[nodiscard]] const Call& call() const { return call_; }

  // Notes a change for the audit trail, where it is written before the transaction is committed.
  // `detail` is a JSON object without secrets.
  void record(std::string action, std::string object, std::string_view detail = "{}");
  // Ends the work: nothing is changed, and this is the answer.
  [[nodiscard]] std::unexpected<store::Error> refuse(const Reason& reason,
                                                     std::string_view detail = {});

  [[nodiscard]] const std::vector<store::AuditEvent>& events() const { return events_; }
  [[nodiscard]] std::optional<Reply>& refusal() { return refusal_; }

 private:
  store::Session& session_;
  const Call& call_;
  std::vector<store::AuditEvent> events_;
  std::optional<Reply> refusal_;
};

using Step = std::move_only_function<store::Outcome<Reply>(Work&)>;
// The work, or why there is none to do.
using Handler = std::expected<Step, Reply> (*)(const Call&);

// An event of this actor. `detail` as Work::record takes it.
[[nodiscard]] store::AuditEvent event_of(const Actor& actor, std::string action, std::string object,
                                         std::string_view detail = "{}");

// What a store's error is to whoever asked.
[[nodiscard]] Reply problem_of(const store::Error& error);

// Does the work in a transaction of `store`, which is committed once `trail` has what it recorded.
// `done` gets the answer on a thread of the store. Both must outlive the work.
void carry_out(store::Store& store, store::AuditTrail& trail, std::shared_ptr<const Call> call,
               Step step, std::move_only_function<void(Reply)> done);

}  // namespace sallyport::admin
