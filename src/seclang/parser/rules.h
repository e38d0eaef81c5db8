// SecRule, SecAction, SecDefaultAction and SecMarker: from directives to drafts.
#pragma once

#include "seclang/parser/draft.h"
#include "seclang/parser/report.h"

namespace sallyport::seclang {

// One for each file: a chain does not go on in another one.
class RuleReader {
 public:
  RuleReader(Drafts& drafts, Report& report) : drafts_(drafts), report_(report) {}

  void rule(const Directive& directive);
  void action(const Directive& directive);
  void marker(const Directive& directive);
  void defaults(const Directive& directive);
  // The end of the file, or of what stands before an Include: no chain may be open.
  void finish();

 private:
  void add(LinkDraft link, const Directive& directive);
  void start(LinkDraft link, const Directive& directive);
  void continue_chain(LinkDraft link);
  void parse_operator(const Word& word, LinkDraft& link);

  Drafts& drafts_;
  Report& report_;
  RuleDraft* chain_ = nullptr;  // that waits for its next link
};

}  // namespace sallyport::seclang
