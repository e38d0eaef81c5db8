// `sallyport tokens verify`: tokens, without a gateway around them. Offline: nothing is fetched.
#include <algorithm>
#include <chrono>
#include <ostream>

#include "base/clock.h"
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/input_file.h"
#include "cli/paint.h"
#include "jose/token.h"
#include "json/text.h"

namespace sallyport::cli {
namespace {

struct Wanted {
  std::string jwk;
  std::string jwks;
  std::string pem;
  std::vector<std::string> issuers;
  std::vector<std::string> audiences;
  bool signature_only = false;
  bool as_json = false;
};

// What is known of a token whose verification came to an end.
struct Judged {
  std::optional<jose::Failure> failure;
  std::string algorithm;
  std::string header;  // as JSON
  std::string claims;  // as JSON; empty: the payload is something else
  std::size_t payload_size = 0;
  std::vector<std::pair<std::string_view, std::string>> facts;
  std::vector<std::string_view> unchecked;
};

std::expected<jose::KeySet, std::string> one_key(std::expected<jose::Key, std::string> key) {
  if (!key) return std::unexpected(std::move(key.error()));
  std::vector<jose::Key> keys;
  keys.push_back(std::move(*key));
  return jose::KeySet::of(std::move(keys));
}

std::expected<jose::KeySet, std::string> read_jwk(std::string_view text) {
  const auto document = json::Document::parse(text, {.secret = true});
  if (!document) return std::unexpected("It is no JWK. " + document.error());
  return one_key(jose::Key::from_jwk(document->root()));
}

std::optional<jose::KeySet> keys_of(const Wanted& wanted, Terminal& terminal) {
  const std::string& file = !wanted.jwk.empty()    ? wanted.jwk
                            : !wanted.jwks.empty() ? wanted.jwks
                                                   : wanted.pem;
  if (file.empty()) {
    terminal.err
        << "sallyport: verified with which key? Name a file with --jwk, --jwks or --pem.\n";
    return std::nullopt;
  }
  const std::optional<std::string> text = read_input(file, terminal);
  if (!text) return std::nullopt;
  std::expected<jose::KeySet, std::string> keys = !wanted.jwk.empty() ? read_jwk(*text)
                                                  : !wanted.jwks.empty()
                                                      ? jose::KeySet::from_jwks(*text)
                                                      : one_key(jose::Key::from_pem(*text, ""));
  if (!keys) {
    terminal.err << "sallyport: " << printable(file) << ": " << printable(keys.error()) << '\n';
    return std::nullopt;
  }
  for (const std::string& each : keys->skipped()) {
    terminal.err << "sallyport: " << printable(file) << ": " << printable(each) << '\n';
  }
  return std::move(*keys);
}

// A token in a file ends with a newline.
std::string trimmed(std::string text) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.erase(text.find_last_not_of(kSpace) + 1);
  text.erase(0, std::min(text.find_first_not_of(kSpace), text.size()));
  return text;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

void add_fact(Judged& judged, std::string_view name, std::optional<std::string_view> text) {
  if (text) judged.facts.emplace_back(name, *text);
}

void add_fact(Judged& judged, std::string_view name, std::optional<jose::Time> time) {
  if (!time) return;
  std::string text(24, '\0');
  write_rfc3339(text.data(), time->time_since_epoch().count());
  judged.facts.emplace_back(name, std::move(text));
}

Judged judge_signature(const std::string& token, const jose::KeySet& keys) {
  const std::expected<jose::Signed, jose::Failure> verified = jose::verify_signature(token, keys);
  if (!verified) return {.failure = verified.error()};
  Judged judged{.failure = std::nullopt,
                .algorithm = std::string(name_of(verified->algorithm)),
                .header = json::to_text(verified->header.root()),
                .payload_size = verified->payload.size(),
                .unchecked = {"type", "claims"}};
  const auto claims = json::Document::parse(verified->payload);
  if (claims && claims->root().is_object()) judged.claims = json::to_text(claims->root());
  return judged;
}

Judged judge_token(const std::string& token, const jose::KeySet& keys, const Wanted& wanted) {
  const jose::Expectations expected{.issuers = wanted.issuers,
                                    .any_issuer = wanted.issuers.empty(),
                                    .audiences = wanted.audiences,
                                    .any_audience = wanted.audiences.empty()};
  const jose::Time now{std::chrono::milliseconds(wall_milliseconds())};
  const std::expected<jose::Token, jose::Failure> verified =
      jose::verify(token, keys, expected, now);
  if (!verified) return {.failure = verified.error()};
  Judged judged{.failure = std::nullopt,
                .algorithm = std::string(name_of(verified->algorithm())),
                .header = json::to_text(verified->header()),
                .claims = json::to_text(verified->claims())};
  add_fact(judged, "subject", verified->subject());
  add_fact(judged, "issuer", verified->issuer());
  if (const auto audiences = verified->audiences(); !audiences.empty()) {
    judged.facts.emplace_back("audience", joined(audiences));
  }
  if (const auto scopes = verified->scopes(); !scopes.empty()) {
    judged.facts.emplace_back("scopes", joined(scopes));
  }
  add_fact(judged, "issued", verified->issued_at());
  add_fact(judged, "expires", verified->expires_at());
  if (expected.any_issuer) judged.unchecked.emplace_back("issuer (--issuer)");
  if (expected.any_audience) judged.unchecked.emplace_back("audience (--audience)");
  return judged;
}

void print_json(const Judged& judged, Terminal& terminal) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().string("verdict", judged.failure ? "bad" : "good");
  if (judged.failure) {
    json.string("code", name_of(judged.failure->code)).string("reason", judged.failure->sentence);
  } else {
    json.string("algorithm", judged.algorithm).raw("header", judged.header);
    if (judged.claims.empty()) {
      json.number("payload_bytes", judged.payload_size);
    } else {
      json.raw("claims", judged.claims);
    }
    json.key("unchecked").begin_array();
    for (std::string_view each : judged.unchecked) json.string(each.substr(0, each.find(' ')));
    json.end_array();
  }
  json.end_object();
  terminal.out << text << '\n';
}

void print_text(const Judged& judged, Terminal& terminal) {
  const Paint paint(terminal);
  if (judged.failure) {
    terminal.out << paint.bad("bad") << "  " << name_of(judged.failure->code) << ": "
                 << printable(judged.failure->sentence) << '\n';
    return;
  }
  terminal.out << paint.good("good") << "  signed with " << judged.algorithm << '\n';
  auto line = [&](std::string_view label, std::string_view text) {
    terminal.out << "  " << paint.faint(padded(label, 14)) << printable(text) << '\n';
  };
  for (const auto& [label, text] : judged.facts) line(label, text);
  line("header", judged.header);
  if (judged.claims.empty()) {
    line("payload", std::to_string(judged.payload_size) + " bytes, no JSON object");
  } else {
    line("claims", judged.claims);
  }
  if (!judged.unchecked.empty()) line("not checked", joined(judged.unchecked));
}

int verify(const Wanted& wanted, const std::string& argument, Terminal& terminal) {
  const std::optional<jose::KeySet> keys = keys_of(wanted, terminal);
  if (!keys) return kWrong;
  std::optional<std::string> token = argument;
  if (argument == "-") token = read_input("-", terminal);
  if (!token) return kWrong;
  const std::string text = trimmed(*std::move(token));
  const Judged judged =
      wanted.signature_only ? judge_signature(text, *keys) : judge_token(text, *keys, wanted);
  if (wanted.as_json) {
    print_json(judged, terminal);
  } else {
    print_text(judged, terminal);
  }
  return judged.failure ? kFindings : kFine;
}

void add_tokens_verify(CLI::App& family, Session& session) {
  Command command(family, session, "verify",
                  "Say why a token is good or bad, offline; the exit status is 1 if it is bad");
  Value<std::string> token =
      command.argument("token", "TOKEN", "Signed token (JWT, compact); - reads it", true);
  Value<std::string> jwk = command.option("--jwk", "FILE", "Key, as a JSON Web Key");
  Value<std::string> jwks = command.option("--jwks", "FILE", "Keys, as a JWK Set");
  Value<std::string> pem =
      command.option("--pem", "FILE", "Key, as a public key or certificate in PEM");
  Value<std::vector<std::string>> issuers = command.list(
      "--issuer", "ISSUER", "Issuer that is accepted (default: any); may be given several times");
  Value<std::vector<std::string>> audiences = command.list(
      "--audience", "AUDIENCE", "Audience that is ours (default: any); may be given several times");
  Value<bool> signature_only =
      command.flag("--signature-only", "Look at the signature, and at nothing that the token says");
  Value<std::string> output = command.output({"text", "json"});
  command.at_most_one_of({"--jwk", "--jwks", "--pem"});
  command.at_most_one_of({"--signature-only", "--issuer"});
  command.at_most_one_of({"--signature-only", "--audience"});
  command.examples(
      {"sallyport tokens verify --jwks jwks.json --issuer https://id.example.com -",
       "sallyport tokens verify --pem issuer.pem --signature-only --output json - < token.txt"});
  command.action([=, &session] {
    return verify({.jwk = *jwk,
                   .jwks = *jwks,
                   .pem = *pem,
                   .issuers = *issuers,
                   .audiences = *audiences,
                   .signature_only = *signature_only,
                   .as_json = *output == "json"},
                  *token, session.terminal);
  });
}

}  // namespace

void add_tokens(CLI::App& app, Session& session) {
  CLI::App& family =
      add_family(app, "tokens", "Verify tokens, and revoke them",
                 {"sallyport tokens verify --jwks jwks.json --issuer https://id.example.com -"});
  add_tokens_verify(family, session);
  add_tokens_revocations(family, session);
}

}  // namespace sallyport::cli
