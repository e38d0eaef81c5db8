// Builds the tree from yaml-cpp's events. Its own node graph is not used: it merges duplicate keys
// in silence, resolves aliases and loses places.
#include "config/yaml_loader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <fstream>
#include <memory>
#include <sstream>
#include <unordered_map>
#include <utility>
#include <vector>

#include "schema/context.h"

namespace sallyport::config {
namespace {

using schema::Diagnostics;
using schema::Mark;
using schema::Node;
namespace code = schema::code;

// More values than any sensible file has; bounds memory.
constexpr std::size_t kMaxNodes = 1'000'000;

// Ends parsing after an error that leaves no tree worth reading.
struct Abandon {};

// The text, and how to find places in it.
class Source {
 public:
  Source(std::string_view text, std::string_view file)
      : text_(text), file_(std::make_shared<const std::string>(file)) {
    lines_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') lines_.push_back(i + 1);
    }
  }

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::size_t line_count() const { return lines_.size(); }

  // Line `index`, counted from 0, without its end.
  [[nodiscard]] std::string_view line(std::size_t index) const {
    if (index >= lines_.size()) return {};
    std::size_t begin = lines_[index];
    std::size_t end = index + 1 < lines_.size() ? lines_[index + 1] - 1 : text_.size();
    return text_.substr(begin, end - begin);
  }

  // `line` and `column` count from 0, the column in bytes.
  [[nodiscard]] Mark mark(std::size_t line_index, std::size_t column) const {
    std::string_view before = line(line_index).substr(0, column);
    auto continuation = [](char c) { return (c & '\xc0') == '\x80'; };
    auto points =
        before.size() - static_cast<std::size_t>(std::ranges::count_if(before, continuation));
    // The end of the text has a column past its last line.
    points += column - before.size();
    return {.file = file_,
            .line = static_cast<std::uint32_t>(line_index + 1),
            .column = static_cast<std::uint32_t>(points + 1)};
  }
  [[nodiscard]] Mark mark(const YAML::Mark& mark) const {
    if (mark.is_null()) return {.file = file_};
    return this->mark(static_cast<std::size_t>(mark.line), static_cast<std::size_t>(mark.column));
  }
  [[nodiscard]] Mark mark_at(std::size_t offset) const {
    auto after = std::ranges::upper_bound(lines_, offset);
    auto index = static_cast<std::size_t>(after - lines_.begin()) - 1;
    return mark(index, offset - lines_[index]);
  }
  [[nodiscard]] Mark whole_file() const { return {.file = file_}; }

  [[nodiscard]] char at(const YAML::Mark& mark) const {
    auto offset = static_cast<std::size_t>(mark.pos);
    return mark.pos >= 0 && offset < text_.size() ? text_[offset] : '\0';
  }

