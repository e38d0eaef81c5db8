// See secrets.h. Messages name references, never what they stand for.
#include "config/secrets.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include "schema/context.h"

namespace sallyport::config {
namespace {

using schema::Context;
using schema::Node;
namespace code = schema::code;

class Resolver {
 public:
  Resolver(const Environment& environment, Context& context)
      : environment_(environment), context_(context) {}

  void resolve(Node& node) {
    if (node.is_scalar() && node.text.contains("${")) resolve_scalar(node);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      auto scope = context_.item(i);
      resolve(node.items[i]);
    }
    for (Node::Entry& entry : node.entries) {
      auto scope = context_.key(entry.key);
      resolve(entry.value);
    }
  }

  [[nodiscard]] std::vector<std::string> files() const { return {files_.begin(), files_.end()}; }

 private:
  void resolve_scalar(Node& node) {
    std::string_view rest = node.text;
    std::string text;
    bool referred = false;
    while (true) {
      std::size_t at = rest.find("${");
      if (at == std::string_view::npos) break;
      if (at > 0 && rest[at - 1] == '$') {  // "$${" is a plain "${"
        text += rest.substr(0, at - 1);
        text += "${";
        rest.remove_prefix(at + 2);
        continue;
      }
      text += rest.substr(0, at);
      std::size_t end = rest.find('}', at);
      if (end == std::string_view::npos) {
        refuse(node, "a reference is not closed", "Write \"$${\" for a plain \"${\".");
        return;
      }
      std::string_view reference = rest.substr(at + 2, end - at - 2);
      std::optional<std::string> value = look_up(reference, node);
      if (!value) return;
      text += *value;
      referred = true;
      rest.remove_prefix(end + 1);
    }
    text += rest;
    if (referred) node.origin = std::move(node.text);
    node.text = std::move(text);
  }

  std::optional<std::string> look_up(std::string_view reference, Node& node) {
    if (reference.starts_with("env:")) return from_environment(reference.substr(4), node);
    if (reference.starts_with("file:")) return from_file(reference.substr(5), node);
    return refuse(node, "\"${" + std::string(reference) + "}\" is no reference",
                  "Write \"${env:NAME}\", \"${file:path}\", or \"$${\" for a plain \"${\".");
  }

  std::optional<std::string> from_environment(std::string_view name, Node& node) {
    if (!is_variable_name(name)) {
      return refuse(node, "\"" + std::string(name) + "\" is no name of an environment variable");
    }
    std::optional<std::string> value = environment_(name);
    if (!value) {
      return refuse(node, "the environment variable " + std::string(name) + " is not set");
    }
    if (value->size() > kMaxSecretBytes) {
      return refuse(node,
                    "the environment variable " + std::string(name) + " is longer than 64 KiB");
    }
    return value;
  }

  std::optional<std::string> from_file(std::string_view name, Node& node) {
    if (name.empty()) return refuse(node, "the name of the file is missing");
    std::filesystem::path path(name);
    if (path.is_relative() && node.mark.file) {
      path = std::filesystem::path(*node.mark.file).parent_path() / path;
    }
    path = path.lexically_normal();
    files_.insert(path.string());
    // Not from a pipe or a device: reading one could block for ever.
    std::error_code error;
    bool regular = std::filesystem::is_regular_file(path, error);
    std::ifstream stream;
    if (regular) stream.open(path, std::ios::binary);
    if (!stream.is_open()) {
      bool exists = std::filesystem::exists(path, error);
      return refuse(node, "the file " + path.string() +
                              (regular  ? " cannot be opened"
                               : exists ? " is not a regular file"
                                        : " does not exist"));
    }
    std::string value(kMaxSecretBytes + 1, '\0');
    stream.read(value.data(), static_cast<std::streamsize>(value.size()));
    value.resize(static_cast<std::size_t>(stream.gcount()));
    if (stream.bad()) return refuse(node, "the file " + path.string() + " cannot be read");
    if (value.size() > kMaxSecretBytes) {
      return refuse(node, "the file " + path.string() + " is longer than 64 KiB");
    }
    if (value.ends_with('\n')) value.pop_back();
    if (value.ends_with('\r')) value.pop_back();
    return value;
  }

  std::nullopt_t refuse(Node& node, std::string message, std::string suggestion = {}) {
    context_.error(node, std::move(message), std::move(suggestion), code::kUnresolved);
    // What cannot be resolved is still no value to read or to print as one.
    node.origin = node.text;
    node.text.clear();
    node.broken = true;
    return std::nullopt;
  }

  const Environment& environment_;
  Context& context_;
  std::set<std::string> files_;
};

}  // namespace

bool is_variable_name(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

std::vector<std::string> resolve_secrets(Node& root, const Environment& environment,
                                         schema::Diagnostics& diagnostics) {
  Context context(diagnostics);
  Resolver resolver(environment, context);
  resolver.resolve(root);
  return resolver.files();
}

}  // namespace sallyport::config
