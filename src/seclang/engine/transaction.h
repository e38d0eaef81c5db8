// One request and its response under inspection.
//
// Used by one thread at a time. Texts given to it are not copied: they must stay until it is
// destroyed, as must the rule set or the plan, and the arena. Call in this order: watch,
// set_proven, set_connection, set_request, add_request_header..., request_headers (phase 1),
// set_request_body, request_body (phase 2), set_response, add_response_header..., response_headers
// (3), set_response_body, response_body (4), logging (5). After an intervention in blocking mode go
// on with `logging`.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "http/proven_values.h"
#include "seclang/bodies/body.h"
#include "seclang/engine/buffers.h"
#include "seclang/engine/key_store.h"
#include "seclang/engine/match.h"
#include "seclang/engine/observer.h"
#include "seclang/engine/proven.h"
#include "seclang/engine/shared_collections.h"
#include "seclang/plan/candidates.h"
#include "seclang/plan/folding.h"
#include "seclang/ruleset.h"
#include "seclang/work_budget.h"

namespace sallyport::seclang {

struct Plan;
struct Recording;

class Transaction {
 public:
  struct Facts {
    std::string_view unique_id;
    std::int64_t seconds = 0;             // since the epoch, at its beginning
    std::int64_t microseconds = 0;        // of a steady clock, at its beginning; for DURATION
    std::optional<EngineMode> mode = {};  // in place of what SecRuleEngine says
    // Nanoseconds of the processor's time that the rules may take in all; then they give up.
    // Nothing: as much as what they look at warrants.
    std::optional<std::int64_t> work = {};
    bool references = true;  // matches say where in the request they stand, which costs a search
  };
  // Without a plan every rule is evaluated as written.
  Transaction(const RuleSet& rules, SharedCollections& shared, Arena& arena, Facts facts);
  Transaction(const Plan& plan, SharedCollections& shared, Arena& arena, Facts facts);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  // Null: nobody watches. Must outlive what it watches.
  void watch(Observer* observer) {
    observer_ = observer;
    surroundings_.observer = observer;
  }

  // Values that rules against injection need not look at: before what they stand in is given. May
  // be said once more before the body, with more of them behind the others. Must stay, with their
  // names, until the transaction is destroyed.
  void set_proven(std::span<const http::ProvenValue> claims) {
    claims_ = claims;
    proven_.claim(claims);
  }
  void set_connection(std::string_view client, unsigned client_port, std::string_view server,
                      unsigned server_port);
  // `uri` as it stood in the request line, `version` as "1.1".
  void set_request(std::string_view method, std::string_view uri, std::string_view version);
  void add_request_header(std::string_view name, std::string_view value);
  void request_headers();

  // Whether the rules look at the body: their settings, and what phase 1 changed about them.
  [[nodiscard]] bool wants_request_body() const;
  // The body, at most `Settings::request_body_limit` bytes of it; `complete`: that is all of it.
  void set_request_body(std::string_view body, bool complete = true);
  void request_body();

  void set_response(unsigned status, std::string_view protocol);
  void add_response_header(std::string_view name, std::string_view value);
  void response_headers();
  [[nodiscard]] bool wants_response_body() const;
  void set_response_body(std::string_view body, bool complete = true);
  void response_body();

  void logging();

  [[nodiscard]] const std::optional<Intervention>& intervention() const { return intervention_; }
  [[nodiscard]] const std::vector<Match>& matches() const { return matches_; }
  [[nodiscard]] EngineMode mode() const { return mode_; }
  // What belongs in the audit log, after ctl: changes.
  [[nodiscard]] AuditMode audit_mode() const { return audit_mode_; }
  [[nodiscard]] std::string_view audit_parts() const { return audit_parts_; }
  // Whether an operator could not tell, or there was no time to ask all of them.
  [[nodiscard]] bool gave_up() const { return pcre_errors_ > 0; }
  // A value of TX, for scores; empty when there is none.
  [[nodiscard]] std::string_view tx(const Name& name) const;
  // All values of a variable with this key, or all when it is empty; for tools and tests.
  [[nodiscard]] std::vector<Value> values(Variable variable, std::string_view key = {});

  // What it was given, to be evaluated again (replay.h), and about how many bytes that is. Once it
  // is over.
  [[nodiscard]] Recording recording() const;
  [[nodiscard]] std::size_t recording_size() const;
  using Phases = std::bitset<6>;  // by number

 private:
  friend class Folder;   // runs single rules on nothing
  friend class Scanner;  // looks at what rules look at
  Transaction(const RuleSet& rules, const Plan* plan, SharedCollections& shared, Arena& arena,
              Facts facts);
  struct Working;  // what is known of the rule under evaluation so far

  // Whether a rule has ended it. That a body is beyond its limit ends no evaluation: who goes on
  // in spite of it gets what the rules say, as from ModSecurity.
  [[nodiscard]] bool ended_by_rule() const {
    return intervention_ && intervention_->rule != nullptr;
  }

