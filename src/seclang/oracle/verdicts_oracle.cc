// Runs the same requests through libmodsecurity and through the engine, with the same rules, and
// compares which rules speak and what the requests cost.
//
//   verdicts_oracle verdicts RULES PARANOIA FILE.jsonl...   payloads, each as an argument
//   verdicts_oracle detection RULES FILE.jsonl...           what is blocked, as a table
//   verdicts_oracle cost RULES PARANOIA [ROUNDS]            user CPU, interleaved, as ratios
//   verdicts_oracle worst RULES PARANOIA [SECONDS [SEED]]   the dearest requests that are found
//
// `worst` looks for requests that cost much, for so many seconds each for the plan and for plain
// evaluation, and says of each part of a request what 100 KB of it cost, and which rules that was.
//
// "planned" runs one request again and again, "fresh" many in which no value comes twice: what is
// remembered of texts helps the one, and only names and headers of the other.
//
// RULES: a folder laid out as the Core Rule Set is.
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/text.h"
#include "seclang/engine/transaction.h"
#include "seclang/oracle/modsecurity_reference.h"
#include "seclang/parser/load.h"
#include "seclang/plan/plan.h"
#include "seclang/plan/scanner.h"
#include "seclang/test_hostile.h"
#include "seclang/test_payloads.h"
#include "seclang/test_plan.h"

