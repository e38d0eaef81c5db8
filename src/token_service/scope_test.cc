#include "token_service/scope.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::token_service {
namespace {

const std::vector<std::string> kAllowed = {"read", "write", "a:b"};

TEST(Scope, IsWhatWasAskedForOfWhatIsAllowed) {
  EXPECT_EQ(granted_scope("", kAllowed).value(), "read write a:b");
  EXPECT_EQ(granted_scope("write read", kAllowed).value(), "write read");
  EXPECT_EQ(granted_scope("read read", kAllowed).value(), "read");
  EXPECT_EQ(granted_scope("", {}).value(), "");
}

TEST(Scope, IsNeverMoreThanIsAllowed) {
  for (std::string_view wanted : {"admin", "read admin", "Read", "rea", "reads", "read,write"}) {
    EXPECT_EQ(granted_scope(wanted, kAllowed).error(), ScopeFault::not_allowed) << wanted;
  }
  EXPECT_EQ(granted_scope("read", {}).error(), ScopeFault::not_allowed);
}

TEST(Scope, HasOneSpelling) {
  std::string many;
  for (int i = 0; i < 300; ++i) many += "x" + std::to_string(i) + " ";
  const std::vector<std::string> known = [&] {
    std::vector<std::string> all;
    for (int i = 0; i < 300; ++i) all.push_back("x" + std::to_string(i));
    return all;
  }();
  many.pop_back();
  EXPECT_EQ(granted_scope(many, known).error(), ScopeFault::malformed);
  for (std::string_view wanted :
       {" ", " read", "read ", "read  write", "re\"ad", "re\\ad", "read\xc3\xa9", "\x7f"}) {
    EXPECT_EQ(granted_scope(wanted, kAllowed).error(), ScopeFault::malformed) << wanted;
  }
}

}  // namespace
}  // namespace sallyport::token_service