 private:
  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::vector<std::size_t> lines_;
};

// The length of the UTF-8 sequence that `s` begins with; 0 if it is none (RFC 3629).
std::size_t utf8_length(std::string_view s) {
  auto byte = [&s](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  auto tail = [&](std::size_t from, std::size_t to) {
    if (s.size() < to) return false;
    for (std::size_t i = from; i < to; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return false;
    }
    return true;
  };
  unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return tail(1, 2) ? 2 : 0;
  if (first < 0xf0) {
    if (!tail(1, 3)) return 0;
    bool overlong = first == 0xe0 && byte(1) < 0xa0;
    bool surrogate = first == 0xed && byte(1) >= 0xa0;
    return overlong || surrogate ? 0 : 3;
  }
  if (!tail(1, 4)) return 0;
  bool overlong = first == 0xf0 && byte(1) < 0x90;
  bool too_high = first == 0xf4 && byte(1) >= 0x90;
  return overlong || too_high ? 0 : 4;
}

// Reports the first byte that has no business in a text file.
bool check_bytes(const Source& source, Diagnostics& diagnostics) {
  std::string_view text = source.text();
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = utf8_length(text.substr(i));
    auto byte = static_cast<unsigned char>(text[i]);
    bool control = (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f;
    bool lone_return = byte == '\r' && text.substr(i, 2) != "\r\n";
    if (length == 0 || control || lone_return) {
      std::string message = length == 0   ? "the file is not UTF-8 here"
                            : lone_return ? "a carriage return without a line feed"
                                          : "a control character";
      diagnostics.error({.mark = source.mark_at(i), .path = {}}, std::move(message), {},
                        code::kSyntax);
      return false;
    }
    i += length;
  }
  return true;
}

// Collects the events of the first document.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const Source& source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics) {}

  // The tree, once the parser is content with the text.
  Node take() {
    for (const schema::Where& where : collection_keys_) {
      diagnostics_.error(where, "a key must be text", "Put it in quotes.", code::kUnsupported);
    }
    return std::move(root_);
  }

  // Where the innermost list or map that is still open began.
  [[nodiscard]] const Node* open() const { return stack_.empty() ? nullptr : &stack_.back().node; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    bool marked = source_.line(static_cast<std::size_t>(mark.line)).starts_with("---");
    if (marked) {
      fail(mark, "a second document begins here", "Keep one document in each file.");
    } else {
      fail(mark, "this does not belong to what stands above it", "Check the indentation.",
           code::kSyntax);
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Node node;
    node.mark = source_.mark(mark);
    if (at_key()) {
      refuse(mark, "a key must be text");
      skip_key();
      return;
    }
    // Where nothing is written the event stands at the next token; the key says more.
    if (!stack_.empty() && stack_.back().node.is_map()) node.mark = stack_.back().key.key_mark;
    add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    refuse(mark, "aliases are not supported", "Write the value out.");
    if (at_key()) {
      skip_key();
      return;
    }
    Node node;
    node.mark = source_.mark(mark);
    node.broken = true;
    add(std::move(node));
  }

  void OnAnchor(const YAML::Mark& mark, const std::string& /*name*/) override {
    refuse(mark, "anchors are not supported", "Leave the & and its name out.");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    // The tag `!` is the parser's word for quotes, unless the file has it.
    if ((tag != "?" && tag != "!") || source_.at(mark) == '!') refuse_tag(mark);
    if (value.contains('\0')) refuse(mark, "text must not hold a NUL character");
    bool quoted = tag == "!";
    if (at_key()) {
      begin_entry(mark, value, quoted);
      return;
    }
    Node node = Node::scalar(value, source_.mark(mark));
    node.quoted = quoted;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    push(mark, tag, Node::Kind::sequence);
  }
  void OnSequenceEnd() override { pop(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    push(mark, tag, Node::Kind::map);
  }
  void OnMapEnd() override { pop(); }

 private:
  struct Frame {
    Node node;
    bool is_key = false;
    // Maps: the entry whose value comes next.
    bool has_key = false;
    bool skip = false;
    Node::Entry key;
    std::unordered_map<std::string, std::uint32_t> lines;  // of the keys so far
  };

  [[nodiscard]] bool at_key() const {
    return !stack_.empty() && stack_.back().node.is_map() && !stack_.back().has_key;
  }

  void begin_entry(const YAML::Mark& mark, const std::string& key, bool quoted) {
    Frame& frame = stack_.back();
    frame.has_key = true;
    frame.skip = false;
    frame.key = {.key = key, .key_mark = source_.mark(mark), .value = {}};
    if (key == "<<" && !quoted) {
      refuse(mark, "merge keys are not supported", "Write the keys out.");
      frame.skip = true;
      return;
    }
    auto [found, inserted] = frame.lines.emplace(key, frame.key.key_mark.line);
    if (inserted) return;
    frame.skip = true;
    diagnostics_.error({.mark = frame.key.key_mark, .path = path()},
                       "duplicate key, first used in line " + std::to_string(found->second), {},
                       code::kDuplicateKey);
  }

  void skip_key() {
    stack_.back().has_key = true;
    stack_.back().skip = true;
  }

  void push(const YAML::Mark& mark, const std::string& tag, Node::Kind kind) {
    if (tag != "?" && !tag.empty()) refuse_tag(mark);
    if (stack_.size() >= static_cast<std::size_t>(kMaxDepth)) {
      fail(mark, "lists and maps are nested more than " + std::to_string(kMaxDepth) + " deep", {},
           code::kLimit);
    }
    count_node(mark);
    Frame frame;
    frame.node.kind = kind;
    frame.node.mark = source_.mark(mark);
    frame.is_key = at_key();
    if (frame.is_key) collection_keys_.push_back({.mark = frame.node.mark, .path = path()});
    stack_.push_back(std::move(frame));
  }

  void pop() {
    Node node = std::move(stack_.back().node);
    bool is_key = stack_.back().is_key;
    stack_.pop_back();
    if (is_key) {
      skip_key();
      return;
    }
    --nodes_;  // add() counts it again
    add(std::move(node));
  }

  void add(Node node) {
    ++nodes_;
    if (nodes_ > kMaxNodes) too_many(node.mark);
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.is_sequence()) {
      frame.node.items.push_back(std::move(node));
      return;
    }
    frame.has_key = false;
    if (frame.skip) return;
    frame.key.value = std::move(node);
    frame.node.entries.push_back(std::move(frame.key));
  }

  void count_node(const YAML::Mark& mark) {
    if (++nodes_ > kMaxNodes) too_many(source_.mark(mark));
  }

  [[noreturn]] void too_many(const Mark& mark) {
    diagnostics_.error({.mark = mark, .path = {}},
                       "the file holds more than " + std::to_string(kMaxNodes) + " values", {},
                       code::kLimit);
    throw Abandon();
  }

  void refuse_tag(const YAML::Mark& mark) {
    refuse(mark, "tags are not supported", "Leave the ! and its name out.");
  }

  void refuse(const YAML::Mark& mark, std::string message, std::string suggestion = {},
              std::string_view code = code::kUnsupported) {
    diagnostics_.error({.mark = source_.mark(mark), .path = path()}, std::move(message),
                       std::move(suggestion), code);
  }

  [[noreturn]] void fail(const YAML::Mark& mark, std::string message, std::string suggestion = {},
                         std::string_view code = code::kUnsupported) {
    refuse(mark, std::move(message), std::move(suggestion), code);
    throw Abandon();
  }

  [[nodiscard]] std::string path() const {
    std::string path;
    for (const Frame& frame : stack_) {
      if (frame.node.is_sequence()) {
        path += '[' + std::to_string(frame.node.items.size()) + ']';
      } else if (frame.has_key) {
        schema::append_key(path, frame.key.key);
      }
    }
    return path;
  }

  const Source& source_;
  Diagnostics& diagnostics_;
  Node root_;
  std::vector<Frame> stack_;
  // Lists and maps used as keys. Kept until the end: where a bracket is missing, the parser takes
  // what follows for a key, and the missing bracket is the better message.
  std::vector<schema::Where> collection_keys_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

struct Explanation {
  std::string_view parser;  // how the parser's message begins
  std::string_view message;
  std::string_view suggestion;
};

constexpr std::array kExplanations{
    Explanation{"illegal map value", "a \":\" is out of place here",
                "Put text that holds \": \" in quotes, and check the indentation."},
    Explanation{"end of map not found", "this does not belong to the map above it",
                "Check the indentation and the quotes."},
    Explanation{"end of sequence not found", "this does not belong to the list above it",
                "Check the indentation."},
    Explanation{"end of sequence flow not found", "a list in brackets is not closed",
                "Expected \",\" or \"]\"."},
    Explanation{"end of map flow not found", "a map in braces is not closed",
                "Expected \",\" or \"}\"."},
    Explanation{"unknown token", "no value can begin with this character",
                "Put the text in quotes."},
    Explanation{"illegal EOF in scalar", "the text in quotes is not closed", ""},
    Explanation{"illegal flow end", "a bracket is closed that was not opened", ""},
    Explanation{"illegal block entry", "a \"-\" is out of place here", "Check the indentation."},
};

// The first line up to `last`, from there backwards, that a tab indents; npos: none.
std::size_t tab_line(const Source& source, std::size_t last) {
  for (std::size_t index = std::min(last + 1, source.line_count()); index-- > 0;) {
    std::string_view line = source.line(index);
    std::size_t content = std::min(line.find_first_not_of(" \t\r"), line.size());
    if (content == line.size()) continue;
    if (line.substr(0, content).contains('\t')) return index;
    // Only the neighbourhood of the error: an earlier tab did no harm.
    if (index + 2 < last) break;
  }
  return std::string_view::npos;
}

void report_syntax(const Source& source, const TreeBuilder& builder, const YAML::Exception& error,
                   Diagnostics& diagnostics) {
  Mark mark = source.mark(error.mark);
  auto line = error.mark.is_null() ? std::size_t{0} : static_cast<std::size_t>(error.mark.line);
  std::size_t tab = tab_line(source, line);
  if (tab != std::string_view::npos) {
    diagnostics.error({.mark = source.mark(tab, source.line(tab).find('\t')), .path = {}},
                      "a tab cannot indent", "Indent with spaces.", code::kSyntax);
    return;
  }
  // At the end of the text the parser knows no place; the bracket left open does.
  bool nowhere = error.mark.is_null() || (error.mark.line == 0 && error.mark.column == 0);
  if (nowhere && builder.open() != nullptr) mark = builder.open()->mark;

  std::string message = "this is not YAML: " + error.msg;
  std::string suggestion;
  for (const Explanation& known : kExplanations) {
    if (!error.msg.starts_with(known.parser)) continue;
    message = known.message;
    suggestion = known.suggestion;
  }
  bool flow = error.msg.contains("flow not found");
  if (flow && !nowhere && source.line(line).contains("${")) {
    suggestion = "Inside brackets and braces, references need quotes: \"${env:NAME}\".";
  }
  diagnostics.error({.mark = mark, .path = {}}, std::move(message), std::move(suggestion),
                    code::kSyntax);
}

std::optional<Node> parse(const Source& source, Diagnostics& diagnostics) {
  TreeBuilder builder(source, diagnostics);
  try {
    std::istringstream stream{std::string(source.text())};
    YAML::Parser parser(stream);
    bool found = parser.HandleNextDocument(builder);
    if (!found) {
      diagnostics.error({.mark = source.whole_file(), .path = {}}, "the file is empty", {},
                        code::kSyntax);
      return std::nullopt;
    }
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Abandon&) {
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    report_syntax(source, builder, error, diagnostics);
  } catch (const std::exception& error) {
    diagnostics.error({.mark = source.whole_file(), .path = {}},
                      "the file cannot be parsed: " + std::string(error.what()), {}, code::kSyntax);
  }
  return std::nullopt;
}

void report_unreadable(const std::string& file, std::string message, Diagnostics& diagnostics) {
  diagnostics.error({.mark = {.file = std::make_shared<const std::string>(file)}, .path = {}},
                    std::move(message), {}, code::kUnreadable);
}

}  // namespace

std::optional<Node> load_yaml(std::string_view text, std::string_view file,
                              Diagnostics& diagnostics) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Source source(text, file);
  if (text.size() > kMaxFileBytes) {
    diagnostics.error({.mark = source.whole_file(), .path = {}}, "the file is longer than 16 MiB",
                      {}, code::kLimit);
    return std::nullopt;
  }
  if (!check_bytes(source, diagnostics)) return std::nullopt;
  return parse(source, diagnostics);
}

std::optional<Node> load_yaml_file(const std::string& file, Diagnostics& diagnostics) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    report_unreadable(file, "the file cannot be opened", diagnostics);
    return std::nullopt;
  }
  std::string text(kMaxFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) {
    report_unreadable(file, "the file cannot be read", diagnostics);
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return load_yaml(text, file, diagnostics);
}

}  // namespace sallyport::config
