// What was acknowledged is there after kill -9, whenever it comes.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <string>

#include "store/store.h"
#include "store/test_postgres.h"

namespace sallyport::store {
namespace {

constexpr int kWrites = 1000;  // more than are ever acknowledged before the end comes
constexpr int kAcknowledged = 300;

// The child's life: writes in a row, the next ones queued while one is on its way to the disk. It
// says so through the pipe when one is acknowledged.
[[noreturn]] void write_until_killed(const DatabaseSource& source, int acknowledge, int round) {
  auto store = must(Store::open(source, test_ring()));
  for (int i = 0; i < kWrites; ++i) {
    const std::string name = std::to_string(round) + "." + std::to_string(i);
    store->run([name](Session& s) { return s.consumers.create({.name = name}); },
               [acknowledge](const Outcome<Consumer>& made) {
                 const std::string line = must(made).name + "\n";
                 if (::write(acknowledge, line.data(), line.size()) < 0) std::abort();
               });
  }
  for (;;) ::pause();
}

// The names that the child was told are kept, up to the one it was killed in.
std::set<std::string> names_before_kill(const DatabaseSource& source, int round) {
  int pipe[2];
  if (::pipe(pipe) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    write_until_killed(source, pipe[1], round);
  }
  ::close(pipe[1]);
  std::string text;
  std::string chunk(4096, '\0');
  bool killed = false;
  for (;;) {
    const ssize_t size = ::read(pipe[0], chunk.data(), chunk.size());
    if (size <= 0) break;
    text.append(chunk, 0, static_cast<std::size_t>(size));
    if (!killed && std::ranges::count(text, '\n') >= kAcknowledged) {
      ::kill(child, SIGKILL);
      killed = true;
    }
  }
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  std::set<std::string> names;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
    names.insert(text.substr(0, end));
  }
  return names;
}

class Durability : public EachDatabase {};

SALLYPORT_ON_EACH_DATABASE(Durability);

TEST_P(Durability, NothingAcknowledgedIsLostToKill9) {
  const DatabaseSource source = this->source();
  std::set<std::string> acknowledged;
  for (int round = 0; round < 3; ++round) {
    acknowledged.merge(names_before_kill(source, round));
    auto store = must(Store::open(source, test_ring()));
    const auto& view = store->callers().view();
    for (const std::string& name : acknowledged) {
      EXPECT_NE(view->consumer_named(name), nullptr) << name;
    }
    EXPECT_LT(view->consumers().size(), static_cast<std::size_t>(kWrites * (round + 1)))
        << "the end came after the last write";
  }
  EXPECT_GE(acknowledged.size(), 3U * kAcknowledged);
}

}  // namespace
}  // namespace sallyport::store
