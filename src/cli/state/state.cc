// `sallyport state`: what the gateway keeps, looked at and changed beside it: before its first
// start, for a large import, or when its admin listener cannot be reached. A gateway that runs sees
// a change within a tenth of a second. Everything is recorded in the audit trail.
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <ostream>

#include "base/clock.h"
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/input_file.h"
#include "cli/paint.h"
#include "cli/state/import_file.h"
#include "cli/state/settings.h"
#include "gateway/state.h"
#include "gateway/state_folder.h"

namespace sallyport::cli {
namespace {

// The state and the trail, opened as the gateway does.
class Opened {
 public:
  [[nodiscard]] static std::unique_ptr<Opened> open(const std::string& config, Terminal& terminal) {
    const auto settings = state_settings(config, terminal);
    if (!settings) return nullptr;
    auto state = gateway::State::open(*settings);
    if (!state) {
      terminal.err << "sallyport: " << state.error() << '\n';
      return nullptr;
    }
    return std::unique_ptr<Opened>(new Opened(std::move(*state), terminal));  // private
  }
  [[nodiscard]] store::Store& store() { return state_->store(); }
  [[nodiscard]] gateway::State& state() { return *state_; }

  void record(std::string_view action, const std::string& object, std::string detail = {}) {
    if (pending_.size() == kMostPending) (void)settle();  // which good_ remembers
    pending_.push_back(state_->audit().append({.actor = actor_,
                                               .action = std::string(action),
                                               .object = object,
                                               .detail = std::move(detail)}));
  }
  // False: something was not recorded, which is reported.
  [[nodiscard]] bool settle() {
    for (auto& each : pending_) {
      auto written = each.get();
      if (written || !good_) continue;
      good_ = false;
      terminal_.err << "sallyport: done, but not recorded: " << written.error().text << '\n';
    }
    pending_.clear();
    return good_;
  }
  int fail(const store::Error& error) {
    terminal_.err << "sallyport: " << printable(error.text) << '\n';
    return kWrong;
  }

 private:
  static constexpr std::size_t kMostPending = 10'000;
  Opened(std::unique_ptr<gateway::State> state, Terminal& terminal)
      : state_(std::move(state)), terminal_(terminal) {}

  const std::unique_ptr<gateway::State> state_;
  Terminal& terminal_;
  const std::string actor_ = offline_actor();
  std::deque<std::future<store::Outcome<std::uint64_t>>> pending_;
  bool good_ = true;
};

struct Issued {
  store::Consumer consumer;
  std::deque<store::IssuedKey> keys;
};

// All of them in one transaction, or none.
store::Outcome<std::deque<Issued>> create(store::Session& session,
                                          const std::vector<ImportedConsumer>& wanted) {
  std::vector<store::Consumer> consumers;
  for (const ImportedConsumer& each : wanted) consumers.push_back(each.consumer);
  auto created = session.consumers.create_all(consumers);
  if (!created) return store::fail(created);
  std::deque<Issued> all;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const ImportedConsumer& each = wanted[i];
    const auto wrong = [&each](const store::Error& error) {
      return store::fail(error.kind, each.consumer.name + ": " + error.text);
    };
    Issued& issued = all.emplace_back();
    issued.consumer = std::move(consumers[i]);
    if (!each.password_hash.empty()) {
      auto set = session.consumers.set_password(issued.consumer.id, each.password_hash);
      if (!set) return wrong(set.error());
    }
    for (store::ApiKey key : each.keys) {
      key.consumer = issued.consumer.id;
      auto made = session.keys.issue(std::move(key));
      if (!made) return wrong(made.error());
      issued.keys.push_back(std::move(*made));
    }
  }
  return all;
}

void print(const Issued& issued, Terminal& terminal) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .string("name", issued.consumer.name)
      .string("id", issued.consumer.id)
      .key("keys")
      .begin_array();
  for (const store::IssuedKey& each : issued.keys) json.string(each.text.view());
  json.end_array().end_object();
  terminal.out << text << '\n';
}

