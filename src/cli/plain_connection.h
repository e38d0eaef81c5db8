// A blocking connection without TLS, for commands that talk to a gateway.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::cli {

class PlainConnection {
 public:
  PlainConnection() = default;
  PlainConnection(const PlainConnection&) = delete;
  PlainConnection& operator=(const PlainConnection&) = delete;
  ~PlainConnection();

  // A name is looked up. False with `error`.
  bool open(const std::string& host, std::uint16_t port, std::string& error);
  bool send_all(std::string_view text);
  // Appends what comes next. False: the peer has ended, it broke, or nothing came in time.
  bool receive(std::string& into, std::chrono::milliseconds patience);
  // Everything up to the end of the connection, at most `most` bytes. False: it ended badly, or
  // nothing came for `patience`.
  bool receive_all(std::string& into, std::size_t most, std::chrono::milliseconds patience);

 private:
  enum class Received : unsigned char { some, end, failed };
  Received receive_some(std::string& into, std::chrono::milliseconds patience);

  int fd_ = -1;
};

}  // namespace sallyport::cli
