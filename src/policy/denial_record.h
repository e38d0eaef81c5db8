// Where requests that were refused for who asked (401, 403) are recorded, beside the log.
#pragma once

namespace sallyport {

struct Exchange;

class DenialRecord {
 public:
  virtual ~DenialRecord() = default;
  // The exchange is over. Any worker's thread; does not wait.
  virtual void note(const Exchange& x) = 0;
};

}  // namespace sallyport
