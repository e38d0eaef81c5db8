// JSON (RFC 8259) that was read from bytes: strict, immutable, owned by one object.
//
// What two parsers could read differently is refused: a member name that comes twice, bytes that
// are not UTF-8, a number that no double holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::json {

enum class Kind : std::uint8_t { null, boolean, integer, number, string, array, object };

// The word for it in messages: "a string", "an object".
[[nodiscard]] std::string_view name_of(Kind kind);

namespace internal {

// One value, or the name of a member; what a container holds follows it.
struct Node {
  Kind kind;
  std::uint32_t size;  // bytes of a string, items of an array, members of an object
  union {
    std::int64_t integer;
    double number;
    bool boolean;
    const char* text;
    const Node* end;  // behind the last node of a container
  };
};

// Frees memory, and wipes it first where that was asked for.
struct Release {
  std::size_t wiped = 0;  // bytes
  void operator()(Node* nodes) const;
  void operator()(char* text) const;
};

[[nodiscard]] inline const Node* behind(const Node* node) {
  return node->kind >= Kind::array ? node->end : node + 1;
}

}  // namespace internal

class Items;
class Members;

// A view of one value; valid as long as its Document. As cheap to copy as a pointer.
class Value {
 public:
  [[nodiscard]] Kind kind() const { return node_->kind; }
  [[nodiscard]] bool is_object() const { return kind() == Kind::object; }
  [[nodiscard]] bool is_array() const { return kind() == Kind::array; }

  // Nothing when the value is of another kind.
  [[nodiscard]] std::optional<std::string_view> string() const {
    if (kind() != Kind::string) return std::nullopt;
    return text();
  }
  [[nodiscard]] std::optional<bool> boolean() const {
    return kind() == Kind::boolean ? std::optional(node_->boolean) : std::nullopt;
  }
  // A number written without fraction and exponent that 64 bits hold, with its sign.
  [[nodiscard]] std::optional<std::int64_t> integer() const {
    return kind() == Kind::integer ? std::optional(node_->integer) : std::nullopt;
  }
  // Any number, as the nearest double; always finite.
  [[nodiscard]] std::optional<double> number() const {
    if (kind() == Kind::integer) return static_cast<double>(node_->integer);
    return kind() == Kind::number ? std::optional(node_->number) : std::nullopt;
  }

  // Items of an array, members of an object, 0 of anything else.
  [[nodiscard]] std::size_t size() const { return kind() >= Kind::array ? node_->size : 0; }
  // In the order of the text; empty when the value is of another kind.
  [[nodiscard]] Items items() const;
  [[nodiscard]] Members members() const;
  // The member of that name; nothing when there is none, or this is no object.
  [[nodiscard]] std::optional<Value> find(std::string_view name) const;
  // The string that this member is; empty when it is none, or there is none.
  [[nodiscard]] std::string_view text(std::string_view name) const {
    const std::optional<Value> member = find(name);
    return member ? member->string().value_or("") : "";
  }

 private:
  friend class Document;
  friend class Items;
  friend class Members;
  explicit Value(const internal::Node* node) : node_(node) {}
  [[nodiscard]] std::string_view text() const { return {node_->text, node_->size}; }

  const internal::Node* node_;
};

struct Member {
  std::string_view name;
  Value value;
};

class Items {
 public:
  class Iterator {
   public:
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Value operator*() const { return Value(node_); }
    Iterator& operator++() {
      node_ = internal::behind(node_);
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(const Iterator& other) const = default;

   private:
    friend class Items;
    explicit Iterator(const internal::Node* node) : node_(node) {}
    const internal::Node* node_ = nullptr;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(first_); }
  [[nodiscard]] Iterator end() const { return Iterator(end_); }

 private:
  friend class Value;
  Items(const internal::Node* first, const internal::Node* end) : first_(first), end_(end) {}
  const internal::Node* first_;
  const internal::Node* end_;
};

class Members {
 public:
  class Iterator {
   public:
    using value_type = Member;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Member operator*() const { return {.name = Value(node_).text(), .value = Value(node_ + 1)}; }
    Iterator& operator++() {
      node_ = internal::behind(node_ + 1);
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(const Iterator& other) const = default;

   private:
    friend class Members;
    explicit Iterator(const internal::Node* node) : node_(node) {}
    const internal::Node* node_ = nullptr;
  };
  [[nodiscard]] Iterator begin() const { return Iterator(first_); }
  [[nodiscard]] Iterator end() const { return Iterator(end_); }

 private:
  friend class Value;
  Members(const internal::Node* first, const internal::Node* end) : first_(first), end_(end) {}
  const internal::Node* first_;
  const internal::Node* end_;
};

inline Items Value::items() const {
  return is_array() ? Items(node_ + 1, node_->end) : Items(nullptr, nullptr);
}
inline Members Value::members() const {
  return is_object() ? Members(node_ + 1, node_->end) : Members(nullptr, nullptr);
}

struct Options {
  std::size_t max_depth = 32;  // arrays and objects within each other; at most 1024
  bool secret = false;         // the memory is wiped when it is given back
};

// Owns what it read; the text it came from may go. Immutable, so any thread may look into it;
// Values stay valid when it is moved.
class Document {
 public:
  // All of `text` is one JSON value. Its size (at most 1 GiB) is the caller's to bound. The error
  // is a sentence that quotes nothing of the text.
  [[nodiscard]] static std::expected<Document, std::string> parse(std::string_view text,
                                                                  const Options& options = {});

  [[nodiscard]] Value root() const { return Value(nodes_.get()); }
  // Of the root.
  [[nodiscard]] std::optional<Value> find(std::string_view name) const { return root().find(name); }
  // What it takes on the heap.
  [[nodiscard]] std::size_t memory() const;

 private:
  friend class Builder;
  Document() = default;

  std::unique_ptr<internal::Node[], internal::Release> nodes_;
  std::unique_ptr<char[], internal::Release> text_;
  std::size_t memory_ = 0;
};

}  // namespace sallyport::json
