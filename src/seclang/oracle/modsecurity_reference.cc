#include "seclang/oracle/modsecurity_reference.h"

#include <modsecurity/modsecurity.h>
#include <modsecurity/rule_message.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace sallyport::seclang::oracle {

struct Reference::Library {
  modsecurity::ModSecurity library;
  modsecurity::RulesSet rules;
};

Reference::Reference() : library_(std::make_unique<Library>()) {
  library_->library.setServerLogCb([](void*, const void*) {}, modsecurity::RuleMessageLogProperty);
}
Reference::~Reference() = default;

void Reference::load(const std::string& path, const std::string& text) {
  const int loaded =
      text.empty() ? library_->rules.loadFromUri(path.c_str()) : library_->rules.load(text.c_str());
  if (loaded >= 0) return;
  std::fprintf(stderr, "libmodsecurity: %s\n", library_->rules.getParserError().c_str());
  std::exit(2);
}

Ids Reference::run(const Sample& sample) {
  modsecurity::Transaction t(&library_->library, &library_->rules, nullptr);
  t.processConnection("192.0.2.1", 12345, "198.51.100.1", 443);
  t.processURI(sample.uri.c_str(), sample.method.c_str(), "1.1");
  for (const auto& [name, value] : sample.headers) t.addRequestHeader(name, value);
  t.processRequestHeaders();
  if (!sample.body.empty()) {
    t.appendRequestBody(reinterpret_cast<const unsigned char*>(sample.body.data()),
                        sample.body.size());
  }
  t.processRequestBody();
  t.addResponseHeader("Content-Type", "application/json");
  t.processResponseHeaders(200, "HTTP/1.1");
  t.processResponseBody();
  t.processLogging();
  Ids ids;
  for (const auto& message : t.m_rulesMessages) ids.push_back(message.m_ruleId);
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

}  // namespace sallyport::seclang::oracle
