// One exchange's way to its upstream: a connection, the request on it, the response from it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>

#include "async/frame_pool.h"
#include "async/task.h"
#include "http/body_reader.h"
#include "http/head_parser.h"
#include "http/stream.h"
#include "policy/exchange.h"
#include "upstream/upstreams.h"

namespace sallyport::upstream {

class Call final : public UpstreamCall, public http::Body, public http::Cancellable {
 public:
  Call(Upstreams& upstreams, LocalUpstream& local, Exchange& x);
  ~Call() override;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  static void* operator new(std::size_t size) { return async::FramePool::allocate(size); }
  static void operator delete(void* p, std::size_t size) { async::FramePool::release(p, size); }

  // Sends the request; returns with the response head.
  Task<Result<http::Response>> run();

  // The response body.
  Task<Result<http::BodyPiece>> next() override;
  void pace(bool slow) override;
  [[nodiscard]] const http::Headers* trailers() const override {
    return reader_ ? reader_->trailers() : nullptr;
  }

  void cancel(int error) override;
  Task<Done> finish() override;

 private:
  // The request body as far as it is held before anything is sent.
  struct FirstPart {
    std::span<const std::byte> bytes;
    bool last = true;
    bool held = false;  // in the arena: can be sent twice
  };

  Task<Result<Done>> take_first_part();
  Task<Result<Done>> gather();
  void pin_first_part();
  Task<Result<Done>> connect(Pool& pool);
  Task<Result<Done>> send_request();
  Task<Result<Done>> pump_body();
  Task<Result<http::Response>> read_response();
  Result<http::Response> accept(http::ParsedResponse& parsed);
  Task<Result<http::BodyPiece>> read_more();
  Result<Done> failure(int error, const Reason& timeout, const Reason& otherwise);
  [[nodiscard]] bool may_retry(bool nothing_sent) const;
  void leave_endpoint();
  [[nodiscard]] async::TimerList& response_timeout() const;

  Upstreams& upstreams_;
  LocalUpstream& local_;
  Exchange& x_;
  Pool* pool_ = nullptr;
  std::unique_ptr<Connection> connection_;
  FirstPart first_;
  std::optional<Task<Result<Done>>> pump_;
  std::optional<http::BodyReader> reader_;
  std::string_view head_;  // of the request, written once
  bool chunked_ = false;
  bool keep_alive_ = false;
  bool complete_ = false;  // the response body has been handed out whole
  bool answered_ = false;  // a byte of the response has come
  bool failed_ = false;
  int cancelled_ = 0;
};

}  // namespace sallyport::upstream
