#include "cli/callers/csv.h"

#include <gtest/gtest.h>

namespace sallyport::cli {
namespace {

using Records = std::vector<CsvReader::Record>;

std::expected<Records, std::string> read(std::string_view text) {
  CsvReader reader(text);
  Records records;
  for (;;) {
    auto record = reader.next();
    if (!record) return std::unexpected(record.error());
    if (!*record) return records;
    records.push_back(std::move(**record));
  }
}

TEST(Csv, ReadsFieldsAndQuotes) {
  EXPECT_EQ(read(""), Records());
  EXPECT_EQ(read("a"), (Records{{"a"}}));
  EXPECT_EQ(read("a,b\r\nc,\n\n,d\n"), (Records{{"a", "b"}, {"c", ""}, {"", "d"}}));
  EXPECT_EQ(read("\"a,\"\"b\"\"\nc\",d\n"), (Records{{"a,\"b\"\nc", "d"}}));
}

TEST(Csv, NamesTheLineOfAnError) {
  EXPECT_EQ(read("a\n\"b").error(), "Line 2: a quote is not closed.");
  EXPECT_EQ(read("a\nb\"c").error(), "Line 2: a quote stands within a field.");
  EXPECT_EQ(read("a\n\"b\"c").error(), "Line 2: something stands behind a field.");
  EXPECT_EQ(read("a,b\nc,d\ne").error(), "Line 3: there are 1 fields, not 2.");
  EXPECT_EQ(read("\"a\nb\"\nc,d").error(), "Line 3: there are 2 fields, not 1.");
  EXPECT_EQ(read("a\rb").error(), "Line 1: something stands behind a field.");
}

}  // namespace
}  // namespace sallyport::cli
