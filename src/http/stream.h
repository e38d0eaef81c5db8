// One request and its answer on a connection, HTTP/1 server side: reads the head and the body,
// writes the answer, watches the request's clock, and tells its connection when it must end.
//
// One thread; a stream is gone when its connection yields the next one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "async/frame_pool.h"
#include "async/task.h"
#include "async/timer.h"
#include "base/arena.h"
#include "http/body_reader.h"
#include "http/head_parser.h"
#include "http/message.h"

namespace sallyport::http {

class Connection;  // NOLINT(*-virtual-class-destructor): final where it is defined

// Something that can be told to give up: the way to the upstream while a client waits for it.
class Cancellable {
 public:
  // `error` is an errno: ECANCELED when the client left, ETIMEDOUT when the request took too long.
  virtual void cancel(int error) = 0;

 protected:
  ~Cancellable() = default;
};

// One request and its answer on a connection, with the memory both live in.
class Stream final : public Body {
 public:
  explicit Stream(Connection& connection);
  ~Stream() override = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  static void* operator new(std::size_t size) { return async::FramePool::allocate(size); }
  static void operator delete(void* p, std::size_t size) { async::FramePool::release(p, size); }

  [[nodiscard]] Arena& arena() { return arena_; }

  // Reads and parses the head. After an error the connection can only carry one answer and close.
  Task<Result<Request>> read_head();

  // The request body; attached to the request when there is one.
  Task<Result<BodyPiece>> next() override;
  Task<bool> available_within(std::chrono::milliseconds time) override;
  [[nodiscard]] const Headers* trailers() const override { return body_.trailers(); }

  // Writes the answer, body included, or tunnels after a 101. To be called once, and once more when
  // the body failed before anything was sent (`response_started` is false then).
  Task<Result<Done>> write(Response& response);
  // An interim response (RFC 9110 15.2): 103 and the like. Status and fields only.
  Task<Result<Done>> write_interim(const Response& response);

  // Whom to cancel when the client leaves or the request's time is over; null: nobody.
  void on_client_gone(Cancellable* cancellable);
  // The whole request must be over in this time.
  void limit_time(async::TimerList& list) { deadline_.arm(list); }
  [[nodiscard]] bool out_of_time() const { return out_of_time_; }
  // Ends a wait for request body bytes, so that whoever reads them can be joined.
  void stop_reading();

  [[nodiscard]] std::uint64_t bytes_in() const { return head_bytes_ + body_.bytes(); }
  [[nodiscard]] std::uint64_t bytes_out() const { return bytes_out_; }
  [[nodiscard]] bool response_started() const { return response_started_; }

 private:
  friend class Connection;
  struct Deadline : async::Timer {
    explicit Deadline(Stream* stream) : Timer(&Deadline::fire), owner(stream) {}
    static void fire(Timer& timer) { static_cast<Deadline&>(timer).owner->time_is_over(); }
    Stream* owner;
  };

  Task<Result<Request>> read_more_head();
  Result<Request> parse(std::size_t head_size);
  Task<Result<BodyPiece>> read_more_body();
  Task<bool> wait_readable(std::chrono::milliseconds time);
  Task<Result<Done>> send_continue();
  Task<Result<Done>> write_body(Response& response, char* head, std::size_t head_size,
                                bool chunked);
  Task<Result<BodyPiece>> keep_piece(Task<Result<BodyPiece>> coming, const bool& sending);
  Task<Result<Done>> write_bodiless(char* head, std::size_t size);
  Task<Result<Done>> write_and_tunnel(Response& response);
  void discard_request_body();
  // Leaves the input behind this request; nobody uses a piece of its body any more.
  void finish() { body_.finish_piece(); }
  void time_is_over();
  char* write_head(char* out, const Response& response, bool has_body, bool chunked);
  [[nodiscard]] std::optional<std::uint64_t> announced_length(const Response& response,
                                                              bool has_body) const;
  [[nodiscard]] bool too_slow() const;
  Result<Done> fail_send(int error);

  static constexpr std::size_t kFirstBlock = 3200;

  Connection& connection_;
  Arena arena_;
  HeadScanner scanner_;
  BodyReader body_;
  Deadline deadline_;
  Cancellable* cancellable_ = nullptr;
  std::uint64_t head_bytes_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::uint64_t waited_for_body_ = 0;  // milliseconds
  Version version_ = Version::http_1_1;
  bool has_body_ = false;
  bool head_request_ = false;
  bool keep_alive_ = false;  // until a good head says otherwise
  bool expects_continue_ = false;
  bool response_started_ = false;
  bool out_of_time_ = false;
  bool body_failed_ = false;
  bool body_asked_for_ = false;
  alignas(16) std::byte first_block_[kFirstBlock];  // NOLINT(*-avoid-c-arrays)
};

}  // namespace sallyport::http
