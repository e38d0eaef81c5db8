// One request to the admin listener of a running gateway, and its answer. Waits for it; nothing
// else runs in a command anyway.
//
// A token is sent to this machine only: the listener speaks no TLS, and elsewhere somebody could
// read it on the way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/admin_token.h"
#include "cli/cli.h"
#include "schema/node.h"

namespace sallyport::cli {

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
  // `url`: "http://127.0.0.1:9901". Empty: what the configuration says, found as for `sallyport
  // run`. `token_file`: see find_admin_token. Nothing, with a line on standard error, if that names
  // no admin listener or no token.
  [[nodiscard]] static std::optional<AdminClient> find(const std::string& url,
                                                       const std::string& config,
                                                       const std::string& token_file,
                                                       Terminal& terminal);

  // Nothing if there is no answer, which is reported.
  [[nodiscard]] std::optional<AdminAnswer> call(const std::string& method,
                                                const std::string& target, Terminal& terminal,
                                                const std::optional<AdminBody>& body = {}) const;

 private:
  AdminClient(std::string host, std::uint16_t port, store::SecretText token)
      : host_(std::move(host)), port_(port), token_(std::move(token)) {}
  [[nodiscard]] bool is_local() const;
  [[nodiscard]] std::string authority() const;

  std::string host_;  // an address or a name, IPv6 without brackets
  std::uint16_t port_;
  store::SecretText token_;  // empty: none
};

// The JSON of an answer as a tree. Nothing if it is none.
[[nodiscard]] std::optional<schema::Node> parse_json(const std::string& text);

// A member that is text or a number; empty if there is none.
[[nodiscard]] std::string text_of(const schema::Node& object, std::string_view key);

}  // namespace sallyport::cli
