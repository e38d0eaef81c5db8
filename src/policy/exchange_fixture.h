// For tests only: an exchange without a connection, bodies without a network, and a way to wait.
#pragma once

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "base/arena.h"
#include "base/text.h"
#include "http/message.h"
#include "policy/exchange.h"

namespace sallyport::testing {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  for (std::byte b : bytes) text += static_cast<char>(b);
  return text;
}

// Lets a coroutine wait until the test opens it; open at first when nobody has closed it.
class Gate {
 public:
  struct Wait {
    Gate* gate;
    [[nodiscard]] bool await_ready() const { return gate->open_; }
    void await_suspend(std::coroutine_handle<> waiter) const { gate->waiter_ = waiter; }
    void await_resume() const {}
  };
  void close() { open_ = false; }
  void open() {
    open_ = true;
    if (auto waiter = std::exchange(waiter_, nullptr)) waiter.resume();
  }
  [[nodiscard]] bool has_waiter() const { return waiter_ != nullptr; }
  [[nodiscard]] Wait pass() { return {this}; }

 private:
  bool open_ = true;
  std::coroutine_handle<> waiter_;
};

// A body in pieces. Counts how often it was asked; every piece but the first may wait at a gate.
class PiecesBody final : public http::Body {
 public:
  explicit PiecesBody(std::vector<std::string> pieces, Gate* gate = nullptr)
      : pieces_(std::move(pieces)), gate_(gate) {}

  Task<Result<http::BodyPiece>> next() override {
    if (asked_ > pieces_.size()) std::abort();  // asked again after the end
    if (gate_ != nullptr && asked_ > 0) co_await gate_->pass();
    std::size_t i = asked_++;
    if (failure_ != nullptr && i + 1 == pieces_.size()) co_return stop(*failure_);
    if (i >= pieces_.size()) co_return http::BodyPiece{.bytes = {}, .last = true};
    co_return http::BodyPiece{.bytes = bytes_of(pieces_[i]), .last = i + 1 == pieces_.size()};
  }
  // Fails in place of the last piece.
  void fail_with(const Reason& reason) { failure_ = &reason; }
  [[nodiscard]] std::size_t asked() const { return asked_; }

 private:
  std::vector<std::string> pieces_;
  Gate* gate_;
  const Reason* failure_ = nullptr;
  std::size_t asked_ = 0;
};

// An exchange over memory of its own. What is given as text is copied into the arena.
class ExchangeFixture {
 public:
  ExchangeFixture() : arena_(memory_), x(arena_) {
    request("GET", "/");
    x.response.status = 200;
    client("192.0.2.1");
  }

  ExchangeFixture& request(std::string_view method, std::string_view path,
                           std::string_view host = "api.example.com") {
    x.request.method = arena_.copy(method);
    x.request.method_id = http::method_id(method);
    x.request.path = arena_.copy(path);
    x.request.host = arena_.copy(host);
    x.request.authority = x.request.host;
    return *this;
  }
  ExchangeFixture& header(std::string_view name, std::string_view value) {
    x.request.headers.add(arena_.copy(name), arena_.copy(value));
    return *this;
  }
  ExchangeFixture& response_header(std::string_view name, std::string_view value) {
    x.response.headers.add(arena_.copy(name), arena_.copy(value));
    return *this;
  }
  ExchangeFixture& client(std::string_view address) {
    x.client.text = arena_.copy(address);
    if (auto parsed = net::Address::parse(address)) x.client.address = *parsed;
    return *this;
  }
  // `body` stays the caller's. Its length is known unless it is chunked.
  ExchangeFixture& body(http::Body& body, std::optional<std::uint64_t> length = {}) {
    x.request.body = &body;
    x.request.content_length = length;
    return *this;
  }
  // Values of every field of that name, joined as RFC 9110 5.3 joins them; "(none)" without any.
  static std::string values(const http::Headers& headers, std::string_view name) {
    std::optional<std::string> joined;
    for (const http::Field& field : headers) {
      if (field.removed || !text::equals_ignoring_case(field.name(), name)) continue;
      joined = joined ? *joined + ", " + std::string(field.value()) : std::string(field.value());
    }
    return joined.value_or("(none)");
  }
  [[nodiscard]] std::string request_values(std::string_view name) const {
    return values(x.request.headers, name);
  }
  [[nodiscard]] std::string response_values(std::string_view name) const {
    return values(x.response.headers, name);
  }

 private:
  std::array<std::byte, 4096> memory_;
  Arena arena_;

 public:
  Exchange x;
};

// The result of a task that must not have to wait.
template <typename T>
T now(Task<T> task) {
  if (!task.ready()) std::abort();
  return task.await_resume();
}

// "passed", or the code of the reason.
inline std::string code(const Verdict& verdict) {
  return verdict ? "passed" : std::string(verdict.error().reason->code);
}

// Everything a body yields, or "!CODE" where it fails. It must not have to wait.
inline std::string drain(http::Body& body) {
  std::string all;
  for (;;) {
    Result<http::BodyPiece> piece = now(body.next());
    if (!piece) return all + "!" + std::string(piece.error().reason->code);
    all += text_of(piece->bytes);
    if (piece->last) return all;
  }
}

}  // namespace sallyport::testing
