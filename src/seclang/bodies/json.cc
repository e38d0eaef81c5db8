// JSON as ModSecurity 3 reads it through yajl: the same documents, the same messages, and one
// argument for each scalar, named after its path. Iterative, and linear in the size of the body.
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "seclang/bodies/body.h"
#include "seclang/bodies/json_lexer.h"

namespace sallyport::seclang {
namespace {

// Every scalar carries its whole path, so a long key over many scalars multiplies; and all that
// rules cost is spent on each. Real documents stay far below this: ten arguments of 24 bytes still
// may have names of 1,600 each. ModSecurity has no bound, and one megabyte makes it allocate
// hundreds of gigabytes.
constexpr std::size_t kNameBytesPerByte = 16;
constexpr std::size_t kNameBytes = 16'384;

class Parser {
 public:
  Parser(std::string_view text, std::size_t max_depth, std::size_t most, Arena& arena)
      : lexer_(text),
        max_depth_(max_depth),
        most_(most),
        name_bytes_left_(kNameBytes + text.size() * kNameBytesPerByte),
        arena_(arena) {}

  JsonBody run() {
    while (step()) {
    }
    return std::move(body_);
  }

 private:
  enum class Expect : std::uint8_t {
    value,
    value_or_end,
    key,
    key_or_end,
    colon,
    comma_or_end,
    nothing,
  };
  // An open object or array. `path_` ends in what its members' names begin with.
  struct Container {
    bool is_array;
    std::size_t outer_path;  // length of `path_` to go back to
    std::size_t index;       // of the next element
  };

  bool step();
  bool value(JsonToken token);
  bool key(JsonToken token);
  bool after_value(JsonToken token);
  bool open(bool is_array);
  bool close();
  bool scalar(std::string_view text);
  void count_element();
  void append_own_name();
  bool fail(std::string_view kind, std::string_view message, std::string_view suffix = {});
  bool fail(std::string_view message) { return fail("parse", message); }
  bool in_array() const { return !open_.empty() && open_.back().is_array; }

  JsonLexer lexer_;
  const std::size_t max_depth_;
  const std::size_t most_;
  std::size_t name_bytes_left_;
  Arena& arena_;
  Expect expect_ = Expect::value;
  std::vector<Container> open_;
  std::string path_;
  std::string_view key_;
  JsonBody body_;
};

bool Parser::fail(std::string_view kind, std::string_view message, std::string_view suffix) {
  std::string text(kind);
  text.append(" error: ").append(message).append("\n").append(suffix);
  body_.error = {.failed = true, .message = arena_.copy(text)};
  return false;
}

// One token. False at the end, good or bad.
bool Parser::step() {
  const JsonToken token = lexer_.next();
  if (expect_ == Expect::nothing) {
    return token == JsonToken::end ? false : fail("trailing garbage");
  }
  if (token == JsonToken::end) return fail("premature EOF");
  if (token == JsonToken::error) return fail("lexical", lexer_.error());
  switch (expect_) {
    case Expect::value:
    case Expect::value_or_end:
      return value(token);
    case Expect::key:
    case Expect::key_or_end:
      return key(token);
    case Expect::colon:
      if (token != JsonToken::colon) {
        return fail("object key and value must be separated by a colon (':')");
      }
      expect_ = Expect::value;
      return true;
    default:
      return after_value(token);
  }
}

bool Parser::value(JsonToken token) {
  switch (token) {
    case JsonToken::object_begin:
      return open(false);
    case JsonToken::array_begin:
      return open(true);
    case JsonToken::string:
      return scalar(lexer_.value(arena_));
    case JsonToken::number:
      return scalar(lexer_.value(arena_));
    case JsonToken::literal_true:
      return scalar("true");
    case JsonToken::literal_false:
      return scalar("false");
    case JsonToken::literal_null:
      return scalar("");
    default:
      if (token == JsonToken::array_end && expect_ == Expect::value_or_end) return close();
      return fail("unallowed token at this point in JSON text");
  }
}

bool Parser::key(JsonToken token) {
  if (token == JsonToken::object_end && expect_ == Expect::key_or_end) return close();
  if (token != JsonToken::string) return fail("invalid object key (must be a string)");
  key_ = lexer_.value(arena_);
  expect_ = Expect::colon;
  return true;
}

bool Parser::after_value(JsonToken token) {
  const bool array = open_.back().is_array;
  if (token == JsonToken::comma) {
    expect_ = array ? Expect::value : Expect::key;
    return true;
  }
  if (token == (array ? JsonToken::array_end : JsonToken::object_end)) return close();
  return fail(array ? "after array element, I expect ',' or ']'"
                    : "after key and value, inside map, I expect ',' or '}'");
}

// What the value that begins now is called within its container.
void Parser::append_own_name() {
  if (open_.empty()) {
    path_ += "json";
  } else if (in_array()) {
    std::array<char, 20> digits;
    const char* end =
        std::to_chars(digits.data(), digits.data() + digits.size(), open_.back().index).ptr;
    path_.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  } else {
    path_ += key_.empty() ? std::string_view("empty-key") : key_;
  }
}

bool Parser::open(bool is_array) {
  if (open_.size() == max_depth_) {
    return fail("parse", "client cancelled parse via callback return value",
                ". Parsing depth limit exceeded");
  }
  const std::size_t outer_path = path_.size();
  append_own_name();
  path_ += is_array ? ".array_" : ".";
  open_.push_back({.is_array = is_array, .outer_path = outer_path, .index = 0});
  expect_ = is_array ? Expect::value_or_end : Expect::key_or_end;
  return true;
}

bool Parser::close() {
  path_.resize(open_.back().outer_path);
  open_.pop_back();
  count_element();
  return true;
}

void Parser::count_element() {
  if (in_array()) ++open_.back().index;
  expect_ = open_.empty() ? Expect::nothing : Expect::comma_or_end;
}

bool Parser::scalar(std::string_view text) {
  if (body_.arguments.size() == most_) {
    body_.too_many = true;
    return fail("client cancelled parse via callback return value");
  }
  const std::size_t outer_path = path_.size();
  append_own_name();
  if (path_.size() > name_bytes_left_) return fail("names take up far more than the text");
  name_bytes_left_ -= path_.size();
  body_.arguments.push_back({.name = arena_.copy(path_), .value = text});
  path_.resize(outer_path);
  count_element();
  return true;
}

}  // namespace

JsonBody parse_json(std::string_view body, std::size_t max_depth, std::size_t most, Arena& arena) {
  if (body.empty()) return {};
  return Parser(body, max_depth, most, arena).run();
}

}  // namespace sallyport::seclang
