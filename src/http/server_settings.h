// What a server connection needs to know of the configuration, with its timeouts resolved to the
// timer lists of one worker.
#pragma once

#include <cstdint>
#include <memory>

#include "async/timer.h"
#include "http/head_parser.h"
#include "http/limits.h"

namespace sallyport::http {

struct ServerSettings {
  Limits limits;
  Underscores underscores = Underscores::drop;
  bool merge_slashes = false;
  std::uint64_t min_body_rate = 0;       // bytes per second; 0: any
  std::uint64_t body_grace_ms = 30'000;  // before the rate counts
  async::TimerList* header;
  async::TimerList* body;
  async::TimerList* send;
  async::TimerList* idle;
  async::TimerList* half_closed;
  async::TimerList* linger;      // how long a closing connection is drained
  async::TimerList* drain_idle;  // how long a connection may stay idle while draining
  async::TimerList* tunnel_idle;
  async::TimerList* tunnel_lifetime;  // null: no limit
};

// Where a connection looks up the settings for its next request.
class SettingsSource {
 public:
  // Replaces `mine` if the configuration has changed since.
  virtual void refresh(std::shared_ptr<const ServerSettings>& mine) = 0;
  [[nodiscard]] virtual bool draining() const = 0;

 protected:
  ~SettingsSource() = default;
};

}  // namespace sallyport::http
