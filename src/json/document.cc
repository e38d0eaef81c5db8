// simdjson reads, this file keeps: its tape is copied into nodes of exactly the size that is
// needed, while names that come twice and nesting too deep are found.
#include "json/document.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

namespace sallyport::json {
namespace {

using internal::Node;
namespace dom = simdjson::dom;

constexpr std::size_t kMostDepth = 1024;
constexpr std::size_t kMostBytes = std::size_t{1} << 30;
// A parser that has seen a larger text gives its memory back.
constexpr std::size_t kKeptBytes = std::size_t{1} << 20;

// What reading needs beside the result, kept between calls.
struct Reader {
  dom::parser parser;
  std::vector<char> padded;
};

struct Needs {
  std::size_t nodes = 0;
  std::size_t text = 0;
};

// False: nested deeper than `depth`.
bool measure(const dom::element& element, std::size_t depth, Needs& needs) {
  ++needs.nodes;
  switch (element.type()) {
    case dom::element_type::STRING:
      needs.text += element.get_string().value_unsafe().size();
      return true;
    case dom::element_type::ARRAY:
      if (depth == 0) return false;
      for (dom::element item : element.get_array().value_unsafe()) {
        if (!measure(item, depth - 1, needs)) return false;
      }
      return true;
    case dom::element_type::OBJECT:
      if (depth == 0) return false;
      for (dom::key_value_pair member : element.get_object().value_unsafe()) {
        ++needs.nodes;
        needs.text += member.key.size();
        if (!measure(member.value, depth - 1, needs)) return false;
      }
      return true;
    default:
      return true;
  }
}

std::string sentence_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR:
      return "It is not UTF-8.";
    case simdjson::EMPTY:
      return "It is empty.";
    case simdjson::DEPTH_ERROR:
      return "It is nested too deep.";
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE:
      return "It holds a number that is malformed or out of range.";
    case simdjson::STRING_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::UNCLOSED_STRING:
      return "It holds a malformed string.";
    default:
      return "It is not JSON.";
  }
}

void wipe(void* memory, std::size_t size) {
  if (memory != nullptr) explicit_bzero(memory, size);
}

}  // namespace

void internal::Release::operator()(Node* nodes) const {
  wipe(nodes, wiped);
  delete[] nodes;  // NOLINT: what unique_ptr leaves to its deleter
}

void internal::Release::operator()(char* text) const {
  wipe(text, wiped);
  delete[] text;  // NOLINT: what unique_ptr leaves to its deleter
}

// Fills nodes that were measured before.
class Builder {
 public:
  Builder(Document& document, Needs needs) {
    document.nodes_.reset(new Node[needs.nodes]);  // NOLINT: handed to its owner at once
    document.text_.reset(new char[needs.text]);    // NOLINT: handed to its owner at once
    document.memory_ = needs.nodes * sizeof(Node) + needs.text;
    next_ = document.nodes_.get();
    text_ = document.text_.get();
  }
  static void wipe_later(Document& document, Needs needs) {
    document.nodes_.get_deleter().wiped = needs.nodes * sizeof(Node);
    document.text_.get_deleter().wiped = needs.text;
  }

  // False: a name comes twice in an object.
  bool add(const dom::element& element) {
    Node* node = next_++;
    switch (element.type()) {
      case dom::element_type::NULL_VALUE:
        *node = {.kind = Kind::null, .size = 0, .integer = 0};
        return true;
      case dom::element_type::BOOL:
        *node = {.kind = Kind::boolean, .size = 0, .boolean = element.get_bool().value_unsafe()};
        return true;
      case dom::element_type::INT64:
        *node = {.kind = Kind::integer, .size = 0, .integer = element.get_int64().value_unsafe()};
        return true;
      case dom::element_type::UINT64:  // those that have no signed form
        *node = {.kind = Kind::number,
                 .size = 0,
                 .number = static_cast<double>(element.get_uint64().value_unsafe())};
        return true;
      case dom::element_type::DOUBLE:
        *node = {.kind = Kind::number, .size = 0, .number = element.get_double().value_unsafe()};
        return true;
      case dom::element_type::STRING:
        put_text(node, element.get_string().value_unsafe());
        return true;
      case dom::element_type::ARRAY:
        return add_array(node, element.get_array().value_unsafe());
      case dom::element_type::OBJECT:
        return add_object(node, element.get_object().value_unsafe());
    }
    return false;
  }

