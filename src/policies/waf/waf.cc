// Inspects requests, and responses where that is asked for, by rules of ModSecurity's language: the
// OWASP Core Rule Set, or any other.
//
// Rules are loaded with the configuration. On a worker they are only evaluated: no file, nothing
// that waits, and no lock but short ones, of collections and of lines for the audit log. What the
// rules look at is what the client sent, before anything was normalised.
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <filesystem>

#include "base/clock.h"
#include "base/text.h"
#include "policies/waf/audit.h"
#include "policies/waf/audit_file.h"
#include "policies/waf/request_line.h"
#include "policies/waf/rules.h"
#include "policies/waf/settings.h"
#include "policies/waf/verdict.h"
#include "policies/waf/verifier.h"
#include "policy/exchange.h"
#include "policy/policy.h"
#include "policy/registry.h"
#include "seclang/engine/shared_collections.h"
#include "seclang/engine/transaction.h"
#include "seclang/plan/plan.h"

namespace sallyport::policies {
namespace {

using namespace waf_detail;  // NOLINT(google-build-using-namespace): the parts of this policy
using seclang::Transaction;

constexpr std::size_t kMostFindings = 32;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What rules keep from one request to the next: of the process, so that it outlives a reload.
std::shared_ptr<seclang::SharedCollections> shared_collections() {
  static const auto kCollections = std::make_shared<seclang::SharedCollections>();
  return kCollections;
}

// The inspection of one exchange, from its head to its log line.
struct State {
  std::unique_ptr<seclang::SharedCollections> rehearsed;  // in the place of those that outlast it
  std::optional<Transaction> transaction;
  const seclang::Plan* plan = nullptr;  // what it is evaluated by
  std::int64_t begun = 0;               // seconds since the epoch
  std::string_view request_body;
  std::string_view response_body;
  std::string_view location;  // where the client is sent instead
  bool judged = false;        // the rules' intervention was answered with a verdict
  bool looks_at_response_body = false;
  bool over = false;
};

class Waf final : public Policy {
 public:
  static Standing standing(const Config& config) {
    return {.monitor = config.mode == WafMode::monitor, .off = config.mode == WafMode::off};
  }

  static std::shared_ptr<const Policy> make(const Config& config, const schema::Node& block,
                                            schema::Context& context) {
    auto policy = std::make_shared<Waf>(config);
    if (config.mode == WafMode::off) return policy;
    if (config.audit_log && !check_audit_log(*config.audit_log, context)) return nullptr;
    policy->plan_ = load_rules(config, block, context);
    if (policy->plan_ == nullptr) return nullptr;
    return policy;
  }

  explicit Waf(const Config& config)
      : depth_(config.body.depth.bytes),
        mode_(config.mode),
        deny_beyond_(config.body.beyond == Beyond::deny),
        responses_(config.responses == Switch::on),
        audit_bodies_(config.audit_log && config.audit_log->value.bodies == Switch::on),
        collections_(shared_collections()),
        verified_(config.verify.fraction()) {
    if (config.audit_log) audit_ = AuditFile::of(config.audit_log->value.file.resolved);
  }

  Task<Verdict> on_request(Exchange& x) const override {
    State& state = x.slot<State>(this);
    begin(x, state);
    Transaction& transaction = *state.transaction;
    transaction.request_headers();
    // What is inspected has to be readable; the rules have seen what the client asked for.
    if (responses_) x.request.headers.set(http::HeaderId::accept_encoding, "identity");
    Verdict verdict = judge(x, state, false);
    if (!verdict) return verdict;
    if (refuses_beyond() && x.request.content_length.value_or(0) > depth_) {
      return too_long(x, state);
    }
    return pass();
  }

  Task<Verdict> on_request_body(Exchange& x) const override {
    State* state = x.slot_if<State>(this);
    if (state == nullptr || state->judged) return pass();
    std::string_view body = text_of(x.request_body);
    bool complete = x.request_body_complete && body.size() <= depth_;
    if (!complete && refuses_beyond()) return too_long(x, *state);
    state->request_body = body.substr(0, depth_);
    if (!complete) x.inspection.request_cut = true;
    state->transaction->set_proven(x.proven.all());
    state->transaction->set_request_body(state->request_body, complete);
    state->transaction->request_body();
    x.inspection.inbound_score = inbound_score(*state->transaction);
    return judge(x, *state, false);
  }