int import_consumers(const std::string& file, const std::string& config, Terminal& terminal) {
  const std::optional<std::string> text = read_input(file, terminal);
  if (!text) return kWrong;
  const auto wanted = parse_import(*text, wall_milliseconds());
  if (!wanted) {
    terminal.err << "sallyport: " << printable(file) << ": " << printable(wanted.error()) << '\n';
    return kWrong;
  }
  const std::unique_ptr<Opened> opened = Opened::open(config, terminal);
  if (opened == nullptr) return kWrong;
  auto issued =
      opened->store().run([&](store::Session& session) { return create(session, *wanted); }).get();
  if (!issued) return opened->fail(issued.error());
  for (const Issued& each : *issued) {
    opened->record("consumer.create", "consumer/" + each.consumer.id);
    for (const store::IssuedKey& key : each.keys) {
      opened->record("api_key.issue", "api_key/" + key.key.id,
                     R"({"consumer":")" + each.consumer.id + "\"}");
    }
  }
  const bool recorded = opened->settle();
  for (const Issued& each : *issued) print(each, terminal);
  return recorded ? kFine : kWrong;
}

int revoke_keys(const std::vector<std::string>& ids, const std::string& config,
                Terminal& terminal) {
  const std::unique_ptr<Opened> opened = Opened::open(config, terminal);
  if (opened == nullptr) return kWrong;
  auto revoked = opened->store()
                     .run([&](store::Session& session) -> store::Outcome<bool> {
                       for (const std::string& id : ids) {
                         auto done = session.keys.revoke(id);
                         if (!done) return store::fail(done);
                       }
                       return true;
                     })
                     .get();
  if (!revoked) return opened->fail(revoked.error());
  for (const std::string& id : ids) opened->record("api_key.revoke", "api_key/" + id);
  return opened->settle() ? kFine : kWrong;
}

int show(const std::string& config, bool as_json, Terminal& terminal) {
  const auto settings = state_settings(config, terminal);
  if (!settings) return kWrong;
  // Looking makes nothing: what is not there yet is said to be so.
  auto usable = gateway::check_state_folder(*settings);
  if (!usable) {
    terminal.err << "sallyport: " << usable.error() << '\n';
    return kWrong;
  }
  const std::unique_ptr<Opened> opened = Opened::open(config, terminal);
  if (opened == nullptr) return kWrong;
  const std::shared_ptr<const store::CallerView> view = opened->store().callers().view();
  const store::AuditHealth audit = opened->state().audit().health();
  const std::string& public_key = opened->state().audit().signer().public_key();
  if (as_json) {
    std::string text;
    JsonWriter json(text);
    json.begin_object()
        .string("path", settings->path)
        .string("database", database_of(*settings))
        .number("consumers", view->consumers().size())
        .number("api_keys", view->keys().size())
        .number("audit_seq", audit.seq)
        .string("audit_public_key", public_key)
        .end_object();
    terminal.out << text << '\n';
    return kFine;
  }
  const auto line = [&](std::string_view label, const std::string& value) {
    terminal.out << padded(label, 18) << printable(value) << '\n';
  };
  line("folder", settings->path);
  line("database", database_of(*settings));
  line("consumers", std::to_string(view->consumers().size()));
  line("API keys", std::to_string(view->keys().size()));
  line("audit trail", "line " + std::to_string(audit.seq));
  line("audit public key", public_key);
  return kFine;
}

void add_show(CLI::App& family, Session& session) {
  Command command(family, session, "show", "Say what there is, and the audit trail's public key");
  Value<std::string> config = command.config();
  Value<std::string> output = command.output({"text", "json"});
  command.examples({"sallyport state show --config sallyport.yaml"});
  command.action([=, &session] { return show(*config, *output == "json", session.terminal); });
}

void add_import(CLI::App& family, Session& session) {
  Command command(family, session, "import",
                  "Add consumers with keys, one JSON object per line; writes their new keys");
  Value<std::string> file =
      command.argument("file", "FILE", "Consumers, as JSON lines; - reads them", true);
  Value<std::string> config = command.config();
  command.examples({"sallyport state import consumers.jsonl --config sallyport.yaml"});
  command.action([=, &session] { return import_consumers(*file, *config, session.terminal); });
}

void add_revoke(CLI::App& family, Session& session) {
  Command command(family, session, "revoke-key", "Revoke API keys for good");
  Value<std::vector<std::string>> ids =
      command.list("id", "ID", "What stands in a key between spk_ and the point");
  Value<std::string> config = command.config();
  command.examples({"sallyport state revoke-key MZXW6YTBOI3GC4TF --config sallyport.yaml"});
  command.action([=, &session] { return revoke_keys(*ids, *config, session.terminal); });
}

}  // namespace

void add_state(CLI::App& app, Session& session) {
  CLI::App& family = add_family(app, "state", "Look at and change what the gateway keeps",
                                {"sallyport state show --config sallyport.yaml"});
  add_show(family, session);
  add_state_copy(family, session);
  add_import(family, session);
  add_revoke(family, session);
  add_state_rekey(family, session);
}

}  // namespace sallyport::cli
