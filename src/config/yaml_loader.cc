// See yaml_loader.h. Says in words what the parser's syntax errors mean.
#include "config/yaml_loader.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <exception>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "config/source_text.h"
#include "config/tree_builder.h"

namespace sallyport::config {
namespace {

using schema::Diagnostics;
using schema::Mark;
using schema::Node;
namespace code = schema::code;

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
std::size_t tab_line(const SourceText& source, std::size_t last) {
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

void report_syntax(const SourceText& source, const TreeBuilder& builder,
                   const YAML::Exception& error, Diagnostics& diagnostics) {
  auto line = error.mark.is_null() ? std::size_t{0} : static_cast<std::size_t>(error.mark.line);
  auto column = error.mark.is_null() ? std::size_t{0} : static_cast<std::size_t>(error.mark.column);
  std::size_t tab = tab_line(source, line);
  if (tab != std::string_view::npos) {
    diagnostics.error({.mark = source.mark(tab, source.line(tab).find('\t')), .path = {}},
                      "a tab cannot indent", "Indent with spaces.", code::kSyntax);
    return;
  }
  // At the end of the text the parser knows no place, and on another line the bracket that was
  // left open says more than the place where it was missed.
  bool flow = error.msg.contains("flow not found");
  Mark mark = source.mark(line, column);
  const Node* open = builder.open();
  bool nowhere = error.mark.is_null() || (line == 0 && column == 0);
  if (open != nullptr && (nowhere || (flow && open->mark.line != mark.line))) mark = open->mark;

  std::string message = "this is not YAML: " + error.msg;
  std::string suggestion;
  for (const Explanation& known : kExplanations) {
    if (!error.msg.starts_with(known.parser)) continue;
    message = known.message;
    suggestion = known.suggestion;
  }
  if (flow && !nowhere && source.line(line).contains("${")) {
    suggestion = "Inside brackets and braces, references need quotes: \"${env:NAME}\".";
  }
  diagnostics.error({.mark = mark, .path = {}}, std::move(message), std::move(suggestion),
                    code::kSyntax);
}

std::optional<Node> parse(const SourceText& source, Diagnostics& diagnostics) {
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
  SourceText source(text, file);
  if (text.size() > kMaxFileBytes) {
    diagnostics.error({.mark = source.whole_file(), .path = {}}, "the file is longer than 16 MiB",
                      {}, code::kLimit);
    return std::nullopt;
  }
  if (!source.check_bytes(diagnostics)) return std::nullopt;
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
