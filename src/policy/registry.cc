// What the description of every policy has in common.
#include "policy/registry.h"

#include <algorithm>

#include "schema/json_schema.h"
#include "schema/markdown.h"

namespace sallyport {
namespace registry {
namespace {

// `mode` is read into this, so that one table describes it too.
struct Common {
  Mode mode = Mode::enforce;
  static schema::Fields<Common> fields() {
    return {field("mode", &Common::mode, "Whether verdicts count.")};
  }
};

}  // namespace

schema::Shape finished(schema::Shape shape, std::string_view name, std::string_view summary,
                       bool with_mode) {
  if (shape.definition.empty()) shape.definition = "policy_" + std::string(name);
  if (shape.summary.empty()) shape.summary = summary;
  if (!with_mode) return shape;
  shape.fields = [own = std::move(shape.fields)] {
    std::vector<schema::FieldShape> fields = own();
    for (schema::FieldShape& common : schema::fields_of<Common>().describe({})) {
      fields.push_back(std::move(common));
    }
    return fields;
  };
  return shape;
}

schema::BoundField bind_mode(Mode& mode) {
  const schema::Field<Common>& entry = schema::fields_of<Common>().list().front();
  return {.info = &entry.info,
          .read = [&entry, &mode](const schema::Node& node, schema::Context& context) {
            Common common;
            if (!entry.read(entry.info, node, context, common)) return false;
            mode = common.mode;
            return true;
          }};
}

std::string json_schema(const PolicyType& type) {
  return schema::json_schema(type.shape(), type.name);
}

std::string markdown(const PolicyType& type) {
  std::string out = "# `" + type.name + "`\n\n" + type.summary + "\n\n";
  out += "Stage: " + std::string(schema::name_of(type.stage)) + ". Looks at:";
  std::string_view comma = " ";
  auto phase = [&](bool looks, std::string_view words) {
    if (!looks) return;
    out += std::string(comma) + std::string(words);
    comma = ", ";
  };
  phase(type.on_request, "the head of the request");
  phase(type.on_request_body, "the body of the request");
  phase(type.on_response, "the head of the response");
  phase(type.on_response_body, "the body of the response");
  out += ".\n\n## Keys\n\n";
  schema::Shape shape = type.shape();
  shape.summary.clear();  // it opens the page already
  out += schema::markdown_reference(shape, type.name, 3);
  if (!type.example.empty()) {
    out += "## Example\n\n```yaml\n" + type.name + ": " + type.example + "\n```\n\n";
  }
  out += "## Reasons\n\n";
  if (type.reasons.empty()) return out + "It refuses nothing.\n";
  out += "| Code | Status | What the client is told |\n|---|---|---|\n";
  for (const Reason& reason : type.reasons) {
    out += "| `" + std::string(reason.code) + "` | " + std::to_string(reason.status) + " | " +
           std::string(reason.title) + " |\n";
  }
  return out;
}

}  // namespace registry

schema::FieldShape PolicyType::field_shape() const {
  return {.info = {.name = name, .description = summary}, .shape = shape(), .default_json = {}};
}

const PolicyType* find_policy(const std::vector<PolicyType>& types, std::string_view name) {
  auto found = std::ranges::find(types, name, &PolicyType::name);
  return found == types.end() ? nullptr : &*found;
}

}  // namespace sallyport
