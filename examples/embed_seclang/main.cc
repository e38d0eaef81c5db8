// The rule engine without the gateway: loads a rule, shows it a request, says what it makes of it.
#include <array>
#include <cstdio>

#include "base/arena.h"
#include "seclang/engine/transaction.h"
#include "seclang/parser/load.h"

namespace seclang = sallyport::seclang;

int main(int argc, char** argv) {
  auto rules = seclang::load({{.path = "inline.conf",
                               .text = "SecRuleEngine On\n"
                                       "SecRule ARGS \"@rx (?i)union\\s+select\" "
                                       "\"id:1,phase:2,deny,status:403,t:urlDecodeUni,"
                                       "msg:'SQL injection'\""}});
  if (!rules) {
    const seclang::LoadError& error = rules.error().front();
    std::fprintf(stderr, "%s:%u: %s\n", error.file.c_str(), error.line, error.message.c_str());
    return 2;
  }
  std::array<std::byte, 4096> memory;
  sallyport::Arena arena(memory);
  seclang::SharedCollections shared;
  seclang::Transaction transaction(**rules, shared, arena, {.unique_id = "1"});
  transaction.set_connection("192.0.2.1", 40000, "198.51.100.1", 80);
  transaction.set_request("GET", argc > 1 ? argv[1] : "/?q=1+union+select+2", "1.1");
  transaction.add_request_header("Host", "example.com");
  transaction.request_headers();
  transaction.request_body();
  for (const seclang::Match& match : transaction.matches()) {
    std::printf("rule %lld: %.*s\n", static_cast<long long>(match.rule->id),
                static_cast<int>(match.message.size()), match.message.data());
  }
  std::printf("%d\n", transaction.intervention() ? transaction.intervention()->status : 200);
}
