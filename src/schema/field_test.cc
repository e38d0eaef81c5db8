#include "schema/field.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/json_schema.h"
#include "schema/markdown.h"

namespace sallyport::schema {
namespace {

using namespace std::chrono_literals;

Node plain(std::string text) { return Node::scalar(std::move(text)); }
Node quoted_text(std::string text) {
  Node node = Node::scalar(std::move(text));
  node.quoted = true;
  return node;
}
Node reference(std::string value) {
  Node node = Node::scalar(std::move(value));
  node.origin = "${env:KEY}";
  return node;
}
Node list(std::vector<Node> items) {
  Node node;
  node.kind = Node::Kind::sequence;
  node.items = std::move(items);
  return node;
}
Node map(std::initializer_list<std::pair<std::string, Node>> entries) {
  Node node;
  node.kind = Node::Kind::map;
  for (const auto& [key, value] : entries) {
    node.entries.push_back({.key = key, .key_mark = {}, .value = value});
  }
  return node;
}

enum class Balance : std::uint8_t { round_robin, least_request };
constexpr auto enum_names(Balance /*balance*/) {
  return std::array{EnumName{"round_robin", Balance::round_robin, "In turn."},
                    EnumName{"least_request", Balance::least_request}};
}

struct Endpoint {
  std::string url;
  int weight = 1;
  static Fields<Endpoint> fields() {
    return Fields<Endpoint>{field("url", &Endpoint::url, "Where it is.").required(),
                            field("weight", &Endpoint::weight, "Its share.").range(1, 100)}
        .shorthand("url");
  }
};

struct Common {
  bool verbose = false;
  std::vector<Block> policies;
  static Fields<Common> fields() {
    return Fields<Common>{field("verbose", &Common::verbose, "Say more.")}.rest(
        &Common::policies, [] {
          FieldShape cors;
          cors.info.name = "cors";
          cors.info.description = "Other origins.";
          return std::vector{cors};
        });
  }
};

struct Pool {
  std::vector<Endpoint> endpoints;
  Balance balance = Balance::round_robin;
  Duration timeout = 5s;
  std::optional<Size> body;
  Marked<std::string> name;
  NamedList<Endpoint> named;
  std::map<std::string, int> ports;
  Secret key;
  Raw extra;
  std::vector<std::string> methods = {"GET"};
  double ratio = 0.5;
  std::string old;
  Common common;
  static Fields<Pool> fields() {
    return Fields<Pool>{
        field("endpoints", &Pool::endpoints, "Servers.").required().or_single().min_items(1),
        field("balance", &Pool::balance, "How to pick."),
        field("timeout", &Pool::timeout, "How long to wait.").range(1ms, 1h),
        field("body", &Pool::body, "Largest body.").range({1}, {kGiB}).default_text("unlimited"),
        field("name", &Pool::name, "What to call it.").check([](const std::string& name) {
          return name.contains(' ') ? "must not hold a space" : "";
        }),
        field("named", &Pool::named, "By name."),
        field("ports", &Pool::ports, "Numbers by name."),
        field("key", &Pool::key, "A secret."),
        field("extra", &Pool::extra, "For others."),
        field("methods", &Pool::methods, "Methods.").one_of({"GET", "POST", "PUT"}),
        field("ratio", &Pool::ratio, "A ratio."),
        field("old", &Pool::old, "Gone soon.").deprecated("Use `name`.")}
        .inlined(&Pool::common)
        .at_most_one_of({"body", "ratio"})
        .check([](const Pool& pool, const Node& node, Context& context) {
          if (pool.endpoints.size() > 3) context.error(node, "too many endpoints");
        });
  }
};

struct Outcome {
  bool good = false;
  Pool pool;
  std::string text;
};

Outcome read(const Node& node) {
  Diagnostics diagnostics;
  Context context(diagnostics);
  Outcome outcome;
  outcome.good = Codec<Pool>::read(node, context, outcome.pool);
  outcome.text = diagnostics.to_text();
  EXPECT_EQ(outcome.good, !diagnostics.has_errors()) << outcome.text;
  return outcome;
}

Outcome read_with(const std::string& key, const Node& value) {
  return read(map({{"endpoints", plain("a")}, {key, value}}));
}

TEST(Fields, FillAStruct) {
  Outcome o = read(
      map({{"endpoints", list({plain("a"), map({{"url", plain("b")}, {"weight", plain("7")}})})},
           {"balance", plain("least_request")},
           {"timeout", plain("250ms")},
           {"body", plain("10MiB")},
           {"name", plain("pool")},
           {"named", map({{"z", plain("c")}, {"y", plain("d")}})},
           {"ports", map({{"http", plain("80")}})},
           {"key", reference("hush")},
           {"extra", list({plain("x")})},
           {"methods", list({plain("PUT"), plain("GET")})},
           {"verbose", plain("true")}}));
  ASSERT_TRUE(o.good) << o.text;
  ASSERT_EQ(o.pool.endpoints.size(), 2U);
  EXPECT_EQ(o.pool.endpoints[0].url, "a");
  EXPECT_EQ(o.pool.endpoints[0].weight, 1);
  EXPECT_EQ(o.pool.endpoints[1].weight, 7);
  EXPECT_EQ(o.pool.balance, Balance::least_request);
  EXPECT_EQ(o.pool.timeout, 250ms);
  EXPECT_EQ(o.pool.body, Size{10 * kMiB});
  EXPECT_EQ(o.pool.name.value, "pool");
  EXPECT_EQ(o.pool.name.where.path, "name");
  ASSERT_EQ(o.pool.named.size(), 2U);
  EXPECT_EQ(o.pool.named[0].name, "z");
  EXPECT_EQ(o.pool.named[0].where.path, "named.z");
  EXPECT_EQ(o.pool.ports.at("http"), 80);
  EXPECT_EQ(o.pool.key.reveal(), "hush");
  EXPECT_EQ(o.pool.key.origin(), "${env:KEY}");
  EXPECT_EQ(o.pool.extra.where.path, "extra");
  EXPECT_EQ(o.pool.extra.node.items.size(), 1U);
  EXPECT_EQ(o.pool.methods, (std::vector<std::string>{"PUT", "GET"}));
  EXPECT_TRUE(o.pool.common.verbose);
}

TEST(Fields, LeaveAbsentKeysAtTheirInitialisers) {
  Outcome o = read(map({{"endpoints", plain("a")}}));
  ASSERT_TRUE(o.good) << o.text;
  EXPECT_EQ(o.pool.timeout, 5s);
  EXPECT_FALSE(o.pool.body);
  EXPECT_EQ(o.pool.methods, (std::vector<std::string>{"GET"}));
}

TEST(Fields, ReportEverythingAtOnce) {
  Outcome o = read(map({{"balence", plain("x")},
                        {"timeout", plain("30")},
                        {"named", map({{"a", map({{"weight", plain("0")}})}})},
                        {"ports", list({})},
                        {"verbose", plain("yes")}}));
  // Without places the lines are sorted by path.
  EXPECT_EQ(o.text,
            "error: missing key \"endpoints\"\n"
            "error: balence: unknown key. Did you mean \"balance\"?\n"
            "error: named.a: missing key \"url\"\n"
            "error: named.a.weight: must be from 1 to 100\n"
            "error: ports: expected a map, found a list\n"
            "error: timeout: \"30\" is not a duration: it needs a unit. Write \"30s\".\n"
            "error: verbose: \"yes\" is neither true nor false. Write true.\n");
}

TEST(Fields, DoNotReportAMissingKeyThatWasMisspelt) {
  Outcome o = read(map({{"endpoint", plain("a")}}));
  EXPECT_EQ(o.text, "error: endpoint: unknown key. Did you mean \"endpoints\"?\n");
}

TEST(Fields, ListTheKnownKeysWhereNoneIsNear) {
  Diagnostics diagnostics;
  Context context(diagnostics);
  Endpoint endpoint;
  Codec<Endpoint>::read(map({{"url", plain("a")}, {"completely", plain("b")}}), context, endpoint);
  EXPECT_EQ(diagnostics.to_text(), "error: completely: unknown key. Known keys: url, weight.\n");
}

TEST(Fields, HandOnTheKeysOfOthersUnread) {
  Outcome o = read_with("cors", map({{"origins", plain("*")}}));
  ASSERT_TRUE(o.good) << o.text;
  ASSERT_EQ(o.pool.common.policies.size(), 1U);
  EXPECT_EQ(o.pool.common.policies[0].name, "cors");
  EXPECT_EQ(o.pool.common.policies[0].where.path, "cors");
  EXPECT_NE(o.pool.common.policies[0].value.find("origins"), nullptr);
}

TEST(Fields, RefuseEachWrongValueInWords) {
  struct Case {
    std::string key;
    Node value;
    std::string text;
  };
  const std::vector<Case> cases = {
      {"balance", plain("least_requests"),
       "error: balance: \"least_requests\" is not one of round_robin, least_request. Did you mean "
       "\"least_request\"?\n"},
      {"balance", list({}),
       "error: balance: expected one of round_robin, least_request, found a list\n"},
      {"timeout", plain("2h"), "error: timeout: must be from 1ms to 1h\n"},
      {"timeout", {}, "error: timeout: expected a duration, found nothing\n"},
      {"body", plain("2GiB"), "error: body: must be from 1B to 1GiB\n"},
      {"name", plain("a b"), "error: name: must not hold a space\n"},
      {"name", map({}), "error: name: expected text, found a map\n"},
      {"ports", map({{"http", plain("080")}}),
       "error: ports.http: \"080\" is not a whole number\n"},
      {"ports", map({{"http", plain("99999999999")}}),
       "error: ports.http: must be from -2147483648 to 2147483647\n"},
      {"named", map({{"a", map({{"url", plain("u")}, {"weight", plain("99999999999999999999")}})}}),
       "error: named.a.weight: must be from 1 to 100\n"},
      {"named", map({{"a", map({{"url", plain("u")}, {"weight", plain("-1")}})}}),
       "error: named.a.weight: must be from 1 to 100\n"},
      {"ports", map({{"http", quoted_text("80")}}),
       "error: ports.http: expected a whole number, found text in quotes. Write it without "
       "quotes.\n"},
      {"key", plain("hunter2"),
       "error: key: a secret must not stand in the file. Write \"${env:NAME}\" or "
       "\"${file:path}\".\n"},
      {"key", reference(""), "error: key: what ${env:KEY} stands for is empty\n"},
      {"methods", plain("GET"),
       "error: methods: expected a list, found \"GET\". Put it in brackets: [...].\n"},
      {"methods", list({plain("GET"), plain("get")}),
       "error: methods[1]: \"get\" is not one of GET, POST, PUT. Did you mean \"GET\"?\n"},
      {"ratio", plain("half"), "error: ratio: \"half\" is not a number\n"},
      {"verbose", quoted_text("true"),
       "error: verbose: expected true or false, found text in quotes. Write it without quotes.\n"},
      {"named", {}, "error: named: expected a map, found nothing. Write {} for an empty one.\n"},
      {"named", map({{"a", {}}}),
       "error: named.a: expected a map, found nothing. Write {} to take the defaults.\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(read_with(c.key, c.value).text, c.text);
}

TEST(Fields, NeverQuoteWhatAReferenceStandsFor) {
  for (std::string key : {"balance", "timeout", "body", "ratio", "verbose"}) {
    Outcome o = read_with(key, reference("hunter2"));
    EXPECT_FALSE(o.good) << key;
    EXPECT_EQ(o.text.find("hunter2"), std::string::npos) << o.text;
    EXPECT_NE(o.text.find("what ${env:KEY} stands for is not"), std::string::npos) << o.text;
  }
}

TEST(Fields, AdmitReferencesForNumbersEvenInQuotes) {
  Node node = reference("80");
  node.quoted = true;
  Outcome o = read_with("ports", map({{"http", node}}));
  ASSERT_TRUE(o.good) << o.text;
  EXPECT_EQ(o.pool.ports.at("http"), 80);
}

TEST(Fields, StaySilentAboutWhatIsBrokenAlready) {
  Node broken = reference("");
  broken.broken = true;
  Diagnostics diagnostics;
  Context context(diagnostics);
  Pool pool;
  EXPECT_FALSE(
      Codec<Pool>::read(map({{"endpoints", plain("a")}, {"timeout", broken}}), context, pool));
  EXPECT_TRUE(diagnostics.empty());
}

TEST(Fields, WarnOfDeprecatedKeys) {
  Diagnostics diagnostics;
  Context context(diagnostics);
  Pool pool;
  EXPECT_TRUE(
      Codec<Pool>::read(map({{"endpoints", plain("a")}, {"old", plain("b")}}), context, pool));
  EXPECT_EQ(diagnostics.to_text(), "warning: old: this key is deprecated. Use `name`.\n");
}

TEST(Fields, RefuseKeysThatExcludeEachOther) {
  Outcome o = read(map({{"endpoints", plain("a")}, {"body", plain("1")}, {"ratio", plain("1")}}));
  EXPECT_EQ(o.text, "error: only one of \"body\", \"ratio\" may be set\n");
}

TEST(Fields, RunRulesOverSeveralFieldsLast) {
  Outcome o = read(map({{"endpoints", list({plain("a"), plain("b"), plain("c"), plain("d")})}}));
  EXPECT_EQ(o.text, "error: too many endpoints\n");
}

TEST(Fields, CountTheElementsOfAList) {
  EXPECT_EQ(read(map({{"endpoints", list({})}})).text,
            "error: endpoints: needs at least 1 element\n");
}

struct Tree {
  std::string name;
  std::vector<Tree> children;
  static Fields<Tree> fields() {
    return Fields<Tree>{field("name", &Tree::name, "Its name.").required(),
                        field("children", &Tree::children, "Below it.").or_single()}
        .named("tree", "A tree.");
  }
};

TEST(Shapes, OfATypeThatHoldsItselfArePrintedOnce) {
  Shape shape = Codec<Tree>::shape({});
  EXPECT_EQ(json_schema(shape, "Tree"), R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Tree",
  "$ref": "#/$defs/tree",
  "$defs": {
    "tree": {
      "description": "A tree.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "name": {
          "description": "Its name.",
          "type": "string"
        },
        "children": {
          "description": "Below it.",
          "default": [],
          "anyOf": [
            {
              "type": "array",
              "items": {
                "$ref": "#/$defs/tree"
              }
            },
            {
              "$ref": "#/$defs/tree"
            }
          ]
        }
      },
      "required": [
        "name"
      ]
    },
    "reference": {
      "description": "A value from the environment or from a file.",
      "type": "string",
      "pattern": "\\$\\{(env|file):[^}]+\\}"
    }
  }
}
)");
}

TEST(Shapes, ShowDefaultsRangesAndChoicesInTheReference) {
  EXPECT_EQ(markdown_reference(Codec<Pool>::shape({}), "pool"),
            R"(| Key | Type | Default | What it does |
|---|---|---|---|
| `endpoints` | list: [map](#poolendpoints), or a single one | *required* | Servers. At least 1. |
| `balance` | `round_robin`, `least_request` | `round_robin` | How to pick. `round_robin`: In turn. |
| `timeout` | duration | `5s` | How long to wait. From `1ms` to `1h`. Written like `250ms`, `5s`, `1m`, `2h`, `7d`. |
| `body` | size | unlimited | Largest body. From `1B` to `1GiB`. Written like `512B`, `64KiB`, `10MiB`, `8kB`. |
| `name` | text |  | What to call it. |
| `named` | map of names: [map](#poolnamedname) | `{}` | By name. |
| `ports` | map of names: whole number | `{}` | Numbers by name. |
| `key` | secret |  | A secret. Written like `${env:NAME}`, `${file:path}`. |
| `extra` | anything |  | For others. |
| `methods` | list: `GET`, `POST`, `PUT` | `["GET"]` | Methods. |
| `ratio` | number | `0.5` | A ratio. |
| `old` | text |  | Gone soon. **Deprecated.** Use `name`. |
| `verbose` | true or false | `false` | Say more. |
| `cors` | anything |  | Other origins. |

At most one of `body`, `ratio` is set.

## `pool.endpoints[]`

| Key | Type | Default | What it does |
|---|---|---|---|
| `url` | text | *required* | Where it is. |
| `weight` | whole number | `1` | Its share. From `1` to `100`. |

A value that is no map is short for `url` alone.

## `pool.named.<name>`

| Key | Type | Default | What it does |
|---|---|---|---|
| `url` | text | *required* | Where it is. |
| `weight` | whole number | `1` | Its share. From `1` to `100`. |

A value that is no map is short for `url` alone.

)");
}

TEST(Nodes, PrintReferencesInPlaceOfSecrets) {
  EXPECT_EQ(to_redacted_json(map({{"key", reference("hush")},
                                  {"port", plain("80")},
                                  {"zip", quoted_text("01234")},
                                  {"on", plain("true")},
                                  {"none", {}},
                                  {"list", list({plain("007"), plain("a\"b")})}})),
            R"({"key":"${env:KEY}","port":80,"zip":"01234","on":true,"none":null,)"
            R"("list":["007","a\"b"]})");
}

}  // namespace
}  // namespace sallyport::schema
