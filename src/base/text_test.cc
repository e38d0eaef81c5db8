#include "base/text.h"

#include <gtest/gtest.h>

namespace sallyport::text {
namespace {

TEST(PercentEncoded, KeepsUnreservedCharactersAndThoseAskedFor) {
  EXPECT_EQ(percent_encoded("az AZ09-._~/"), "az%20AZ09-._~%2F");
  EXPECT_EQ(percent_encoded("a/b c", "/"), "a/b%20c");
  EXPECT_EQ(percent_encoded("%\xC3\xA9\n"), "%25%C3%A9%0A");
  EXPECT_EQ(percent_encoded(""), "");
}

}  // namespace
}  // namespace sallyport::text
