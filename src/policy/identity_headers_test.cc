#include "policy/identity_headers.h"

#include <gtest/gtest.h>

#include <string>

#include "policy/exchange_fixture.h"

namespace sallyport {
namespace {

using testing::ExchangeFixture;
using testing::PiecesBody;

class BodyWithTrailers final : public http::Body {
 public:
  explicit BodyWithTrailers(Arena& arena) : trailers_(arena) {
    for (const char* name : {"X-Consumer", "x_consumer", "X-Sum"}) trailers_.add(name, "1");
  }
  Task<Result<http::BodyPiece>> next() override {
    return http::BodyPiece{.bytes = testing::bytes_of("body"), .last = true};
  }
  [[nodiscard]] const http::Headers* trailers() const override { return &trailers_; }

 private:
  http::Headers trailers_;
};

IdentityHeaders headers_of(const std::vector<std::string>& names) {
  schema::Diagnostics diagnostics;
  schema::LoadScope scope;
  schema::Context context(diagnostics, "", &scope);
  IdentityHeaders::note(context, names);
  IdentityHeaders::note(context, names);
  return IdentityHeaders::of(scope);
}

TEST(IdentityHeaders, TakesEverySpellingOutOfARequest) {
  const IdentityHeaders ours = headers_of({"X-Consumer", "X_Scopes"});
  ExchangeFixture f;
  for (const char* name : {"X-Consumer", "x-consumer", "X_CONSUMER", "x.consumer", "X-Scopes"}) {
    f.header(name, "forged");
  }
  f.header("X-Consumers", "1").header("XConsumer", "2").header("X-Consume", "3");
  ours.strip(f.x.request, f.x.arena);
  for (const http::Field& field : f.x.request.headers) {
    EXPECT_EQ(field.removed, field.value() == "forged") << field.name();
  }
}

TEST(IdentityHeaders, LeavesThemOutOfTrailers) {
  const IdentityHeaders ours = headers_of({"X-Consumer"});
  ExchangeFixture f;
  BodyWithTrailers body(f.x.arena);
  f.body(body);
  ours.strip(f.x.request, f.x.arena);
  EXPECT_EQ(testing::drain(*f.x.request.body), "body");
  const http::Headers* trailers = f.x.request.body->trailers();
  ASSERT_NE(trailers, nullptr);
  EXPECT_EQ(ExchangeFixture::values(*trailers, "X-Sum"), "1");
  EXPECT_EQ(trailers->size(), 1U);
  EXPECT_EQ(f.x.request.body->trailers(), trailers);
}

TEST(IdentityHeaders, WithoutNamesNothingIsTouched) {
  ExchangeFixture f;
  PiecesBody body({"a"});
  f.body(body).header("X-Consumer", "1");
  headers_of({}).strip(f.x.request, f.x.arena);
  EXPECT_EQ(f.x.request.body, &body);
  EXPECT_EQ(f.request_values("X-Consumer"), "1");
}

}  // namespace
}  // namespace sallyport