  Task<Verdict> on_response(Exchange& x) const override {
    State* state = x.slot_if<State>(this);
    if (state == nullptr) return pass();  // refused before it came here
    if (x.reason != nullptr) {
      if (!state->location.empty() && x.reason->code == kRedirected.code) {
        x.response.headers.set(http::HeaderId::location, state->location);
      }
      end(x, *state);
      return pass();
    }
    if (!responses_ || state->judged) {
      end(x, *state);
      return pass();
    }
    hand_over_response(x, *state->transaction);
    state->transaction->response_headers();
    Verdict verdict = judge(x, *state, true);
    if (verdict && x.response.body != nullptr && state->transaction->wants_response_body()) {
      if (http::is_compressed(x.response.headers)) {
        x.inspection.response_cut = true;
      } else {
        state->looks_at_response_body = true;
        return verdict;
      }
    }
    // A refusal that counts comes back here as the gateway's own answer.
    if (verdict || x.asked.monitor) end(x, *state);
    return verdict;
  }

  Task<Verdict> on_response_body(Exchange& x) const override {
    State* state = x.slot_if<State>(this);
    if (state == nullptr || state->over) return pass();
    std::string_view body = text_of(x.response_body);
    bool complete = x.response_body_complete && body.size() <= depth_;
    state->response_body = body.substr(0, depth_);
    if (!complete) x.inspection.response_cut = true;
    state->transaction->set_response_body(state->response_body, complete);
    state->transaction->response_body();
    Verdict verdict = judge(x, *state, true);
    if (verdict || x.asked.monitor) end(x, *state);
    return verdict;
  }

  [[nodiscard]] BodyWish body_wish(const Exchange& x, Phase phase) const override {
    using Look = BodyWish::Look;
    if (phase == Phase::request_body) return {.look = Look::beginning, .bytes = depth_};
    const State* state = x.slot_if<State>(this);
    bool looks = state != nullptr && state->looks_at_response_body;
    return {.look = looks ? Look::beginning : Look::none, .bytes = depth_};
  }

 private:
  static bool check_audit_log(const schema::Marked<AuditSettings>& log, schema::Context& context) {
    std::filesystem::path folder = std::filesystem::path(log.value.file.resolved).parent_path();
    std::error_code error;
    if (folder.empty() || std::filesystem::is_directory(folder, error)) return true;
    context.diagnostics().error(log.where, "there is no folder " + folder.string(),
                                "Make it, writable for the user the gateway runs as.",
                                schema::code::kUnreadable);
    return false;
  }

  [[nodiscard]] bool blocks() const { return mode_ != WafMode::detect; }
  [[nodiscard]] bool refuses_beyond() const { return deny_beyond_ && blocks(); }

  [[nodiscard]] std::unexpected<Stop> too_long(Exchange& x, State& state) const {
    state.judged = true;
    x.inspection.request_cut = true;
    if (!x.asked.monitor) x.inspection.blocked = true;
    return stop(kBodyTooLong, "more than " + std::to_string(depth_) + " bytes");
  }

  [[nodiscard]] std::string_view mode_name() const {
    for (const auto& name : enum_names(mode_)) {
      if (name.value == mode_) return name.name;
    }
    return {};
  }

  // The transaction, with the head of the request.
  void begin(Exchange& x, State& state) const {
    const std::int64_t now = wall_milliseconds();
    state.begun = now / 1000;
    x.inspection.mode = mode_name();
    state.plan = &plan_->get();
    if (x.rehearsal) state.rehearsed = std::make_unique<seclang::SharedCollections>();
    Transaction& transaction = state.transaction.emplace(
        *state.plan, x.rehearsal ? *state.rehearsed : *collections_, x.arena,
        Transaction::Facts{
            .unique_id = x.request_id_text(),
            .seconds = state.begun,
            .microseconds = static_cast<std::int64_t>(Ticks::nanoseconds(0, Ticks::now()) / 1000),
            .mode = blocks() ? seclang::EngineMode::on : seclang::EngineMode::detection_only,
            .references = audit_ != nullptr});
    transaction.set_proven(x.proven.all());
    transaction.set_connection(x.client.text, x.client.port, server_of(x), x.listener_port);
    transaction.set_request(x.request.method, target_of(x), version_of(x.request.version));
    // Those for this hop only, which go no further, are the client's words too.
    for (const http::Field& field : x.request.headers) {
      transaction.add_request_header(field.name(), field.value());
    }
  }

