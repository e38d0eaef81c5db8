// One request to the admin listener of a running gateway, and its answer. Waits for it; nothing
// else runs in a command anyway.
//
// Without TLS a token is sent to this machine only: elsewhere somebody could read it on the way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/admin_token.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "http/client.h"
#include "schema/node.h"

namespace sallyport::cli {

// The flags that say where the listener is, and what it is shown.
struct AdminAccess {
  explicit AdminAccess(Command& command);
  Value<std::string> config, admin, token_file, ca, cert, key;
};

struct AdminAnswer {
  std::uint16_t status = 0;
  std::string body;
};

struct AdminBody {
  std::string bytes;
  std::string media_type = "application/json";
};

class AdminClient {
 public:
  // Where `admin` says nothing, the listener is the one of the configuration, found as for
  // `sallyport run`; for the token see find_admin_token. Nothing, with a line on standard error, if
  // there is no such listener, or something that is to be shown cannot be read.
  [[nodiscard]] static std::optional<AdminClient> find(const AdminAccess& access,
                                                       Terminal& terminal);

  // Nothing if there is no answer, which is reported.
  [[nodiscard]] std::optional<AdminAnswer> call(const std::string& method,
                                                const std::string& target, Terminal& terminal,
                                                const std::optional<AdminBody>& body = {}) const;

 private:
  AdminClient() = default;
  // Takes `url` apart. False: it names no listener.
  [[nodiscard]] bool read(std::string_view url);
  [[nodiscard]] bool read_tls(const AdminAccess& access, Terminal& terminal);
  [[nodiscard]] bool is_local() const;
  [[nodiscard]] std::string authority() const;
  // Nothing with `error`.
  [[nodiscard]] std::optional<AdminAnswer> call_plain(const std::string& method,
                                                      const std::string& target,
                                                      const std::optional<AdminBody>& body,
                                                      std::string& error) const;
  [[nodiscard]] std::optional<AdminAnswer> call_secure(const std::string& method,
                                                       const std::string& target,
                                                       const std::optional<AdminBody>& body,
                                                       std::string& error) const;

  // Wipes the key.
  struct Forget {
    void operator()(http::ClientTls* tls) const;
  };
  bool secure_ = false;
  std::string host_;  // an address or a name, IPv6 without brackets
  std::uint16_t port_ = 0;
  store::SecretText token_;                       // empty: none
  std::unique_ptr<http::ClientTls, Forget> tls_;  // null: without TLS
};

// The JSON of an answer as a tree. Nothing if it is none.
[[nodiscard]] std::optional<schema::Node> parse_json(const std::string& text);

// A member that is text or a number; empty if there is none.
[[nodiscard]] std::string text_of(const schema::Node& object, std::string_view key);

}  // namespace sallyport::cli
