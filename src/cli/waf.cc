// `sallyport waf`: the rules of the WAF, without a gateway around them.
#include "cli/command.h"
#include "cli/commands.h"

namespace sallyport::cli {

void add_waf(CLI::App& app, Session& session) {
  CLI::App& family = add_family(app, "waf", "Try and test WAF rules",
                                {"sallyport waf test --rules coreruleset '/?id=1 or 1=1'",
                                 "sallyport waf rules --rules coreruleset"});
  add_waf_test(family, session);
  add_waf_ftw(family, session);
  add_waf_rules(family, session);
}

}  // namespace sallyport::cli
