#include "base/sip_hash.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport {
namespace {

// The vectors that come with the algorithm: a key of the bytes 0 to 15, texts of the bytes from 0.
TEST(SipHash, GivesWhatItsAuthorsSay) {
  constexpr std::array<std::uint64_t, 2> kKey = {0x0706'0504'0302'0100U, 0x0f0e'0d0c'0b0a'0908U};
  std::string text;
  auto hash = [&] { return SipHash(kKey).of(text); };
  EXPECT_EQ(hash(), (std::array<std::uint64_t, 2>{0xe6a8'25ba'047f'81a3U, 0x9302'55c7'1472'f66dU}));
  text.push_back('\0');
  EXPECT_EQ(hash(), (std::array<std::uint64_t, 2>{0x44af'996b'd8c1'87daU, 0x45fc'229b'1159'7634U}));
}

}  // namespace
}  // namespace sallyport
