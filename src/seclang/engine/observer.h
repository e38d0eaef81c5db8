// Someone who watches an evaluation: what a rule looked at and what came of it. For tools and
// tests; a transaction without one pays a null check.
#pragma once

#include <string_view>

#include "seclang/bodies/body.h"
#include "seclang/ruleset.h"

namespace sallyport::seclang {

class Observer : public BodyObserver {
 public:
  virtual void begins(const Rule& /*rule*/, const Link& /*link*/, std::string_view /*argument*/) {}
  virtual void transformed(const Transformation& /*by*/, std::string_view /*result*/) {}
  // `name` as "ARGS:id", `text` as the operator gets it.
  virtual void looks_at(std::string_view /*name*/, std::string_view /*text*/) {}
  virtual void decided(const Rule& /*rule*/, const Link& /*link*/, bool /*matched*/) {}
  virtual void captured(std::size_t /*group*/, std::string_view /*text*/) {}
  virtual void saved(std::string_view /*name*/, std::string_view /*value*/) {}
  virtual void says(std::string_view /*message*/) {}
  virtual void tagged(std::string_view /*tag*/) {}
  virtual void controlled(const Control& /*control*/) {}
  virtual void set_environment(std::string_view /*name*/, std::string_view /*value*/) {}
  // A regular expression gave up.
  virtual void limited(const Link& /*link*/) {}
  // The rule was left out: another one removed it or skipped it.
  virtual void removed(const Rule& /*rule*/) {}
  virtual void skipped(const Rule& /*rule*/) {}
  // There are more arguments than SecArgumentsLimit lets in.
  virtual void too_many_arguments() {}
  // Because of this rule the rest of the phase, or more, is left out.
  virtual void allowed(const Rule& /*rule*/) {}
};

}  // namespace sallyport::seclang
