// Task<T>: the result of a step that may have to wait. It holds either a value that is there
// already (no allocation) or a coroutine.
//
// A coroutine starts running at once and stops at its first real wait, so a step that finds
// everything ready costs a call. Await a task exactly once, in the thread that made it. Destroying
// a task whose coroutine still waits is an error of the program and aborts: stop what it waits for
// (Socket::kill), then await it. Exceptions that escape a coroutine are rethrown to its awaiter.
#pragma once

#include <coroutine>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "async/frame_pool.h"

namespace sallyport {

template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  // A value that is ready. Takes whatever T can be made from, so `return pass();` works.
  template <typename U>
    requires(std::is_constructible_v<T, U &&> && !std::is_same_v<std::remove_cvref_t<U>, Task>)
  Task(U&& value) : value_(std::in_place, std::forward<U>(value)) {}  // NOLINT(*-explicit-*)

  Task(Task&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)), value_(std::move(other.value_)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_ == nullptr) return;
    if (!handle_.done()) std::abort();  // something would resume a dead frame later
    handle_.destroy();
  }

  // True when awaiting would not wait.
  [[nodiscard]] bool ready() const { return handle_ == nullptr || handle_.done(); }

  bool await_ready() const noexcept { return ready(); }
  void await_suspend(std::coroutine_handle<> awaiter) noexcept {
    handle_.promise().continuation = awaiter;
  }
  T await_resume() {
    if (handle_ == nullptr) return std::move(*value_);
    promise_type& promise = handle_.promise();
    if (promise.exception) std::rethrow_exception(promise.exception);
    return std::move(*promise.value);
  }

 private:
  explicit Task(Handle handle) : handle_(handle) {}

  Handle handle_ = nullptr;
  std::optional<T> value_;
};

template <typename T>
struct Task<T>::promise_type {
  std::coroutine_handle<> continuation;
  std::optional<T> value;
  std::exception_ptr exception;

  static void* operator new(std::size_t size) { return async::FramePool::allocate(size); }
  static void operator delete(void* p, std::size_t size) { async::FramePool::release(p, size); }

  Task get_return_object() { return Task(Handle::from_promise(*this)); }
  std::suspend_never initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(Handle h) noexcept {
        std::coroutine_handle<> next = h.promise().continuation;
        return next ? next : std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };
    return Final{};
  }
  template <typename U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  void unhandled_exception() { exception = std::current_exception(); }
};

namespace async {

// A coroutine nobody waits for: it starts at once and frees itself at its end. An exception that
// escapes it ends the program.
struct Detached {
  struct promise_type {
    static void* operator new(std::size_t size) { return FramePool::allocate(size); }
    static void operator delete(void* p, std::size_t size) { FramePool::release(p, size); }
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::abort(); }
  };
};

}  // namespace async
}  // namespace sallyport
