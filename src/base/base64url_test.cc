#include "base/base64url.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(Base64url, ReadsAndWritesWhatTheRfcShows) {
  struct Case {
    std::string_view bytes;
    std::string_view text;
  };
  const Case cases[] = {{"", ""},
                        {"f", "Zg"},
                        {"fo", "Zm8"},
                        {"foo", "Zm9v"},
                        {"foob", "Zm9vYg"},
                        {"fooba", "Zm9vYmE"},
                        {"foobar", "Zm9vYmFy"},
                        {"\x03\xEC\xFF\xE0\xC1", "A-z_4ME"}};
  for (const Case& each : cases) {
    EXPECT_EQ(base64url_encode(each.bytes), each.text);
    EXPECT_EQ(base64url_decode(each.text), each.bytes);
    EXPECT_EQ(base64url_decoded_size(each.text.size()), each.bytes.size());
  }
}

TEST(Base64url, RefusesEverySpellingButOne) {
  for (std::string_view text :
       {"Zg==", "Zg=", "Zm8=", "Z", "Zm9vY", "Zh", "Zm9", "Zm8 ", " Zm8", "Zm\n8", "Zm9v\n",
        "A+z/4ME", "Zm9v!", "Zm9\xC3", "=", "Zm9v====", "Zm.9"}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
  EXPECT_EQ(base64url_decode(std::string_view("Zm9\0", 4)), std::nullopt);
}

TEST(Base64url, ComesBackWhateverTheBytes) {
  std::string bytes;
  for (int i = 0; i < 600; ++i) {
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST(Base64url, DoesNotWriteBehindTheRoomThereIs) {
  std::string room(3, 'x');
  EXPECT_EQ(base64url_decode("Zm9vYg", room), std::nullopt);
  EXPECT_EQ(base64url_decode("Zm9v", room), 3U);
  EXPECT_EQ(room, "foo");
}

}  // namespace
}  // namespace sallyport
