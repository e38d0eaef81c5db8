// What a policy is: a class with up to four hooks that look at an exchange and answer with a
// verdict. Nothing in its reach can write to the client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "policy/trail.h"

namespace sallyport {

struct Exchange;

// The order in which policies see a request; the response passes them in reverse.
enum class Stage : std::uint8_t {
  admission,
  authentication,
  limits,
  authorization,
  contract,
  inspection,
  transform,
};

// How a policy looks at one body.
struct BodyWish {
  enum class Look : std::uint8_t {
    none,       // not at all: its hook is not called
    beginning,  // at so many bytes; a longer body goes on, and the policy is told
    whole,      // at all of it; a longer body is refused
  };
  Look look = Look::whole;
  std::size_t bytes = 0;
};

// A path that a policy answers itself.
struct OwnPath {
  std::string path;
  std::vector<std::string> methods;
  // What is served there. APIs of one host may have the path in common if that is the same: any of
  // their policies answers for all. Empty: nobody else may have it.
  std::string served = {};
};

// A policy lets the exchange go on (`pass()`) or ends it (`stop(reason)`). It never writes to the
// client: rendering, counting, logging, the decision trail and monitor mode are the pipeline's
// business.
//
// One instance serves every request of its route, from every thread: hooks are const. Which hooks
// a class overrides is known when the pipeline is built; the others cost nothing.
//
// There are two ways to look at a body. Held back: override `on_request_body` (or
// `on_response_body`) and `body_limit` or `body_wish`; the pipeline collects up to that many bytes
// into `Exchange::request_body` (`response_body`) first. Streaming: in `on_request`
// (`on_response`), put a Body of one's own, made in the exchange's arena, in front of
// `x.request.body`; its errors end the exchange.
class Policy {
 public:
  virtual ~Policy() = default;
  virtual Task<Verdict> on_request(Exchange&) const { return pass(); }
  virtual Task<Verdict> on_request_body(Exchange&) const { return pass(); }
  virtual Task<Verdict> on_response(Exchange&) const { return pass(); }
  virtual Task<Verdict> on_response_body(Exchange&) const { return pass(); }

  // Bytes of a body this policy is ready to look at as a whole; a longer body is refused.
  [[nodiscard]] virtual std::size_t body_limit() const { return std::size_t{1} << 20; }
  // The same for one body of one exchange, whose head has been judged by then. Must not throw.
  [[nodiscard]] virtual BodyWish body_wish(const Exchange& /*x*/, Phase /*phase*/) const {
    return {.look = BodyWish::Look::whole, .bytes = body_limit()};
  }
  // True for the policy that answers CORS preflights: such requests are routed by the method
  // they ask about.
  [[nodiscard]] virtual bool answers_preflight() const { return false; }
  // Paths that this policy answers itself, beside those of the API it protects: requests for them,
  // at the API's hosts, get a route with the API's policies.
  [[nodiscard]] virtual std::vector<OwnPath> own_paths() const { return {}; }
};

}  // namespace sallyport