  // evaluate.cc: the rules of a phase, in order.
  void run_phase(int phase);
  void run_all(const std::deque<Rule>& rules);
  void run_planned(const std::deque<Rule>& rules);
  [[nodiscard]] std::size_t first_awake(const Folding::Phase& folded, std::size_t place,
                                        const Candidates* candidates) const;
  [[nodiscard]] bool holds(const Folding::Rest& rest) const;
  void pass_over(const Folding::Phase& folded, const std::deque<Rule>& rules, std::size_t from,
                 std::size_t to);
  std::size_t after(const std::deque<Rule>& rules, std::size_t index);
  // `was_ended`: a rule of an earlier phase has ended it. False: the phase is over.
  bool step(const Rule& rule, bool was_ended);
  bool run_rule(const Rule& rule);
  bool run_chain(const Rule& rule, std::size_t index, Working& working);
  bool match_link(const Rule& rule, const Link& link, Working& working);
  bool match_value(const Link& link, const Value& value, std::string_view argument,
                   Working& working);
  // `form`: the transformations that made `text`, for logs.
  bool match_text(const Link& link, const Value& value, std::string_view text,
                  std::string_view form, std::string_view argument, Working& working);
  [[nodiscard]] bool removed(const Rule& rule) const;
  [[nodiscard]] bool excluded(const Rule& rule, const Link& link, const Value& value) const;
  // `marks` are the text's, and become the result's.
  [[nodiscard]] std::string_view transform(std::string_view text, const Transformation& by,
                                           Marks& marks);
  [[nodiscard]] Marks marks(std::string_view text);
  // Whether there is time for it. `one_of_many`: of a collection that the client fills.
  [[nodiscard]] bool may_look_at(std::string_view text, bool one_of_many);
  // An operator could not tell, or there was no time to ask it: rules can ask for that.
  void give_up();
  void give_up(const Link& link);
  void allow_work_for(std::size_t bytes);
  [[nodiscard]] const WorkAllowance& allowance() const;
  [[nodiscard]] bool scans() const;  // not every rule is evaluated
  void set_matched(const Value& value, std::string_view text);
  void clear_matched();

  // actions.cc: what matching rules do.
  void act_on_value(const Link& link, Working& working);
  void act_on_chain(const Link& link, Working& working);
  void finish_rule(Working& working);
  void interrupt(Disruptive how, std::optional<int> status, const Macro& redirect,
                 Working& working);
  void set_variable(const SetVar& action, const Rule& rule);
  void control(const Control& action);
  void open_record(Variable collection, std::string_view key);
  KeyStore& open_private_record(Variable collection);
  // The end of the rule, or of one of the matches that it logs each by itself.
  void log_match(Working& working);

  // variables.cc: what rules look at.
  void collect(const Target& target, std::vector<Value>& into);
  void collect_all(Variable variable, const Selector& selector, std::vector<Value>& into);
  [[nodiscard]] bool finds(const Regex& selector, std::string_view name);
  void collect_tx(const Selector& selector, std::vector<Value>& into);
  [[nodiscard]] std::string_view scalar(Variable variable);
  [[nodiscard]] std::string_view whole_name(const Value& value);
  [[nodiscard]] std::string_view number(std::int64_t value);
  [[nodiscard]] std::string_view clock_text(Variable variable);
  [[nodiscard]] KeyStore* record_of(Variable collection);
  // Null: there is none.
  [[nodiscard]] KeyStore* opened_record(Variable collection) const;
  [[nodiscard]] std::string_view full_request();
  [[nodiscard]] std::string_view remote_user();

  // reference.cc: where values stand in the request.
  struct Found;
  [[nodiscard]] std::string_view reference();
  void append_found(const Found& found, std::string& to);
  void append_origins(const Value& value, std::string& to) const;
  void append_argument_origins(const Value& value, std::string& to) const;
  void append_file_origins(const Value& value, std::string& to) const;
  void append_header_origins(const Value& value, std::string& to) const;
  void append_header_part(std::string_view name, std::size_t size, std::string& to) const;
  template <typename Each>
  void for_each_argument(Each each) const;
  [[nodiscard]] std::size_t headers_offset() const;
  [[nodiscard]] std::size_t header_offset(std::size_t index) const;
  [[nodiscard]] std::size_t body_offset() const;

  // macros.cc
  [[nodiscard]] std::string_view expand(const Macro& macro, const Rule* rule);
  [[nodiscard]] std::string_view expand(const MacroPart& part, const Rule* rule);

  // Ends it because a body is beyond its limit, if nothing has ended it yet.
  void refuse_size(std::string_view reason);

  // body.cc: a request body taken apart.
  void set_processor(Processor processor);
  void take_body_apart();
  void read_form();
  void read_multipart();
  void read_json();
  void read_xml();
  // Whether SecRequestBodyNoFilesLimit forbids as much; if so, that is the body's error.
  bool beyond_no_files_limit(std::size_t size);
  // How many more arguments SecArgumentsLimit lets in.
  [[nodiscard]] std::size_t room_for_arguments() const;
  void add_arguments(const std::vector<Field>& fields, bool post);

