// `sallyport audit-log`: proves that the audit trail is whole, and writes it out. Reads the files
// only, so the gateway may run or not.
#include <fstream>
#include <optional>
#include <ostream>

#include "base/json_writer.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/paint.h"
#include "cli/state/settings.h"
#include "gateway/state_folder.h"
#include "store/audit/audit_file.h"
#include "store/audit/audit_line.h"
#include "store/audit/audit_verify.h"

namespace sallyport::cli {
namespace {

struct Wanted {
  std::string config;
  std::string trail;              // empty: that of the configuration
  std::vector<std::string> keys;  // public; none: that of the configuration's master key
  bool as_json = false;
};

std::optional<std::string> trail_of(const Wanted& wanted, Terminal& terminal) {
  if (!wanted.trail.empty()) return wanted.trail;
  const auto settings = state_settings(wanted.config, terminal);
  if (!settings) return std::nullopt;
  return gateway::trail_file(*settings);
}

bool add_keys(const Wanted& wanted, store::AuditVerifier& verifier, Terminal& terminal) {
  std::vector<std::string> keys = wanted.keys;
  if (keys.empty()) {
    const auto settings = state_settings(wanted.config, terminal);
    if (!settings) return false;
    const auto master = gateway::load_master_key(*settings, false);
    if (!master) {
      terminal.err << "sallyport: " << master.error() << '\n';
      return false;
    }
    keys.push_back(store::AuditSigner(*master).public_key());
    // Heads may have been signed with the next one before its change was interrupted.
    const auto next = gateway::interrupted_rekey(*settings);
    if (next && *next) keys.push_back(store::AuditSigner(**next).public_key());
  }
  for (const std::string& key : keys) {
    auto added = verifier.add(key);
    if (added) continue;
    terminal.err << "sallyport: --key: " << added.error() << '\n';
    return false;
  }
  return true;
}

void print_json(const store::AuditReport& report, Terminal& terminal) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .boolean("whole", report.whole())
      .number("events", report.events)
      .number("heads", report.heads)
      .number("first_seq", report.first_seq)
      .number("last_seq", report.last_seq)
      .string("last_hash", report.last_hash)
      .number("not_yet_signed", report.not_yet_signed)
      .key("findings")
      .begin_array();
  for (const store::AuditFinding& each : report.findings) {
    json.begin_object()
        .string("fault", store::name_of(each.fault))
        .string("file", each.file)
        .number("line", each.line)
        .number("seq", each.seq)
        .string("text", each.text)
        .end_object();
  }
  json.end_array().number("more_findings", report.more_findings).end_object();
  terminal.out << text << '\n';
}

void print_text(const store::AuditReport& report, Terminal& terminal) {
  const Paint paint(terminal);
  for (const store::AuditFinding& each : report.findings) {
    terminal.out << printable(each.file);
    if (each.line > 0) terminal.out << ':' << each.line;
    terminal.out << ": " << paint.bad(store::name_of(each.fault)) << ": " << printable(each.text)
                 << '\n';
  }
  if (report.more_findings > 0) terminal.out << report.more_findings << " more\n";
  terminal.out << (report.whole() ? paint.good("whole") : paint.bad("not whole")) << ": "
               << report.events << " events, lines " << report.first_seq << " to "
               << report.last_seq << ", " << report.heads << " signed heads";
  if (report.not_yet_signed > 0) {
    terminal.out << "; the last " << report.not_yet_signed << " lines are not signed yet";
  }
  terminal.out << '\n';
}

int verify(const Wanted& wanted, Terminal& terminal) {
  const std::optional<std::string> trail = trail_of(wanted, terminal);
  store::AuditVerifier verifier;
  if (!trail || !add_keys(wanted, verifier, terminal)) return kWrong;
  if (store::audit_files(*trail).empty()) {
    terminal.err << "sallyport: there is no audit trail " << printable(*trail) << '\n';
    return kWrong;
  }
  const store::AuditReport report = store::verify_audit_trail(*trail, verifier);
  if (wanted.as_json) {
    print_json(report, terminal);
  } else {
    print_text(report, terminal);
  }
  return report.whole() ? kFine : kFindings;
}

// As it is, so that whoever gets it can verify it.
int write_out(const Wanted& wanted, std::uint64_t from, Terminal& terminal) {
  const std::optional<std::string> trail = trail_of(wanted, terminal);
  if (!trail) return kWrong;
  const std::vector<std::string> files = store::audit_files(*trail);
  if (files.empty()) {
    terminal.err << "sallyport: there is no audit trail " << printable(*trail) << '\n';
    return kWrong;
  }
  bool whole = true;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::string line;
    // A last line without its end is being written just now.
    while (std::getline(in, line) && !in.eof()) {
      const auto parsed = store::parse_audit_line(line);
      whole = whole && parsed.has_value();
      if (!parsed || parsed->seq >= from) terminal.out << line << '\n';
    }
    if (in.is_open() && !in.bad()) continue;
    terminal.err << "sallyport: cannot read " << printable(file) << '\n';
    return kWrong;
  }
  if (!whole) {
    terminal.err << "sallyport: some lines are none of an audit trail: run `sallyport audit-log "
                    "verify`\n";
  }
  return whole ? kFine : kFindings;
}

void add_verify(CLI::App& family, Session& session) {
  Command command(
      family, session, "verify",
      "Prove that nothing was edited or removed; the exit status is 1 if something was");
  Value<std::string> trail =
      command.argument("trail", "FILE", "Trail (default: that of the configuration)");
  Value<std::string> config = command.config();
  Value<std::vector<std::string>> keys = command.list(
      "--key", "HEX", "Public key that heads may be signed with (default: that of the master key)");
  Value<std::string> output = command.output({"text", "json"});
  command.examples({"sallyport audit-log verify --config sallyport.yaml",
                    "sallyport audit-log verify trail.jsonl --key "
                    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"});
  command.action([=, &session] {
    return verify({.config = *config, .trail = *trail, .keys = *keys, .as_json = *output == "json"},
                  session.terminal);
  });
}

void add_export(CLI::App& family, Session& session) {
  Command command(family, session, "export", "Write the trail to standard output, as JSON lines");
  Value<std::string> trail =
      command.argument("trail", "FILE", "Trail (default: that of the configuration)");
  Value<std::string> config = command.config();
  Value<std::string> from = command.option("--from", "NUMBER", "First line that is wanted (seq)");
  command.examples({"sallyport audit-log export --config sallyport.yaml --from 1000"});
  command.action([=, &session] {
    const auto first = from->empty() ? std::optional<std::uint64_t>(0) : text::to_number(*from);
    if (!first) {
      session.terminal.err << "sallyport: --from: " << printable(*from) << " is no number\n";
      return kWrong;
    }
    return write_out({.config = *config, .trail = *trail, .keys = {}}, *first, session.terminal);
  });
}

}  // namespace

void add_audit_log(CLI::App& app, Session& session) {
  CLI::App& family = add_family(app, "audit-log", "Verify and export the audit trail",
                                {"sallyport audit-log verify --config sallyport.yaml"});
  add_verify(family, session);
  add_export(family, session);
}

}  // namespace sallyport::cli