namespace sallyport::seclang {
namespace {

using oracle::Ids;
using oracle::Sample;

using corpus::get;
using corpus::percent_encoded;
using corpus::with_body;

std::vector<Source> sources(const std::string& folder, int paranoia) {
  auto all = corpus::core_rules(folder, paranoia, "DetectionOnly");
  if (!all) {
    std::fprintf(stderr, "%s\n", all.error().message.c_str());
    std::exit(2);
  }
  return std::move(*all);
}

class Ours {
 public:
  explicit Ours(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

  Ids run(const Sample& sample, Observer* observer = nullptr) {
    alignas(16) std::array<std::byte, 32'768> block;  // NOLINT(*-member-init): the arena's
    Arena arena(block);
    Transaction t(*plan_, shared_, arena, {.unique_id = "x", .seconds = 1'700'000'000});
    t.watch(observer);
    t.set_connection("192.0.2.1", 12345, "198.51.100.1", 443);
    t.set_request(sample.method, sample.uri, "1.1");
    for (const auto& [name, value] : sample.headers) t.add_request_header(name, value);
    t.request_headers();
    t.set_request_body(sample.body);
    t.request_body();
    t.set_response(200, "HTTP/1.1");
    t.add_response_header("Content-Type", "application/json");
    t.response_headers();
    t.set_response_body("");
    t.response_body();
    t.logging();
    Ids ids;
    for (const Match& match : t.matches()) ids.push_back(match.rule->id);
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    return ids;
  }

 private:
  std::shared_ptr<const Plan> plan_;
  SharedCollections shared_;
};

std::string text_of(const Ids& ids) {
  std::string all;
  for (std::int64_t id : ids) all += (all.empty() ? "" : " ") + std::to_string(id);
  return all.empty() ? "-" : all;
}

std::shared_ptr<const RuleSet> load_ours(const std::vector<Source>& all) {
  auto rules = load(all);
  if (!rules) {
    for (const LoadError& error : rules.error()) {
      std::fprintf(stderr, "%s:%u: %s\n", error.file.c_str(), error.line, error.message.c_str());
    }
    std::exit(2);
  }
  return *rules;
}

std::shared_ptr<const Plan> make_full(const std::shared_ptr<const RuleSet>& rules) {
  static const std::atomic<bool> kGoOn{false};
  const char* folder = std::getenv("SALLYPORT_PLAN_CACHE");
  return full_plan(*folded_plan(rules), Cache(folder != nullptr ? folder : ""), kGoOn);
}

int verdicts(const std::string& folder, int paranoia, const std::vector<std::string>& files) {
  const std::vector<Source> all = sources(folder, paranoia);
  oracle::Reference reference;
  for (const Source& source : all) reference.load(source.path, source.text);
  std::shared_ptr<const RuleSet> rules = load_ours(all);
  Ours plain(plain_plan(rules));
  Ours full(make_full(rules));
  std::size_t total = 0, same = 0, unplanned = 0;
  std::map<std::string, int> by_difference;
  auto compare = [&](const corpus::Payload& payload, int form) {
    const Sample sample = corpus::carrying(payload.text, form);
    ++total;
    Ids theirs = reference.run(sample);
    Ids mine = full.run(sample);
    if (plain.run(sample) != mine) {
      ++unplanned;
      std::printf("PLAN  %s: plain %s, planned %s\n", payload.id.c_str(),
                  text_of(plain.run(sample)).c_str(), text_of(mine).c_str());
    }
    if (theirs == mine) {
      ++same;
      return;
    }
    Ids more, less;
    std::ranges::set_difference(mine, theirs, std::back_inserter(more));
    std::ranges::set_difference(theirs, mine, std::back_inserter(less));
    std::string difference = "only ours: " + text_of(more) + "; only theirs: " + text_of(less);
    if (by_difference[difference]++ < 2) {
      std::printf("DIFF  %s form %d: %s\n", payload.id.c_str(), form, difference.c_str());
    }
  };
  for (const std::string& file : files) {
    corpus::for_each_payload(file, [&](const corpus::Payload& payload) {
      for (int form = 0; form < corpus::kForms; ++form) compare(payload, form);
    });
  }
  for (const auto& [difference, count] : by_difference) {
    std::printf("%6d  %s\n", count, difference.c_str());
  }
  std::printf(
      "paranoia %d: %zu requests, rule ids equal on %zu (%.3f %%), plan differs from plain "
      "evaluation on %zu\n",
      paranoia, total, same, 100.0 * static_cast<double>(same) / static_cast<double>(total),
      unplanned);
  return unplanned == 0 ? 0 : 1;
}

// How often something was blocked, of how many.
struct Rate {
  std::size_t blocked = 0;
  std::size_t all = 0;
  void count(bool was_blocked) {
    ++all;
    if (was_blocked) ++blocked;
  }
  [[nodiscard]] std::string text() const {
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.1f",
                  100.0 * static_cast<double>(blocked) / static_cast<double>(all));
    return buffer.data();
  }
};

// The rule with which the Core Rule Set refuses: the inbound score has reached its threshold, 5.
bool blocks(const Ids& ids) { return std::ranges::binary_search(ids, std::int64_t{949110}); }

// A table of the share of payloads that are blocked, as an argument of the query, by their class
// and at each paranoia level; ours and libmodsecurity's.
int detection(const std::string& folder, const std::vector<std::string>& files) {
  constexpr int kLevels = 4;
  struct Row {
    std::array<Rate, kLevels> ours, theirs;
  };
  std::map<std::string, Row> rows;
  for (int level = 1; level <= kLevels; ++level) {
    const auto column = static_cast<std::size_t>(level - 1);
    const std::vector<Source> all = sources(folder, level);
    oracle::Reference reference;
    for (const Source& source : all) reference.load(source.path, source.text);
    Ours full(make_full(load_ours(all)));
    for (const std::string& file : files) {
      corpus::for_each_payload(file, [&](const corpus::Payload& payload) {
        const Sample sample = corpus::carrying(payload.text, 0);
        Row& row = rows[payload.kind];
        row.ours.at(column).count(blocks(full.run(sample)));
        row.theirs.at(column).count(blocks(reference.run(sample)));
      });
    }
  }
  std::printf("| class | payloads | PL1 | PL2 | PL3 | PL4 |\n|---|---|---|---|---|---|\n");
  for (const auto& [kind, row] : rows) {
    std::printf("| %s | %zu |", kind.c_str(), row.ours.front().all);
    for (std::size_t i = 0; i < kLevels; ++i) {
      std::printf(" %s / %s |", row.ours.at(i).text().c_str(), row.theirs.at(i).text().c_str());
    }
    std::printf("\n");
  }
  return 0;
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// `variant`: of several of the same shape in which no value is the same.
std::string order_json(std::size_t size, int variant) {
  const std::string v = std::to_string(variant);
  std::string body = "{\"customer\":\"Ann Smith " + v + "\",\"items\":[";
  for (int i = 0; body.size() + 120 < size || i == 0; ++i) {
    const std::string n = std::to_string(i + variant * 1000);
    if (i > 0) body += ',';
    body += "{\"id\":" + n + ",\"name\":\"drawbridge chain " + n + "\",\"price\":" + n +
            ".25,\"tags\":[\"iron" + n + "\",\"long" + n + "\"],\"note\":\"deliver on Monday " + n +
            "\"}";
  }
  return body + "]}";
}

std::string prose(std::size_t size) {
  static constexpr std::array<std::string_view, 20> kWords = {
      "the",     "gate",   "opens",  "for",    "those",  "who",  "come",
      "in",      "peace,", "and",    "closes", "behind", "them", "when",
      "evening", "falls;", "nobody", "minds",  "much.",  "It's"};
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) {
    text += kWords[(i * 7 + i / 11) % kWords.size()];
    text += ' ';
  }
  return text;
}

std::string base64(std::size_t size) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  std::uint32_t state = 12345;
  while (text.size() < size) {
    state = state * 1'664'525U + 1'013'904'223U;
    text += kLetters[(state >> 20) % 64];
  }
  return text;
}

constexpr int kVariants = 2000;
constexpr std::size_t kMostBytes = 4'000'000;  // of the bodies of a group's variants

std::vector<std::vector<Sample>> groups_of(int variant) {
  const std::string v = std::to_string(variant);
  return {
      {get("small GETs", "/health?probe=" + v),
       get("", "/v1/orders/" + std::to_string(12345 + variant)),
       get("",
           "/v1/orders?page=" + v + "&limit=5" + v + "&sort=created_" + v + "&status=paid" + v)},
      {with_body("login", "/login", "application/json",
                 R"({"username":"ann.smith)" + v +
                     R"(@example.com","password":"correct horse battery )" + v + "\"}")},
      {with_body("JSON 1 KB", "/v1/orders", "application/json", order_json(1024, variant))},
      {with_body("JSON 8 KB", "/v1/orders", "application/json", order_json(8192, variant))},
      {with_body("form", "/v1/profile", "application/x-www-form-urlencoded",
                 "name=Ann+Smith" + v + "&email=ann" + v + "%40example.com&city=Bergen" + v +
                     "&bio=" + v + percent_encoded(prose(200)))},
      {with_body("64 KB of prose", "/v1/notes", "application/json",
                 "{\"text\":\"" + v + prose(65'536) + "\"}")},
      {with_body("64 KB of base64", "/v1/files", "application/json",
                 "{\"data\":\"" + v + base64(65'536) + "\"}")},
  };
}

int cost(const std::string& folder, int paranoia, int rounds) {
  const std::vector<Source> all = sources(folder, paranoia);
  oracle::Reference reference;
  for (const Source& source : all) reference.load(source.path, source.text);
  std::shared_ptr<const RuleSet> rules = load_ours(all);
  double before = thread_seconds();
  std::shared_ptr<const Plan> planned = make_full(rules);
  std::printf(
      "plan made in %.2f s: %zu rules folded, %zu scanned, %zu always, %zu databases of "
      "%.1f MiB\n",
      thread_seconds() - before, planned->folding.folded, planned->scanner->size().scanned,
      planned->scanner->size().always, planned->scanner->size().databases,
      static_cast<double>(planned->scanner->size().bytes) / 1048576.0);
  Ours plain(plain_plan(rules));
  Ours folded(folded_plan(rules));
  Ours full(planned);
  const std::vector<std::vector<Sample>> groups = groups_of(0);
  std::vector<std::vector<Sample>> fresh(groups.size());
  for (int variant = 1; variant <= kVariants; ++variant) {
    std::vector<std::vector<Sample>> more = groups_of(variant);
    for (std::size_t i = 0; i < more.size(); ++i) {
      if (fresh[i].size() >= kVariants ||
          more[i].front().body.size() * fresh[i].size() > kMostBytes) {
        continue;
      }
      std::ranges::move(more[i], std::back_inserter(fresh[i]));
    }
  }
  if (rounds < 0) {  // only ours, for a profiler
    const auto which = static_cast<std::size_t>(-rounds - 1);
    const std::vector<Sample>& group = which < 100 ? groups.at(which) : fresh.at(which - 100);
    const double begin = thread_seconds();
    while (thread_seconds() - begin < 5) {
      for (const Sample& sample : group) (void)full.run(sample);
    }
    return 0;
  }
  std::printf("%-16s %12s %10s %10s %10s %10s %8s %8s %8s %8s\n", "requests", "modsec us", "plain",
              "folded", "planned", "fresh", "ratio", "(fresh)", "(fold)", "(plain)");
  for (std::size_t which = 0; which < groups.size(); ++which) {
    const std::vector<Sample>& group = groups[which];
    std::array<std::vector<double>, 5> times;
    for (int round = 0; round < rounds; ++round) {
      auto measure = [&](std::size_t who, auto& engine, const std::vector<Sample>& samples,
                         int repeats) {
        const double begin = thread_seconds();
        for (int i = 0; i < repeats; ++i) {
          for (const Sample& sample : samples) (void)engine.run(sample);
        }
        times.at(who).push_back((thread_seconds() - begin) * 1e6 / repeats /
                                static_cast<double>(samples.size()));
      };
      measure(0, reference, group, 3);
      measure(1, plain, group, 20);
      measure(2, folded, group, 20);
      measure(3, full, group, 100);
      measure(4, full, fresh[which], 1);
    }
    std::array<double, 5> median{};
    for (std::size_t i = 0; i < median.size(); ++i) {
      std::ranges::sort(times.at(i));
      median.at(i) = times.at(i)[times.at(i).size() / 2];
    }
    std::printf("%-16s %12.1f %10.1f %10.1f %10.1f %10.1f %8.1f %8.1f %8.1f %8.1f\n",
                group.front().name.c_str(), median[0], median[1], median[2], median[3], median[4],
                median[0] / median[3], median[0] / median[4], median[0] / median[2],
                median[0] / median[1]);
    const Ids theirs = reference.run(group.front());
    const Ids mine = full.run(group.front());
    if (theirs != mine) {
      std::printf("  verdicts differ: theirs %s, ours %s\n", text_of(theirs).c_str(),
                  text_of(mine).c_str());
    }
  }
  return 0;
}

// What each rule takes.
class RuleTimes : public Observer {
 public:
  void begins(const Rule& rule, const Link& /*link*/, std::string_view /*argument*/) override {
    current_ = rule.id;
    begun_ = thread_seconds();
  }
  void decided(const Rule& rule, const Link& /*link*/, bool /*matched*/) override {
    if (rule.id == current_) times_[rule.id] += thread_seconds() - begun_;
  }
  // The dearest, with their milliseconds.
  [[nodiscard]] std::string text() const {
    std::vector<std::pair<double, std::int64_t>> sorted;
    for (const auto& [id, seconds] : times_) sorted.emplace_back(seconds, id);
    std::ranges::sort(sorted, std::greater<>());
    std::string all;
    for (std::size_t i = 0; i < std::min<std::size_t>(sorted.size(), 4); ++i) {
      std::array<char, 48> buffer{};
      std::snprintf(buffer.data(), buffer.size(), " %lld:%.2f",
                    static_cast<long long>(sorted[i].second), sorted[i].first * 1e3);
      all += buffer.data();
    }
    return all;
  }

 private:
  std::int64_t current_ = 0;
  double begun_ = 0;
  std::map<std::int64_t, double> times_;
};

std::size_t bytes_of(const Sample& sample) {
  std::size_t bytes = sample.uri.size() + sample.body.size();
  for (const auto& [name, value] : sample.headers) bytes += name.size() + value.size();
  return bytes;
}

// By what the request may cost.
double cost_of(Ours& engine, const Sample& sample, const WorkAllowance& allowance) {
  const double allowed =
      static_cast<double>(allowance.at_all) +
      static_cast<double>(allowance.for_byte) * static_cast<double>(bytes_of(sample));
  const double begin = thread_seconds();
  (void)engine.run(sample);
  return (thread_seconds() - begin) * 1e9 / allowed;
}

void print_worst(Ours& engine, const char* name, double cost, const WorkAllowance& allowance,
                 const corpus::Recipe& recipe) {
  const Sample sample = corpus::Hostile::sample(recipe);
  const std::size_t bytes = bytes_of(sample);
  const double milliseconds =
      cost *
      static_cast<double>(allowance.at_all +
                          allowance.for_byte * static_cast<std::int64_t>(bytes)) /
      1e6;
  RuleTimes times;
  (void)engine.run(sample, &times);
  std::string parts;
  for (const std::string& part : recipe.parts) {
    parts += " \"";
    text::append_json_escaped(parts, std::string_view(part).substr(0, 60));
    parts += part.size() > 60 ? "...\"" + std::to_string(part.size()) : "\"";
  }
  std::printf(
      "%-8s %-15s %5.2f of what it may take: %.2f ms for %zu bytes (%zu values, %s, disguise "
      "%u)%s\n%26srules, ms:%s\n",
      name, std::string(corpus::kShapes.at(recipe.shape)).c_str(), cost, milliseconds, bytes,
      recipe.values, recipe.shuffled ? "shuffled" : "in order", recipe.disguise, parts.c_str(), "",
      times.text().c_str());
  std::fflush(stdout);
}

int worst(const std::string& folder, int paranoia, int seconds, unsigned seed) {
  std::shared_ptr<const RuleSet> rules = load_ours(sources(folder, paranoia));
  std::vector<std::string> patterns, words;
  for (const std::deque<Rule>& phase : rules->phases) {
    for (const Rule& rule : phase) {
      for (const Link& link : rule.chain) {
        if (link.op == nullptr) continue;
        if (link.operator_name == "rx") patterns.emplace_back(link.argument.source());
        if (const auto* phrases = link.op->phrases()) {
          words.insert(words.end(), phrases->begin(), phrases->end());
        }
      }
    }
  }
  std::printf("%zu patterns, %zu phrases\n", patterns.size(), words.size());
  Ours full(make_full(rules));
  Ours plain(plain_plan(rules));
  struct Worst {
    double cost = 0;
    corpus::Recipe recipe;
  };
  auto search = [&](Ours& engine, const char* name, const WorkAllowance& allowance) {
    corpus::Hostile hostile(seed, patterns, words);
    std::array<Worst, corpus::kShapes.size()> found;
    const double begin = thread_seconds();
    std::size_t tried = 0;
    for (; thread_seconds() - begin < seconds; ++tried) {
      const std::size_t shape = tried % found.size();
      Worst& best = found.at(shape);
      corpus::Recipe recipe = best.cost == 0 || hostile.pick(3) == 0 ? hostile.fresh(shape)
                                                                     : hostile.changed(best.recipe);
      const Sample sample = corpus::Hostile::sample(recipe);
      double cost = cost_of(engine, sample, allowance);
      // Once more, for what disturbed the first measurement.
      if (cost > best.cost) cost = std::min(cost, cost_of(engine, sample, allowance));
      if (cost > best.cost) best = {.cost = cost, .recipe = std::move(recipe)};
    }
    std::printf("%s: %zu requests tried\n", name, tried);
    for (const Worst& each : found) print_worst(engine, name, each.cost, allowance, each.recipe);
  };
  search(full, "planned", kPlannedWork);
  search(plain, "plain", kPlainWork);
  return 0;
}

}  // namespace
}  // namespace sallyport::seclang

int main(int argc, char** argv) {
  using namespace sallyport::seclang;
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() >= 4 && arguments[0] == "verdicts") {
    return verdicts(arguments[1], std::atoi(arguments[2].c_str()),
                    {arguments.begin() + 3, arguments.end()});
  }
  if (arguments.size() >= 3 && arguments[0] == "detection") {
    return detection(arguments[1], {arguments.begin() + 2, arguments.end()});
  }
  if (arguments.size() >= 3 && arguments[0] == "cost") {
    return cost(arguments[1], std::atoi(arguments[2].c_str()),
                arguments.size() > 3 ? std::atoi(arguments[3].c_str()) : 7);
  }
  if (arguments.size() >= 3 && arguments[0] == "worst") {
    return worst(arguments[1], std::atoi(arguments[2].c_str()),
                 arguments.size() > 3 ? std::atoi(arguments[3].c_str()) : 60,
                 arguments.size() > 4 ? static_cast<unsigned>(std::atoi(arguments[4].c_str())) : 1);
  }
  std::fprintf(stderr,
               "usage: verdicts_oracle verdicts RULES PARANOIA FILE.jsonl...\n"
               "       verdicts_oracle detection RULES FILE.jsonl...\n"
               "       verdicts_oracle cost RULES PARANOIA [ROUNDS]\n"
               "       verdicts_oracle worst RULES PARANOIA [SECONDS [SEED]]\n");
  return 2;
}
