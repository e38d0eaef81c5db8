// A policy described once: how its block is read, what it may look like, what it refuses with and
// when it looks. Used while a configuration is built, never while a request is served.
//
//   PolicyType ip_allow() {
//     return define_policy<IpAllow, Config>({
//         .name = "ip_allow",
//         .stage = Stage::admission,
//         .summary = "Admits a request only when it comes from a listed network.",
//         .fields = {field("allow", &Config::allow, "Networks that may use the
//         route.").required()}, .reasons = {kNotAllowed}, .example = R"({"allow":
//         ["10.0.0.0/8"]})",
//     });
//   }
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "policy/policy.h"
#include "schema/field.h"

namespace sallyport {

using schema::field;

// Whether the verdicts of a policy count. Every block may say `mode: monitor`.
enum class Mode : std::uint8_t { enforce, monitor };
constexpr auto enum_names(Mode /*mode*/) {
  return std::array{schema::EnumName{"enforce", Mode::enforce, "Verdicts decide."},
                    schema::EnumName{"monitor", Mode::monitor,
                                     "Verdicts are recorded, and the request goes on."}};
}

constexpr auto enum_names(Stage /*stage*/) {
  return std::array{schema::EnumName{"admission", Stage::admission},
                    schema::EnumName{"authentication", Stage::authentication},
                    schema::EnumName{"limits", Stage::limits},
                    schema::EnumName{"authorization", Stage::authorization},
                    schema::EnumName{"contract", Stage::contract},
                    schema::EnumName{"inspection", Stage::inspection},
                    schema::EnumName{"transform", Stage::transform}};
}

struct MadePolicy {
  std::shared_ptr<const Policy> policy;  // null: the block is wrong, and the context heard why
  bool monitor = false;
  bool off = false;  // it is never asked
};

// What a policy with modes of its own says `mode` comes to.
struct Standing {
  bool monitor = false;
  bool off = false;
};

// One kind of policy, its configuration type erased.
struct PolicyType {
  std::string name;
  Stage stage = Stage::admission;
  std::string summary;
  std::vector<Reason> reasons;
  std::string example;  // a block, as JSON (so as YAML)
  std::function<MadePolicy(const schema::Node& block, schema::Context& context)> make;
  std::function<schema::Shape()> shape;  // of the block, `mode` included
  std::function<std::string()> json_schema;
  std::function<std::string()> markdown;
  bool on_request = false;
  bool on_request_body = false;
  bool on_response = false;
  bool on_response_body = false;

  // The block as one key of an outer table: what Fields::rest wants to know.
  [[nodiscard]] schema::FieldShape field_shape() const;
};

// What a policy says of itself. Config must be default constructible; its initialisers are the
// defaults.
template <typename Config>
struct PolicyDescription {
  std::string_view name;
  Stage stage;
  std::string_view summary;
  schema::Fields<Config> fields = {};
  std::vector<Reason> reasons = {};
  std::string_view example = {};
};

// A policy class is made from its Config. One that can still find its configuration wrong has
//   static std::shared_ptr<const Policy> make(Config, const schema::Node& block, schema::Context&);
// instead of a constructor, and returns null after reporting. One whose `mode` means more than
// `enforce` and `monitor` has a field of that name, with `monitor` among its values, and
//   static Standing standing(const Config&);
template <typename P, typename Config>
[[nodiscard]] PolicyType define_policy(PolicyDescription<Config> description);

// The policy of that name, or null.
[[nodiscard]] const PolicyType* find_policy(const std::vector<PolicyType>& types,
                                            std::string_view name);

// ---- implementation ----

namespace registry {
// The shape under the policy's name; `with_mode`: with `mode` as a key beside its own.
[[nodiscard]] schema::Shape finished(schema::Shape shape, std::string_view name,
                                     std::string_view summary, bool with_mode);
[[nodiscard]] schema::BoundField bind_mode(Mode& mode);
[[nodiscard]] std::string json_schema(const PolicyType& type);
[[nodiscard]] std::string markdown(const PolicyType& type);
}  // namespace registry

template <typename P, typename Config>
PolicyType define_policy(PolicyDescription<Config> description) {
  PolicyType type;
  type.name = description.name;
  type.stage = description.stage;
  type.summary = description.summary;
  type.reasons = std::move(description.reasons);
  type.example = description.example;
  auto fields = std::make_shared<const schema::Fields<Config>>(std::move(description.fields));
  constexpr bool kOwnMode = requires(const Config& config) { P::standing(config); };
  type.make = [fields](const schema::Node& block, schema::Context& context) {
    MadePolicy made;
    Mode mode = Mode::enforce;
    Config config{};
    if constexpr (kOwnMode) {
      if (!fields->read(block, context, config)) return made;
      Standing standing = P::standing(config);
      made.off = standing.off;
      if (standing.monitor) mode = Mode::monitor;
    } else {
      std::array extra{registry::bind_mode(mode)};
      if (!fields->read(block, context, config, extra)) return made;
    }
    if constexpr (requires { P::make(std::move(config), block, context); }) {
      made.policy = P::make(std::move(config), block, context);
    } else {
      made.policy = std::make_shared<const P>(std::move(config));
    }
    made.monitor = mode == Mode::monitor;
    return made;
  };
  type.shape = [fields, name = type.name, summary = type.summary] {
    return registry::finished(fields->shape(), name, summary, !kOwnMode);
  };
  type.on_request = !std::is_same_v<decltype(&P::on_request), decltype(&Policy::on_request)>;
  type.on_request_body =
      !std::is_same_v<decltype(&P::on_request_body), decltype(&Policy::on_request_body)>;
  type.on_response = !std::is_same_v<decltype(&P::on_response), decltype(&Policy::on_response)>;
  type.on_response_body =
      !std::is_same_v<decltype(&P::on_response_body), decltype(&Policy::on_response_body)>;
  // Copies: the type itself may be gone or moved when these are called.
  const PolicyType described = type;
  type.json_schema = [described] { return registry::json_schema(described); };
  type.markdown = [described] { return registry::markdown(described); };
  return type;
}

}  // namespace sallyport
