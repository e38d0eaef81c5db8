// Where a reader of nodes stands and where it complains. Codecs get one and pass it down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "schema/diagnostics.h"
#include "schema/node.h"

namespace sallyport::schema {

// What reading one file as a whole has in common: for what several blocks would load twice.
struct LoadScope {
  // Files that were read because of what stands in the file; a change of one is a change of it.
  std::set<std::string> files;
  // Things by name, which say themselves what they are.
  std::map<std::string, std::shared_ptr<void>> shared;
  // Whether the file says where consumers and their credentials are kept (`state`).
  bool keeps_state = false;
  // Names of query parameters that hold credentials: no log shows their values.
  std::set<std::string> secret_parameters;
  // Whose name the file's token service issues under; empty: it has none.
  std::string own_issuer;
};

class Context {
 public:
  // Restores the path when it goes out of scope.
  class [[nodiscard]] Scope {
   public:
    Scope(Context& context, std::size_t length) : context_(context), length_(length) {}
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope() { context_.path_.resize(length_); }

   private:
    Context& context_;
    std::size_t length_;
  };

  // Puts the bounds of integers back when it goes out of scope.
  class [[nodiscard]] Bounds {
   public:
    Bounds(Context& context, std::int64_t least, std::int64_t most)
        : context_(context),
          least_(std::exchange(context.least_, least)),
          most_(std::exchange(context.most_, most)) {}
    Bounds(const Bounds&) = delete;
    Bounds& operator=(const Bounds&) = delete;
    ~Bounds() {
      context_.least_ = least_;
      context_.most_ = most_;
    }

   private:
    Context& context_;
    std::int64_t least_;
    std::int64_t most_;
  };

  // `diagnostics` must outlive the context. `path` is where reading starts, for a block that was
  // set aside and is read later. `scope` may be null.
  explicit Context(Diagnostics& diagnostics, std::string path = {}, LoadScope* scope = nullptr)
      : diagnostics_(diagnostics), path_(std::move(path)), scope_(scope) {}

  // Steps into a key or an item:  auto scope = context.key("routes");
  Scope key(std::string_view name);
  Scope item(std::size_t index);

  // What the integers read meanwhile must lie within, whatever their type could hold. Messages then
  // name the range of the key:  auto bounds = context.integers(1, 1024);
  Bounds integers(std::int64_t least, std::int64_t most) { return {*this, least, most}; }
  [[nodiscard]] std::int64_t least() const { return least_; }
  [[nodiscard]] std::int64_t most() const { return most_; }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Where where(const Mark& mark) const { return {.mark = mark, .path = path_}; }
  [[nodiscard]] Where where(const Node& node) const { return where(node.mark); }
  [[nodiscard]] Diagnostics& diagnostics() { return diagnostics_; }
  [[nodiscard]] LoadScope* scope() { return scope_; }

  // Reports at the current path and the node's place, unless the node is broken. Always false, so
  // that a codec can write `return context.error(node, ...)`.
  bool error(const Node& node, std::string message, std::string suggestion = {},
             std::string_view code = code::kInvalidValue);
  bool error(const Mark& mark, std::string message, std::string suggestion = {},
             std::string_view code = code::kInvalidValue);
  void warning(const Mark& mark, std::string message, std::string suggestion = {},
               std::string_view code = code::kInvalidValue);

  // True if the node is a scalar that can be read; else reports `expected WHAT, found a list`.
  bool expect_scalar(const Node& node, std::string_view what);
  bool expect_map(const Node& node, std::string_view what = "a map");
  bool expect_sequence(const Node& node, std::string_view what = "a list");
  bool wrong_kind(const Node& node, std::string_view what, std::string suggestion = {});

 private:
  Diagnostics& diagnostics_;
  std::string path_;
  LoadScope* scope_;
  std::int64_t least_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t most_ = std::numeric_limits<std::int64_t>::max();
};

// "a duration", "an address".
[[nodiscard]] std::string with_article(std::string_view noun);

// `text` as it may be printed: "***" in place of the user name and password of a URL.
[[nodiscard]] std::string without_userinfo(std::string_view text);

// The scalar in quotes, as it may be printed: clipped, references unresolved, without_userinfo.
[[nodiscard]] std::string quoted(const Node& scalar);

// `path` with `key` appended: "a.b", or a["odd key"] where the key is not a plain word.
void append_key(std::string& path, std::string_view key);

}  // namespace sallyport::schema
