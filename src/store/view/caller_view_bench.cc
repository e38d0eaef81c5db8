// What a presented key costs among 100,000, what a change of the view costs, and the import.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/key_text.h"
#include "store/store.h"
#include "store/view/caller_directory.h"
#include "store/view/view_builder.h"

namespace sallyport::store {
namespace {

constexpr std::size_t kKeys = 100'000;

struct Callers {
  Callers() {
    ViewChanges changes;
    for (std::size_t i = 0; i < kKeys; ++i) {
      Consumer consumer{.id = PublicId::random().text(), .name = "c" + std::to_string(i)};
      const PresentedKey presented = PresentedKey::random();
      const std::string id = presented.id().text();
      changes.keys[id] = ApiKey{.id = id,
                                .consumer = consumer.id,
                                .secret_hash = presented.hash(*hash),
                                .scopes = {"orders:read"}};
      texts.emplace_back(presented.text().view());
      ids.push_back(id);
      unknown.emplace_back(PresentedKey::random().text().view());
      changes.consumers[consumer.id] = consumer;
      last = changes.keys[id];
    }
    directory.publish(builder.next(changes));
  }
  std::shared_ptr<const KeyedHash> hash = std::make_shared<KeyedHash>(std::string(32, 'k'));
  ViewBuilder builder{hash};
  CallerDirectory directory{builder.view()};
  std::vector<std::string> texts;  // in random order, for ids are
  std::vector<std::string> unknown;
  std::vector<std::string> ids;
  std::optional<ApiKey> last;
};

Callers& callers() {
  static Callers callers;
  return callers;
}

void look_up(benchmark::State& state, const std::vector<std::string>& texts, KeyVerdict expected) {
  const Callers& all = callers();
  std::int64_t now = wall_milliseconds();
  std::size_t i = static_cast<std::size_t>(state.thread_index()) * 7919;
  while (state.KeepRunning()) {
    const FoundKey found = all.directory.view()->find_key(texts[i++ % kKeys], ++now);
    if (found.verdict != expected) state.SkipWithError("wrong verdict");
  }
}

void valid_key(benchmark::State& state) { look_up(state, callers().texts, KeyVerdict::good); }
BENCHMARK(valid_key);
BENCHMARK(valid_key)->Threads(2);

void unknown_key(benchmark::State& state) {
  look_up(state, callers().unknown, KeyVerdict::unknown);
}
BENCHMARK(unknown_key);

void take_the_view(benchmark::State& state) {
  const Callers& all = callers();
  while (state.KeepRunning()) benchmark::DoNotOptimize(all.directory.view().get());
}
BENCHMARK(take_the_view);

void take_and_keep_the_view(benchmark::State& state) {
  const Callers& all = callers();
  while (state.KeepRunning()) {
    std::shared_ptr<const CallerView> kept = all.directory.view();
    benchmark::DoNotOptimize(kept.get());
  }
}
BENCHMARK(take_and_keep_the_view)->Threads(2);

// From a committed revocation to a view that all threads see.
void publish_a_change(benchmark::State& state) {
  Callers& all = callers();
  ViewChanges changes;
  changes.keys[all.last->id] = all.last;
  while (state.KeepRunning()) all.directory.publish(all.builder.next(changes));
  const auto& keys = all.builder.view()->keys();
  state.counters["bytes_a_key"] =
      static_cast<double>(keys.bytes()) / static_cast<double>(keys.size());
}
BENCHMARK(publish_a_change);

std::vector<Consumer> many_consumers() {
  std::vector<Consumer> consumers;
  for (std::size_t i = 0; i < kKeys; ++i) {
    consumers.push_back({.name = "consumer " + std::to_string(i * 7919 % kKeys),
                         .groups = {"partners"},
                         .roles = {"reader"},
                         .plan = "gold"});
  }
  return consumers;
}

// 100,000 consumers into a new database and the view.
void import_consumers(benchmark::State& state) {
  std::string folder = (std::filesystem::temp_directory_path() / "sallyport_bench_XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) std::abort();
  const std::string path = folder + "/db";
  while (state.KeepRunning()) {
    const std::uint64_t begin = Ticks::now();
    {
      auto store = Store::open(path, KeyRing(MasterKey::random()));
      auto imported = (*store)->import_consumers(many_consumers()).get();
      if (!imported || *imported != kKeys) state.SkipWithError("not imported");
    }
    state.counters["seconds"] = static_cast<double>(Ticks::nanoseconds(begin, Ticks::now())) / 1e9;
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(import_consumers)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sallyport::store
