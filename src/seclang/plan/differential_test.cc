// The plan with its scanner against plain evaluation of every rule, on every corpus there is: rules
// that match, scores and the end of the transaction have to be the same. (The Core Rule Set's own
// regression tests: cli/waf/differential_test.cc, as they are YAML.)
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "seclang/parser/load.h"
#include "seclang/plan/plan.h"
#include "seclang/test_differential.h"
#include "seclang/test_payloads.h"

namespace sallyport::seclang {
namespace {

using corpus::Json;

std::filesystem::path part(std::string_view name) { return corpus::folder().parent_path() / name; }

std::string lines(const Json* array) {
  std::string all;
  if (array == nullptr) return all;
  if (array->kind != Json::Kind::array) return array->text;
  for (const Json& line : array->items) all += line.text + "\n";
  if (!all.empty()) all.pop_back();
  return all;
}

OwnedFields fields(const Json* object) {
  OwnedFields all;
  if (object == nullptr) return all;
  for (std::size_t i = 0; i < object->keys.size(); ++i) {
    all.emplace_back(object->keys[i], object->items[i].text);
  }
  return all;
}

// A case of the corpus as an exchange.
Recording recording_of(const Json& test) {
  static const Json kNothing;
  auto member = [&](std::string_view name) -> const Json& {
    const Json* found = test.find(name);
    return found != nullptr ? *found : kNothing;
  };
  const Json& request = member("request");
  const Json& response = member("response");
  Recording recording = corpus::recording_of({.name = {},
                                              .method = std::string(request["method"]),
                                              .uri = std::string(request["uri"]),
                                              .headers = fields(request.find("headers")),
                                              .body = lines(request.find("body"))});
  recording.client = member("client")["ip"];
  recording.server = member("server")["ip"];
  if (!request["http_version"].empty()) recording.version = request["http_version"];
  if (!response["protocol"].empty()) recording.response_protocol = response["protocol"];
  recording.response_headers = fields(response.find("headers"));
  recording.response_body = lines(response.find("body"));
  return recording;
}

TEST(PlanDifferential, PayloadsMeetTheCoreRuleSet) {
  constexpr std::size_t kEach = 19;  // payload; a prime, so that each form meets each kind of them
  if (!std::filesystem::exists(part("waf-payloads")) || !std::filesystem::exists(part("crs"))) {
    GTEST_SKIP() << "skipped: no " << part("waf-payloads") << " or " << part("crs")
                 << " (set SALLYPORT_CORPORA)";
  }
  corpus::Differential differential(part("crs").string());
  std::size_t seen = 0;
  for (std::string_view file : {"attack.jsonl", "benign.jsonl"}) {
    corpus::for_each_payload(part("waf-payloads") / file, [&](const corpus::Payload& payload) {
      if (seen++ % kEach != 0) return;
      const int form = static_cast<int>(differential.compared() % corpus::kForms);
      differential.compare(payload.id, corpus::recording_of(corpus::carrying(payload.text, form)));
    });
  }
  EXPECT_GT(seen, 0U);
  EXPECT_EQ(differential.compared(), (seen + kEach - 1) / kEach);
  EXPECT_GT(differential.blocked(), 0U) << "nothing was found at all";
}

TEST(PlanDifferential, WholeTransactionsEndAlike) {
  const std::filesystem::path file = corpus::folder() / "regression.jsonl";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << "skipped: no " << file << " (set SALLYPORT_CORPORA)";
  }
  std::ifstream in(file);
  std::string line;
  std::size_t cases = 0;
  std::size_t compared = 0;
  while (std::getline(in, line)) {
    if (line.empty()) continue;
    ++cases;
    const Json test = corpus::JsonReader(line).read();
    auto rules = load({{.path = "corpus.conf", .text = lines(test.find("rules"))}});
    if (!rules) continue;  // what cannot be loaded cannot differ
    ++compared;
    corpus::Differential(*rules, Cache("")).compare(test["id"], recording_of(test));
  }
  EXPECT_GT(compared, cases / 2);
}

}  // namespace
}  // namespace sallyport::seclang
