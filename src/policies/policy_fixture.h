// For tests only: a policy made from its block as a configuration file would make it, in a pipeline
// of its own.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/all.h"
#include "policy/exchange_fixture.h"
#include "policy/pipeline.h"
#include "policy/registry.h"
#include "schema/context.h"
#include "schema/diagnostics.h"
#include "schema/node.h"

namespace sallyport::testing {

// Reads well-formed JSON; a mistake in it is the test's and aborts. "${=TEXT}" is a reference to a
// secret that was resolved already, to TEXT.
class JsonReader {
 public:
  static schema::Node read(std::string_view json) {
    JsonReader reader(json);
    schema::Node node = reader.value();
    if (!reader.rest_.empty()) std::abort();
    return node;
  }

 private:
  explicit JsonReader(std::string_view json) : rest_(json) {}

  char peek() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n'))
      rest_.remove_prefix(1);
    if (rest_.empty()) std::abort();
    return rest_.front();
  }
  bool take(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string string() {
    if (!take('"')) std::abort();
    std::string text;
    while (rest_.front() != '"') {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    rest_.remove_prefix(1);
    return text;
  }
  schema::Node value() {
    schema::Node node;
    if (peek() == '"') {
      std::string text = string();
      const bool secret = text.starts_with("${=") && text.ends_with('}');
      node = schema::Node::scalar(secret ? text.substr(3, text.size() - 4) : text);
      node.quoted = true;
      if (secret) node.origin = "${env:TEST}";
    } else if (take('{')) {
      node.kind = schema::Node::Kind::map;
      while (!take('}')) {
        std::string key = string();
        if (!take(':')) std::abort();
        node.entries.push_back({.key = std::move(key), .key_mark = {}, .value = value()});
        if (peek() != '}' && !take(',')) std::abort();
      }
    } else if (take('[')) {
      node.kind = schema::Node::Kind::sequence;
      while (!take(']')) {
        node.items.push_back(value());
        if (peek() != ']' && !take(',')) std::abort();
      }
    } else {
      std::size_t end = rest_.find_first_of(",}] \n");
      node = schema::Node::scalar(std::string(rest_.substr(0, end)));
      rest_.remove_prefix(node.text.size());
    }
    return node;
  }

  std::string_view rest_;
};

class PolicyFixture {
 public:
  // The registered policy `name`, made from `block` (JSON).
  PolicyFixture(std::string_view name, std::string_view block, schema::LoadScope* scope = nullptr)
      : PolicyFixture(name, JsonReader::read(block), scope) {}
  PolicyFixture(std::string_view name, const schema::Node& block,
                schema::LoadScope* scope = nullptr) {
    std::vector<PolicyType> types = policies::all();
    const PolicyType* type = find_policy(types, name);
    if (type == nullptr) std::abort();
    schema::Diagnostics diagnostics;
    schema::Context context(diagnostics, std::string(name), scope);
    MadePolicy made = type->make(block, context);
    errors = diagnostics.to_text();
    if (made.policy == nullptr) return;
    pipeline = Pipeline({{.name = type->name,
                          .stage = type->stage,
                          .policy = made.policy,
                          .monitor = made.monitor,
                          .on_request = type->on_request,
                          .on_request_body = type->on_request_body,
                          .on_response = type->on_response,
                          .on_response_body = type->on_response_body}});
  }

  // Ask the policy about an exchange: "passed" or the code of the reason.
  std::string request(ExchangeFixture& f) const { return code(now(pipeline.on_request(f.x))); }
  std::string response(ExchangeFixture& f) const { return code(now(pipeline.on_response(f.x))); }

  std::string errors;  // what was wrong with the block; empty: it was made
  Pipeline pipeline;
};

}  // namespace sallyport::testing
