// Why the store could not do what it was asked: a kind for programs, a sentence for people. No
// secret is ever in the sentence.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace sallyport::store {

enum class ErrorKind : std::uint8_t {
  not_found,    // no such record
  conflict,     // a record of that name or id exists already
  invalid,      // the record says what it may not
  busy,         // others were in the way; the same again may succeed
  unavailable,  // the database does not answer now; it may later
  corrupt,      // what is stored does not make sense
  refused,      // it makes sense, and must not be used: a newer schema, another master key
};

struct Error {
  ErrorKind kind;
  std::string text;
};

template <typename T>
using Outcome = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string text) {
  return std::unexpected<Error>(Error{.kind = kind, .text = std::move(text)});
}

// Hands on the error of a failed outcome of another type.
template <typename T>
[[nodiscard]] std::unexpected<Error> fail(Outcome<T>& failed) {
  return std::unexpected<Error>(std::move(failed.error()));
}

}  // namespace sallyport::store
