// The parts of a snapshot that need no more than copying, and the order of the others.
#include "config/build.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "base/text.h"
#include "config/building.h"
#include "config/words.h"

namespace sallyport::config {
namespace {

http::Limits limits_of(const model::Limits& limits) {
  http::Limits out;
  out.request_line = limits.request_line.bytes;
  out.header_field = limits.header_field.bytes;
  out.header_bytes = limits.header_bytes.bytes;
  out.header_count = limits.header_count;
  out.trailer_bytes = limits.trailer_bytes.bytes;
  return out;
}

std::vector<std::string> with(std::vector<std::string> names, const std::vector<std::string>& more,
                              bool lower) {
  for (const std::string& name : more) names.push_back(lower ? text::to_lower(name) : name);
  std::ranges::sort(names);
  auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

Logging logging_of(const model::Log& log) {
  Logging out;
  const schema::FilePath& file = log.access.value.value;
  out.access = file.written == "-" ? "-" : file.resolved;
  if (log.access.value.off) out.access.clear();
  out.mask_headers = with(masked_headers(), log.mask.headers, true);
  out.mask_query = with(masked_query(), log.mask.query, false);
  return out;
}

void build_process(const model::Root& root, Snapshot& snapshot) {
  snapshot.workers = root.workers.value_or(std::max(1U, std::thread::hardware_concurrency()));
  snapshot.timeouts = root.timeouts;
  snapshot.limits = limits_of(root.limits);
  snapshot.underscores = root.http.underscores;
  snapshot.merge_slashes = root.http.merge_slashes;
  snapshot.connections = {.total = root.limits.connections,
                          .per_client = root.limits.connections_per_client};
  snapshot.trusted_proxies = root.trusted_proxies;
  snapshot.forwarded_by = root.client_address.value;
  snapshot.drain = root.drain;
  snapshot.log = logging_of(root.log);
  snapshot.trail_records = root.trail.records;
  snapshot.user = root.user.value;
  snapshot.audit_denials = root.state && root.state->value.audit_denials;
}

// Said in the file, not by default.
bool is_written(const schema::Where& where) { return where.mark.line != 0; }

void check_client_address(Building& b) {
  const schema::Marked<http::ForwardedBy>& header = b.root.client_address;
  if (!is_written(header.where) || header.value == http::ForwardedBy::none) return;
  if (!b.root.trusted_proxies.empty() || !b.faults.none_in("trusted_proxies")) return;
  b.warning(header.where, "the header is never believed, for there are no trusted proxies",
            "Name their networks: trusted_proxies: [10.0.0.0/8].", schema::code::kMissingKey);
}

}  // namespace

Faults::Faults(const schema::Diagnostics& diagnostics) {
  for (schema::Diagnostic& diagnostic : diagnostics.sorted()) {
    if (diagnostic.severity == schema::Severity::error) paths_.insert(std::move(diagnostic.path));
  }
}

bool Faults::none_in(std::string_view path) const {
  auto found = paths_.lower_bound(path);
  for (; found != paths_.end() && found->starts_with(path); ++found) {
    if (found->size() == path.size()) return false;
    char next = (*found)[path.size()];
    if (path.empty() || next == '.' || next == '[') return false;
  }
  return true;
}

std::string message_of(std::string_view sentence) {
  if (sentence.ends_with('.')) sentence.remove_suffix(1);
  return std::string(sentence);
}

std::string place_of(const schema::Where& where) {
  if (!where.mark.file) return "default";
  return *where.mark.file + ':' + std::to_string(where.mark.line) + ':' +
         std::to_string(where.mark.column);
}

std::unique_ptr<Snapshot> build(const model::Root& root, const LoadOptions& options,
                                schema::Diagnostics& diagnostics, std::set<std::string>& files) {
  auto snapshot = std::make_unique<Snapshot>();
  Building b{.root = root,
             .options = options,
             .faults = Faults(diagnostics),
             .diagnostics = diagnostics,
             .files = files,
             .snapshot = *snapshot};
  build_process(root, *snapshot);
  check_client_address(b);
  build_state(b);
  if (options.rehearse) rehearse_start(b);
  b.ticket_keys = options.ticket_keys;
  if (b.ticket_keys == nullptr) b.ticket_keys = std::make_shared<async::TicketKeys>();
  Taken taken;
  build_admin(b, taken);
  build_listeners(b, taken);
  build_upstreams(b);
  build_routes(b);
  return snapshot;
}

}  // namespace sallyport::config