 private:
  void put_text(Node* node, std::string_view text) {
    *node = {.kind = Kind::string, .size = static_cast<std::uint32_t>(text.size()), .text = text_};
    text_ = std::ranges::copy(text, text_).out;
  }

  bool add_array(Node* node, const dom::array& array) {
    std::uint32_t size = 0;
    for (dom::element item : array) {
      if (!add(item)) return false;
      ++size;
    }
    *node = {.kind = Kind::array, .size = size, .end = next_};
    return true;
  }

  bool add_object(Node* node, const dom::object& object) {
    const std::size_t first = names_.size();
    for (dom::key_value_pair member : object) {
      Node* name = next_++;
      put_text(name, member.key);
      names_.emplace_back(name->text, name->size);
      if (!add(member.value)) return false;
    }
    const auto names = std::span(names_).subspan(first);
    *node = {.kind = Kind::object, .size = static_cast<std::uint32_t>(names.size()), .end = next_};
    std::ranges::sort(names);
    const bool unique = std::ranges::adjacent_find(names) == names.end();
    names_.resize(first);
    return unique;
  }

  Node* next_ = nullptr;
  char* text_ = nullptr;
  std::vector<std::string_view> names_;  // of the objects that are being added
};

namespace {

std::expected<void, std::string> read(std::string_view text, Reader& reader, const Options& options,
                                      Document& document) {
  if (text.size() > kMostBytes) return std::unexpected("It is larger than 1 GiB.");
  reader.padded.assign(text.size() + simdjson::SIMDJSON_PADDING, ' ');
  std::ranges::copy(text, reader.padded.begin());
  dom::element root;
  const simdjson::error_code error =
      reader.parser.parse(reader.padded.data(), text.size(), false).get(root);
  if (error != simdjson::SUCCESS) return std::unexpected(sentence_of(error));
  Needs needs;
  if (!measure(root, std::min(options.max_depth, kMostDepth), needs)) {
    return std::unexpected(sentence_of(simdjson::DEPTH_ERROR));
  }
  Builder builder(document, needs);
  if (options.secret) Builder::wipe_later(document, needs);
  if (!builder.add(root))
    return std::unexpected("It holds an object with a name that comes twice.");
  return {};
}

void wipe(Reader& reader) {
  wipe(reader.padded.data(), reader.padded.size());
  // simdjson allocates five thirds of its capacity for strings, and some padding.
  dom::document& kept = reader.parser.doc;
  wipe(kept.string_buf.get(), kept.capacity() / 3 * 5);
}

}  // namespace

std::expected<Document, std::string> Document::parse(std::string_view text,
                                                     const Options& options) {
  // Growing for every document would cost more than reading it.
  static thread_local Reader kept;
  Document document;
  std::expected<void, std::string> done;
  if (options.secret) {
    Reader reader;
    done = read(text, reader, options, document);
    wipe(reader);
  } else {
    done = read(text, kept, options, document);
    if (text.size() > kKeptBytes) kept = Reader();
  }
  if (!done) return std::unexpected(std::move(done.error()));
  return document;
}

std::size_t Document::memory() const { return memory_; }

std::optional<Value> Value::find(std::string_view name) const {
  for (auto [key, value] : members()) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::array:
      return "an array";
    case Kind::object:
      return "an object";
  }
  return "";
}

}  // namespace sallyport::json
