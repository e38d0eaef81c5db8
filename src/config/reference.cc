// See reference.h.
#include "config/reference.h"

#include <string_view>
#include <utility>

#include "config/model.h"
#include "policy/registry.h"
#include "schema/field.h"
#include "schema/json_schema.h"
#include "schema/markdown.h"

namespace sallyport::config {
namespace {

using schema::Shape;

constexpr std::string_view kIntroduction =
    R"(# The configuration file

One YAML file says everything. It is read strictly: an unknown key, a value of the wrong type, a
name that nothing has, a secret that cannot be found are errors, all of them reported at once with
file, line and column, and a configuration with errors is never used, not in part either.

- Durations: `250ms`, `5s`, `1m`, `2h`, `7d`. Sizes: `512B`, `64KiB`, `10MiB`. Plain `0` is allowed.
- Names of files count from the folder of the configuration file.
- `${env:NAME}` and `${file:path}` stand for the value of a variable or the content of a file. What
  they stand for is never printed. `$${` is a plain `${`.
- Anchors, aliases, merge keys and tags are not part of the language.
- Policies may stand at the top, in an API and in a route. The inner one replaces the outer one
  whole, and `off` there switches it off. So do `methods`, `upstream`, `public`, `rewrite`,
  `timeouts` and `websocket` of a route replace those of its API.
- A listener speaks TLS if it has a `tls` block, and plain HTTP otherwise.
- An API must have a policy that proves who is calling, or say `public: true`.
- The most specific route decides: exact host before wildcard before any, then a literal segment
  before a parameter before a prefix. The path decides before the method: what matches a route's
  path but none of its methods is 405. Two routes that claim the same requests are an error.

)";

// A key of that name elsewhere has another shape.
bool is_policy(const schema::FieldShape& field) {
  const PolicyType* type = find_policy(known_policies(), field.info.name);
  return type != nullptr && field.shape.kind == Shape::Kind::either &&
         field.shape.inner.front().definition == type->shape().definition;
}

// `shape` with links to the pages of policies in place of their keys. Inside functions, because a
// shape may contain itself.
Shape with_links(Shape shape) {
  for (Shape& inner : shape.inner) inner = with_links(std::move(inner));
  if (!shape.fields) return shape;
  shape.fields = [own = std::move(shape.fields)] {
    std::vector<schema::FieldShape> fields = own();
    for (schema::FieldShape& field : fields) {
      if (is_policy(field)) {
        field.shape = Shape();
        field.shape.type = "[policy](policies/" + field.info.name + ".md), or `off`";
      } else {
        field.shape = with_links(std::move(field.shape));
      }
    }
    return fields;
  };
  return shape;
}

Shape whole_file() { return schema::fields_of<model::Root>().shape(); }

}  // namespace

std::string json_schema() { return schema::json_schema(whole_file(), "Sallyport configuration"); }

std::vector<Page> markdown() {
  std::vector<Page> pages;
  pages.push_back(
      {.file = "configuration.md",
       .text = std::string(kIntroduction) + schema::markdown_reference(with_links(whole_file()))});
  for (const PolicyType& type : known_policies()) {
    pages.push_back({.file = "policies/" + type.name + ".md", .text = type.markdown()});
  }
  return pages;
}

}  // namespace sallyport::config
