#include "config/diagnostics_output.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace sallyport::config {
namespace {

schema::Diagnostics sample() {
  auto file = std::make_shared<const std::string>("my api.yaml");
  schema::Diagnostics diagnostics;
  diagnostics.warning({.mark = {.file = file, .line = 9, .column = 3}, .path = "b"}, "old", "New.",
                      schema::code::kDeprecated);
  diagnostics.error({.mark = {.file = file, .line = 4, .column = 5}, .path = "a"}, "unknown key",
                    "Did you mean \"c\"?", schema::code::kUnknownKey);
  return diagnostics;
}

TEST(DiagnosticsOutput, IsJsonForPrograms) {
  EXPECT_EQ(to_json(sample()), R"({
  "errors": 1,
  "warnings": 1,
  "diagnostics": [
    {
      "severity": "error",
      "file": "my api.yaml",
      "line": 4,
      "column": 5,
      "path": "a",
      "message": "unknown key",
      "suggestion": "Did you mean \"c\"?",
      "code": "config.unknown_key"
    },
    {
      "severity": "warning",
      "file": "my api.yaml",
      "line": 9,
      "column": 3,
      "path": "b",
      "message": "old",
      "suggestion": "New.",
      "code": "config.deprecated"
    }
  ]
}
)");
}

TEST(DiagnosticsOutput, IsSarifForContinuousIntegration) {
  EXPECT_EQ(to_sarif(sample(), "1.2.3"), R"({
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "sallyport",
          "version": "1.2.3",
          "rules": [
            {
              "id": "config.deprecated"
            },
            {
              "id": "config.unknown_key"
            }
          ]
        }
      },
      "columnKind": "unicodeCodePoints",
      "results": [
        {
          "ruleId": "config.unknown_key",
          "ruleIndex": 1,
          "level": "error",
          "message": {
            "text": "a: unknown key. Did you mean \"c\"?"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "my%20api.yaml"
                },
                "region": {
                  "startLine": 4,
                  "startColumn": 5
                }
              },
              "logicalLocations": [
                {
                  "fullyQualifiedName": "a"
                }
              ]
            }
          ]
        },
        {
          "ruleId": "config.deprecated",
          "ruleIndex": 0,
          "level": "warning",
          "message": {
            "text": "b: old. New."
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "my%20api.yaml"
                },
                "region": {
                  "startLine": 9,
                  "startColumn": 3
                }
              },
              "logicalLocations": [
                {
                  "fullyQualifiedName": "b"
                }
              ]
            }
          ]
        }
      ]
    }
  ]
}
)");
}

TEST(DiagnosticsOutput, OfNothingIsAnEmptyList) {
  EXPECT_EQ(to_json({}), "{\n  \"errors\": 0,\n  \"warnings\": 0,\n  \"diagnostics\": []\n}\n");
}

}  // namespace
}  // namespace sallyport::config
