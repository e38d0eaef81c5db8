// The store of callers: consumers, their credentials, and what was revoked.
//
// One thread of its own does everything that touches the database; nobody else ever waits for it
// unless he wants to. Workers ask the view in memory (callers()), which holds what was committed
// before the change was acknowledged, and which goes on serving when the database does not.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "store/connection.h"
#include "store/records/admin_tokens.h"
#include "store/records/api_keys.h"
#include "store/records/clients.h"
#include "store/records/config_revisions.h"
#include "store/records/consumers.h"
#include "store/records/revocations.h"
#include "store/records/sealed_tables.h"
#include "store/records/signing_keys.h"
#include "store/view/caller_directory.h"

namespace sallyport::store {

// What a piece of work may use, in one transaction of its own.
struct Session {
  explicit Session(Work& work)
      : consumers(work),
        keys(work),
        clients(work),
        revocations(work),
        signing_keys(work),
        admin_tokens(work),
        config_revisions(work),
        work_(work) {}
  const Consumers consumers;
  const ApiKeys keys;
  const Clients clients;
  const Revocations revocations;
  const SigningKeys signing_keys;
  const AdminTokens admin_tokens;
  const ConfigRevisions config_revisions;

  // Unix milliseconds, the same for all of the transaction.
  [[nodiscard]] std::int64_t now() const { return work_.now; }
  // Seals under the current master key what a former one sealed; how many secrets there were.
  [[nodiscard]] Outcome<std::uint64_t> reseal() const {
    return reseal_all(work_.database, work_.ring);
  }

 private:
  Work& work_;
};

struct StoreHealth {
  bool up = true;
  std::string error;        // why it is not up, or was not last
  std::int64_t since = 0;   // when it came to be up or not: Unix milliseconds
  std::size_t waiting = 0;  // pieces of work
};

struct StoreOptions {
  std::chrono::milliseconds tick{1000};            // between looks at the database's health
  std::chrono::milliseconds use_interval{30'000};  // between writes of last-used times
};

class Store {
 public:
  // Opens the SQLite file at `path`, made if it is not there, and reads the view.
  [[nodiscard]] static Outcome<std::unique_ptr<Store>> open(const std::string& path, KeyRing ring,
                                                            StoreOptions options = {});
  [[nodiscard]] static Outcome<std::unique_ptr<Store>> open(DatabaseSource source, KeyRing ring,
                                                            StoreOptions options = {});
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  // Finishes the work it was given.
  ~Store();

  // Any thread. `work` takes a Session& and returns an Outcome; it runs on the store's thread, in a
  // transaction, which is committed unless it fails; with `busy` it is run again, some times. Then
  // `done` gets its outcome, on the store's thread too: to be brief, and to post what is long. By
  // then every worker of this process sees what changed.
  template <typename F, typename D>
  void run(F work, D done) {
    using Result = std::invoke_result_t<F&, Session&>;
    auto result = std::make_shared<std::optional<Result>>();
    submit({.step = [result, work = std::move(work)](Session& session) mutable -> Outcome<void> {
              result->emplace(work(session));
              if (!**result) return std::unexpected<Error>((*result)->error());
              return {};
            },
            .finish =
                [result, done = std::move(done)](Outcome<void> committed) mutable {
                  if (committed) {
                    done(std::move(**result));
                  } else {
                    done(Result(std::unexpected<Error>(std::move(committed.error()))));
                  }
                }});
  }
  // The same for whoever wants to wait: never on a worker.
  template <typename F>
  [[nodiscard]] auto run(F work) {
    using Result = std::invoke_result_t<F&, Session&>;
    auto promise = std::make_shared<std::promise<Result>>();
    std::future<Result> future = promise->get_future();
    run(std::move(work), [promise](Result result) { promise->set_value(std::move(result)); });
    return future;
  }

  // In batches of one transaction each, between which other work gets its turn. Ends at the first
  // batch that fails: its error names the record, and the batches before it stay. How many there
  // were, otherwise.
  [[nodiscard]] std::future<Outcome<std::size_t>> import_consumers(std::vector<Consumer> consumers);

  // Any thread. Keys for what is sealed outside of the database; other purposes do not open it.
  [[nodiscard]] KeyRing ring_for(std::string_view purpose) const { return ring_->branch(purpose); }

  // Any thread.
  [[nodiscard]] const CallerDirectory& callers() const { return directory_; }
  [[nodiscard]] StoreHealth health() const;

 private:
  struct Job {
    std::move_only_function<Outcome<void>(Session&)> step;
    std::move_only_function<void(Outcome<void>)> finish;
  };
  struct Import;
  Store(DatabaseSource source, std::shared_ptr<const KeyRing> ring, StoreOptions options,
        std::unique_ptr<Connection> connection);
  void submit(Job job);
  void import_next(std::shared_ptr<Import> import);

  // The store's thread's.
  void loop();
  void process(Job& job);
  [[nodiscard]] Outcome<void> transact(const std::function<Outcome<void>(Session&)>& step);
  void tick();
  [[nodiscard]] Outcome<void> look_after();
  [[nodiscard]] Outcome<void> write_uses();
  [[nodiscard]] Outcome<void> reconnect();
  void note(const Outcome<void>& outcome);

  const DatabaseSource source_;
  const std::shared_ptr<const KeyRing> ring_;
  const StoreOptions options_;
  std::unique_ptr<Connection> connection_;
  CallerDirectory directory_;
  std::chrono::steady_clock::time_point next_uses_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  StoreHealth health_;

  std::thread thread_;
};

}  // namespace sallyport::store