  static void hand_over_response(Exchange& x, Transaction& transaction) {
    transaction.set_response(x.response.status, "HTTP/1.1");
    for (const http::Field& field : x.response.headers) {
      if (!field.removed) transaction.add_response_header(field.name(), field.value());
    }
  }

  // The rules' intervention as a verdict, once.
  [[nodiscard]] Verdict judge(Exchange& x, State& state, bool response) const {
    const std::optional<seclang::Intervention>& intervention = state.transaction->intervention();
    // A rule may switch its own engine on; detection never refuses all the same.
    if (!intervention || state.judged || !blocks()) return pass();
    state.judged = true;
    state.location = intervention->redirect;
    if (!x.asked.monitor) x.inspection.blocked = true;
    return stop(reason_of(*intervention, response), detail_of(*state.transaction));
  }

  // Everything has been seen: the rules that log, what is to be written down.
  void end(Exchange& x, State& state) const {
    if (std::exchange(state.over, true)) return;
    Transaction& transaction = *state.transaction;
    if (x.reason != nullptr || !responses_) transaction.set_response(x.response.status, "HTTP/1.1");
    transaction.logging();
    if (x.reason != nullptr) x.inspection.inbound_score = inbound_score(transaction);
    x.inspection.outbound_score = outbound_score(transaction);
    note_findings(x, transaction);
    if (audit_ != nullptr && is_relevant(transaction)) audit(x, state);
    if (verified_.contains(x.request_id_text())) {
      Verifier::of_process().take(plan_, *state.plan, transaction);
    }
  }

  static void note_findings(Exchange& x, const Transaction& transaction) {
    const std::vector<seclang::Match>& matches = transaction.matches();
    std::size_t count = std::min(matches.size(), kMostFindings);
    auto* findings = x.arena.array<Finding>(count);
    for (std::size_t i = 0; i < count; ++i) {
      const seclang::Match& match = matches[i];
      findings[i] = {.rule = match.rule->id,
                     .message = match.message,
                     .variable = match.variable,
                     .value = match.value,
                     .severity = static_cast<std::uint8_t>(match.severity.value_or(7))};
    }
    x.inspection.findings = {findings, count};
  }

  void audit(Exchange& x, const State& state) const {
    audit_->write(audit_line(x, {.transaction = *state.transaction,
                                 .components = plan_->get().rules->settings.component_signature,
                                 .begun = state.begun,
                                 .request_body = state.request_body,
                                 .response_body = state.response_body,
                                 .bodies = audit_bodies_}));
  }

  const std::size_t depth_;
  const WafMode mode_;
  const bool deny_beyond_;
  const bool responses_;
  const bool audit_bodies_;
  std::shared_ptr<const seclang::LivePlan> plan_;
  const std::shared_ptr<seclang::SharedCollections> collections_;
  std::shared_ptr<AuditFile> audit_;
  const Share verified_;
};

}  // namespace

PolicyType waf() {
  return define_policy<Waf, Config>({
      .name = "waf",
      .stage = Stage::inspection,
      .summary = "Inspects requests and responses by the OWASP Core Rule Set, or other rules of "
                 "ModSecurity's language.",
      .fields = fields(),
      .reasons = {kBlocked, kResponseBlocked, kRedirected, kBodyTooLong},
      .example = R"({"paranoia": 1, "exclusions": [{"rule": 942100, "target": "ARGS:comment", )"
                 R"("reason": "People write about SQL there."}]})",
  });
}

}  // namespace sallyport::policies
