// What upstreams need besides requests: names looked up again, health probes. Runs on one reactor
// that serves no traffic.
#pragma once

#include <memory>
#include <vector>

#include "async/background.h"
#include "async/reactor.h"
#include "async/task.h"
#include "upstream/upstream.h"

namespace sallyport::upstream {

class Care {
 public:
  Care(async::Reactor& reactor, async::Background& background);
  Care(const Care&) = delete;
  Care& operator=(const Care&) = delete;
  ~Care();

  // Looks up every name of these upstreams, blocking up to a few seconds: for start-up and for the
  // background, before a configuration goes live. A name that cannot be resolved is a sentence in
  // the result, not a failure: it is tried again.
  [[nodiscard]] static std::vector<std::string> resolve_now(
      const std::vector<std::shared_ptr<Upstream>>& upstreams);

  // The upstreams in force from now on; care for others ends.
  void set(const std::vector<std::shared_ptr<Upstream>>& upstreams);
  void stop() { set({}); }

 private:
  struct Ward;  // one upstream under care
  async::Detached refresh_name(std::shared_ptr<Ward> ward, std::size_t endpoint);
  async::Detached probe_all(std::shared_ptr<Ward> ward);
  async::Detached probe(std::shared_ptr<Ward> ward, std::shared_ptr<Endpoint> endpoint);

  async::Reactor& reactor_;
  async::Background& background_;
  std::vector<std::shared_ptr<Ward>> wards_;
};

}  // namespace sallyport::upstream