  const RuleSet& rules_;
  const Plan* plan_ = nullptr;
  Observer* observer_ = nullptr;
  SharedCollections& shared_;
  Arena& arena_;
  const Facts facts_;

  // The connection and the request.
  std::string_view client_, server_;
  unsigned client_port_ = 0;
  unsigned server_port_ = 0;
  std::string_view method_, uri_raw_, uri_, uri_path_, version_, query_;
  std::string_view host_, auth_type_, content_type_;
  Buffers::Lent buffers_;
  std::span<const http::ProvenValue> claims_;  // as given
  std::size_t claims_at_head_ = 0;             // so many of them before phase 1
  Proven& proven_ = buffers_->proven;
  std::vector<Field>& request_headers_ = buffers_->request_headers;
  std::vector<Field>& cookies_ = buffers_->cookies;
  std::vector<Field>& args_get_ = buffers_->args_get;
  std::vector<Field>& args_post_ = buffers_->args_post;
  std::vector<Field> part_headers_;
  std::vector<FilePart> files_;
  std::string_view request_body_;
  std::string_view request_body_for_rules_;
  std::optional<std::string_view> full_request_;
  bool request_body_complete_ = true;
  bool request_body_given_ = false;
  bool inbound_error_ = false;
  bool body_done_ = false;
  bool body_error_known_ = false;
  bool bad_urlencoding_ = false;
  Processor processor_ = Processor::none;
  std::string_view processor_name_;
  BodyError body_error_;
  std::string_view body_error_text_;
  MultipartFlags multipart_;
  std::size_t multipart_size_without_files_ = 0;
  std::vector<DispositionParameter> multipart_names_, multipart_filenames_;
  Surroundings surroundings_;
  std::size_t arguments_size_ = 0;

  // The response.
  unsigned status_ = 0;
  unsigned head_status_ = 0;  // as phase 3 saw it
  std::string_view response_protocol_, response_content_type_, response_body_;
  std::vector<Field>& response_headers_ = buffers_->response_headers;
  bool response_body_done_ = false;
  bool response_body_given_ = false;
  bool outbound_error_ = false;

  // What rules have written and changed.
  KeyStore tx_;
  KeyStore env_;
  struct Record {
    Variable collection;
    SharedCollections::Id id;
    KeyStore values;
    std::vector<std::pair<std::string, std::string>> read;  // what `values` began with
    bool shared = true;  // false: no initcol has opened it, and it ends with the transaction
  };
  std::vector<std::unique_ptr<Record>> records_;
  std::string_view user_id_, session_id_, resource_id_;
  std::optional<bool> request_body_access_, response_body_access_;
  EngineMode mode_;
  AuditMode audit_mode_;
  std::string_view audit_parts_;
  std::vector<RuleRange> removed_ids_;
  std::vector<std::string_view> removed_tags_, removed_messages_;
  std::vector<const ControlRemoveTargetById*> removed_targets_by_id_;
  std::vector<const ControlRemoveTargetByTag*> removed_targets_by_tag_;
  int highest_severity_ = 255;

  // Where the evaluation stands.
  int phase_ = 0;
  Phases asked_;
  std::optional<std::size_t> skip_to_;
  unsigned skip_ = 0;
  Disruptive allowed_ = Disruptive::none;
  bool has_matched_ = false;
  const Rule* current_ = nullptr;
  Value matched_;
  std::string_view matched_text_;
  std::vector<Value>& matched_all_ = buffers_->matched;
  std::uint32_t pcre_errors_ = 0;
  int looked_until_ = 0;  // the phase up to which the scanner has looked at texts
  std::vector<Value>& scratch_ = buffers_->values;
  // Rules to be evaluated, by phase, once `looked_until_` has come to it.
  std::array<Candidates, 5> candidates_;
  WorkBudget work_;  // more with everything that is given
  // What the rule under evaluation has found so far, for the line it may leave in the log.
  struct Found {
    const Link* link;
    Value value;
    std::string_view text;      // as the operator got it
    std::string_view argument;  // of the operator
    std::string_view form;      // the transformations of `text`, for logs
    std::size_t offset;         // of what was found in it
    std::size_t length;
  };
  std::vector<Found> found_;
  std::vector<Match> matches_;
  std::optional<Intervention> intervention_;

  // Results of transformations that changed or had to look closely at a text.
  struct MemoKey {
    const char* data;
    std::size_t size;
    const Transformation* transformation;
    bool operator==(const MemoKey&) const = default;
  };
  struct MemoHash {
    std::size_t operator()(const MemoKey& key) const;
  };
  struct Memo {
    std::string_view text;
    Marks marks = 0;
  };
  std::unordered_map<MemoKey, Memo, MemoHash> memo_;
  std::string_view marked_;  // a long text, and its marks
  Marks marked_as_ = 0;
};

}  // namespace sallyport::seclang
