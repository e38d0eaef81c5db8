// A body that is there whole. It keeps no copy: the bytes must outlive it.
#pragma once

#include <span>
#include <string_view>

#include "http/message.h"

namespace sallyport::http {

class BytesBody final : public Body {
 public:
  explicit BytesBody(std::string_view bytes) : bytes_(bytes) {}
  Task<Result<BodyPiece>> next() override {
    return BodyPiece{.bytes = std::as_bytes(std::span(bytes_)), .last = true};
  }

 private:
  std::string_view bytes_;
};

}  // namespace sallyport::http
