#include "gateway/upgrade.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT(*-deprecated-headers): sigprocmask is POSIX, not C++
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/text.h"

extern char** environ;  // NOLINT(*-redundant-declaration): POSIX wants it declared by the user

namespace sallyport::gateway {
namespace {

constexpr const char* kReadyVariable = "SALLYPORT_READY_FD";
constexpr int kPollMilliseconds = 100;
constexpr int kMostPolls = 600;  // a minute: loading thousands of routes takes a second

// Whether a byte comes before the pipe ends, the time is over, or nobody cares any more.
bool wait_for_byte(int fd, const std::atomic<bool>& abandoned) {
  for (int polls = 0; polls < kMostPolls && !abandoned; ++polls) {
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    int ready = poll(&wanted, 1, kPollMilliseconds);
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    char byte = 0;
    return read(fd, &byte, 1) == 1;
  }
  return false;
}

}  // namespace

Upgrade::~Upgrade() {
  abandoned_ = true;
  if (waiter_.joinable()) waiter_.join();
}

bool Upgrade::start(const Invocation& invocation, const Listeners& listeners,
                    std::string_view variable, async::Reactor& reactor,
                    std::function<void(bool)> done, std::string& error) {
  if (running()) {
    error = "an upgrade is already under way";
    return false;
  }
  if (waiter_.joinable()) waiter_.join();
  std::array<int, 2> ready{};
  if (pipe2(ready.data(), O_CLOEXEC) != 0) {
    error = std::string("pipe: ") + std::strerror(errno);
    return false;
  }
  // Everything the child needs is made before the fork: between fork and exec only
  // async-signal-safe calls are allowed.
  std::vector<int> inherited;
  std::vector<std::string> environment;
  for (char** each = environ; *each != nullptr; ++each) environment.emplace_back(*each);
  environment.push_back(std::string(Listeners::kEnvironment) + "=" +
                        listeners.to_environment(inherited));
  environment.push_back(std::string(kReadyVariable) + "=" + std::to_string(ready[1]));
  inherited.push_back(ready[1]);
  std::vector<char*> argv;
  std::vector<std::string> arguments = invocation.arguments;
  argv.reserve(arguments.size() + 1);
  for (std::string& each : arguments) argv.push_back(each.data());
  argv.push_back(nullptr);
  std::vector<char*> envp;
  envp.reserve(environment.size() + 1);
  for (std::string& each : environment) envp.push_back(each.data());
  // Not copied, as it is a secret; exec only reads it.
  if (!variable.empty()) envp.push_back(const_cast<char*>(variable.data()));
  envp.push_back(nullptr);

  pid_t child = fork();
  if (child < 0) {
    error = std::string("fork: ") + std::strerror(errno);
    close(ready[0]);
    close(ready[1]);
    return false;
  }
  if (child == 0) {
    for (int fd : inherited) fcntl(fd, F_SETFD, 0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execve(invocation.program.c_str(), argv.data(), envp.data());
    _exit(127);
  }
  close(ready[1]);
  finished_ = false;
  waiter_ = std::thread([this, from = ready[0], child, &reactor, done = std::move(done)]() mutable {
    bool serves = wait_for_byte(from, abandoned_);
    close(from);
    if (!serves) {
      kill(child, SIGKILL);  // perhaps it hangs; if it has ended already this does nothing
      waitpid(child, nullptr, 0);
    }
    reactor.post([this, serves, done = std::move(done)] {
      finished_ = true;
      done(serves);
    });
  });
  return true;
}

void Upgrade::tell_predecessor() {
  const char* text = std::getenv(kReadyVariable);
  if (text == nullptr) return;
  int fd = static_cast<int>(text::to_number(text).value_or(0));
  unsetenv(kReadyVariable);
  if (fd <= 2) return;
  [[maybe_unused]] ssize_t written = write(fd, "1", 1);
  close(fd);
}

}  // namespace sallyport::gateway
