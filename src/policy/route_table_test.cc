#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <initializer_list>

#include "policy/exchange_fixture.h"
#include "policy/route.h"

namespace sallyport {
namespace {

using ::testing::ElementsAre;
using testing::ExchangeFixture;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AnswersPreflight final : public Policy {
 public:
  [[nodiscard]] bool answers_preflight() const override { return true; }
};

// Routes named after what they claim: "METHODS HOST PATH", "*" for any method or host. A path that
// ends in "/*" claims everything below.
class Table {
 public:
  Table() = default;
  Table(std::initializer_list<std::string_view> routes) {
    for (std::string_view route : routes) add(route);
  }

  Route& add(std::string_view spec) {
    Route& route = routes_.emplace_back();
    std::size_t first = spec.find(' ');
    std::size_t second = spec.find(' ', first + 1);
    std::string_view host = spec.substr(first + 1, second - first - 1);
    route.name = spec;
    route.origin = "api.yaml:" + std::to_string(routes_.size());
    text::for_each_element(spec.substr(0, first), [&](std::string_view method) {
      if (method != "*") route.methods.emplace_back(method);
    });
    text::for_each_element(host, [&](std::string_view name) {
      if (name != "*") route.hosts.emplace_back(name);
    });
    std::string error;
    std::optional<PathTemplate> path = PathTemplate::parse(spec.substr(second + 1), &error);
    EXPECT_TRUE(path) << error;
    if (path) route.path = *path;
    return route;
  }

  std::vector<std::string> build() {
    std::vector<const Route*> pointers;
    pointers.reserve(routes_.size());
    for (const Route& route : routes_) pointers.push_back(&route);
    std::vector<std::string> sentences;
    for (Ambiguity& found : table_.build(pointers)) sentences.push_back(std::move(found.sentence));
    return sentences;
  }

  // The route's name and the parameters in brackets; "405 ALLOW" or "404".
  std::string match(std::string_view method, std::string_view path,
                    std::string_view host = "api.example.com") {
    ExchangeFixture f;
    f.request(method, path, host);
    return match(f);
  }
  std::string match(const ExchangeFixture& f) {
    std::array<std::string_view, 8> parameters{};
    RouteMatch match = table_.match(f.x.request, parameters);
    if (match.method_refused) return "405 " + match.allowed;
    if (match.route == nullptr) return "404";
    std::string text = match.route->name;
    std::size_t count = 0;
    for (const PathTemplate::Segment& segment : match.route->path.segments) {
      if (segment.parameter) text += " [" + std::string(parameters[count++]) + "]";
    }
    return text;
  }

 private:
  std::deque<Route> routes_;
  RouteTable table_;
};

TEST(PathTemplate, SplitsIntoSegments) {
  std::string error;
  std::optional<PathTemplate> path = PathTemplate::parse("/orders/{id}/invoice", &error);
  ASSERT_TRUE(path) << error;
  ASSERT_THAT(path->segments, SizeIs(3));
  EXPECT_EQ(path->segments[0].text, "orders");
  EXPECT_TRUE(path->segments[1].parameter);
  EXPECT_EQ(path->segments[1].text, "id");
  EXPECT_FALSE(path->prefix);
  EXPECT_EQ(path->text, "/orders/{id}/invoice");

  path = PathTemplate::parse("/orders/*", &error);
  ASSERT_TRUE(path) << error;
  EXPECT_THAT(path->segments, SizeIs(1));
  EXPECT_TRUE(path->prefix);
}

TEST(PathTemplate, RefusesWhatCouldNeverMatchOrMeansTwoThings) {
  struct Case {
    std::string_view text;
    std::string_view error;
  };
  const Case cases[] = {
      {"", "must start with '/'"},
      {"orders", "must start with '/'"},
      {"//a", "empty segment"},
      {"/a//b", "empty segment"},
      {"/a/*/b", "'*' may only be the last segment"},
      {"/a/{id", "must be a whole segment"},
      {"/a/x{id}", "must be a whole segment"},
      {"/a/{id}.json", "must be a whole segment"},
      {"/a/{i{d}}", "must be a whole segment"},
      {"/a/{}", "is no parameter"},
      {"/a/{1st}", "is no parameter"},
      {"/a/{id}/{id}", "is there twice"},
      {"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", "more than 8 parameters"},
      {"/a?b", "'?'"},
      {"/a#b", "may not stand in a path"},
      {"/a b", "may not stand in a path"},
      {"/%zz", "may not stand in a path"},
      {"/a%2fb", "may not stand in a path"},
      {"/%61", "requests spell it 'a'"},
      {"/%c3%a4", "requests spell it '%C3%A4'"},
      {"/a/./b", "is never matched"},
      {"/a/../b", "may not stand in a path"},
  };
  for (const Case& c : cases) {
    std::string error;
    EXPECT_FALSE(PathTemplate::parse(c.text, &error)) << c.text;
    EXPECT_THAT(error, HasSubstr(std::string(c.error))) << c.text;
  }
}

TEST(RouteTable, FindsTheMostSpecificPath) {
  Table table{"* * /*",
              "* * /orders/*",
              "* * /orders",
              "* * /orders/{id}",
              "* * /orders/new",
              "* * /orders/{id}/items/{item}",
              "* * /orders/{id}/invoice/*",
              "* * /{tenant}/status",
              "* * /files/{name}"};
  EXPECT_THAT(table.build(), IsEmpty());
  struct Case {
    std::string_view path;
    std::string_view expected;
  };
  const Case cases[] = {
      {"/", "* * /*"},
      {"/other", "* * /*"},
      {"/orders", "* * /orders"},
      {"/orders/", "* * /orders/*"},
      {"/ordersx", "* * /*"},
      {"/orders/new", "* * /orders/new"},
      {"/orders/new/", "* * /orders/*"},
      {"/orders/7", "* * /orders/{id} [7]"},
      {"/orders/7/items", "* * /orders/*"},
      {"/orders/7/items/3", "* * /orders/{id}/items/{item} [7] [3]"},
      {"/orders/7/items/", "* * /orders/*"},
      {"/orders/7/items/3/x", "* * /orders/*"},
      {"/orders/7/invoice", "* * /orders/{id}/invoice/* [7]"},
      {"/orders/7/invoice/a/b", "* * /orders/{id}/invoice/* [7]"},
      {"/orders//invoice", "* * /orders/*"},
      {"/acme/status", "* * /{tenant}/status [acme]"},
      {"/acme/other", "* * /*"},
      {"/files/status", "* * /files/{name} [status]"},
      {"/orders/status", "* * /orders/{id} [status]"},
      {"//evil.test/a", "* * /*"},
      {"//orders", "* * /*"},
      {"//status", "* * /*"},
      {"*", "* * /*"},
  };
  for (const Case& c : cases) EXPECT_EQ(table.match("GET", c.path), c.expected) << c.path;
}

TEST(RouteTable, ComesBackFromADeadEnd) {
  Table table{"* * /a/b/c", "* * /a/{x}/d", "* * /{y}/b/{z}/e"};
  EXPECT_THAT(table.build(), IsEmpty());
  EXPECT_EQ(table.match("GET", "/a/b/c"), "* * /a/b/c");
  EXPECT_EQ(table.match("GET", "/a/b/d"), "* * /a/{x}/d [b]");
  EXPECT_EQ(table.match("GET", "/a/b/c/e"), "* * /{y}/b/{z}/e [a] [c]");
  EXPECT_EQ(table.match("GET", "/a/b/c/f"), "404");
}

TEST(RouteTable, WithoutACatchAllUnknownPathsAreNotFound) {
  Table table{"* * /orders"};
  EXPECT_THAT(table.build(), IsEmpty());
  for (std::string_view path : {"/", "/x", "/orders/", "/orders/1", "//orders", "*"}) {
    EXPECT_EQ(table.match("GET", path), "404") << path;
  }
  Table empty;
  EXPECT_EQ(empty.match("GET", "/"), "404");
  EXPECT_THAT(empty.build(), IsEmpty());
  EXPECT_EQ(empty.match("GET", "/"), "404");
}

TEST(RouteTable, AnExactSlashIsNotAPrefix) {
  Table table{"* * /"};
  EXPECT_THAT(table.build(), IsEmpty());
  EXPECT_EQ(table.match("GET", "/"), "* * /");
  EXPECT_EQ(table.match("GET", "/a"), "404");
  EXPECT_EQ(table.match("OPTIONS", "*"), "404");
}

TEST(RouteTable, APrefixConfiguredWithoutAStarClaimsTheSame) {
  Table table;
  table.add("* * /").path.prefix = true;
  table.add("* * /shop/").path.prefix = true;
  EXPECT_THAT(table.build(), IsEmpty());
  EXPECT_EQ(table.match("GET", "/a/b"), "* * /");
  EXPECT_EQ(table.match("OPTIONS", "*"), "* * /");
  EXPECT_EQ(table.match("GET", "/shop"), "* * /shop/");
  EXPECT_EQ(table.match("GET", "/shop/a"), "* * /shop/");
  EXPECT_EQ(table.match("GET", "/shopping"), "* * /");
}

TEST(RouteTable, ThePathDecidesBeforeTheMethod) {
  Table table{"GET * /orders/{id}", "PUT,DELETE * /orders/{id}", "* * /orders/*",
              "PURGE,GET * /cache"};
  EXPECT_THAT(table.build(), IsEmpty());
  EXPECT_EQ(table.match("GET", "/orders/1"), "GET * /orders/{id} [1]");
  EXPECT_EQ(table.match("HEAD", "/orders/1"), "GET * /orders/{id} [1]");
  EXPECT_EQ(table.match("DELETE", "/orders/1"), "PUT,DELETE * /orders/{id} [1]");
  EXPECT_EQ(table.match("POST", "/orders/1"), "405 DELETE, GET, HEAD, PUT");
  EXPECT_EQ(table.match("POST", "/orders/1/2"), "* * /orders/*");
  EXPECT_EQ(table.match("PURGE", "/cache"), "PURGE,GET * /cache");
  EXPECT_EQ(table.match("LINK", "/cache"), "405 GET, HEAD, PURGE");
  EXPECT_EQ(table.match("get", "/cache"), "405 GET, HEAD, PURGE");
}

TEST(RouteTable, AListedMethodComesBeforeAnyMethod) {
  Table table{"* * /orders/*", "DELETE * /orders/*"};
  EXPECT_THAT(table.build(), IsEmpty());
  EXPECT_EQ(table.match("DELETE", "/orders/1"), "DELETE * /orders/*");
  EXPECT_EQ(table.match("GET", "/orders/1"), "* * /orders/*");
}

TEST(RouteTable, TheMostSpecificHostDecidesFirst) {
  Table table{"* api.example.com /a", "* *.example.com /*", "* *.eu.example.com /b", "* * /c",
              "GET api.example.com /only-get"};
  EXPECT_THAT(table.build(), IsEmpty());
  struct Case {
    std::string_view host;
    std::string_view path;
    std::string_view expected;
  };
  const Case cases[] = {
      {"api.example.com", "/a", "* api.example.com /a"},
      {"api.example.com", "/b", "* *.example.com /*"},
      {"x.eu.example.com", "/b", "* *.eu.example.com /b"},
      {"x.y.eu.example.com", "/b", "* *.eu.example.com /b"},
      {"x.eu.example.com", "/a", "* *.example.com /*"},
      {"eu.example.com", "/b", "* *.example.com /*"},
      {"example.com", "/c", "* * /c"},
      {"example.com", "/a", "404"},
      {".example.com", "/a", "404"},
      {"badexample.com", "/a", "404"},
      {"", "/c", "* * /c"},
      {"[::1]", "/c", "* * /c"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(table.match("GET", c.path, c.host), c.expected) << c.host << c.path;
  }
  // Its path is known there, so other hosts are not asked for the method.
  EXPECT_EQ(table.match("POST", "/only-get", "api.example.com"), "405 GET, HEAD");
}

TEST(RouteTable, ARouteMayHaveSeveralHosts) {
  Table table{"* a.test,b.test,*.c.test /x"};
  EXPECT_THAT(table.build(), IsEmpty());
  for (std::string_view host : {"a.test", "b.test", "1.c.test"}) {
    EXPECT_EQ(table.match("GET", "/x", host), "* a.test,b.test,*.c.test /x");
  }
  EXPECT_EQ(table.match("GET", "/x", "d.test"), "404");
}

TEST(RouteTable, NamesBothRoutesOfAnAmbiguity) {
  Table table{"GET,POST * /orders/{id}", "PUT,GET * /orders/{order}"};
  EXPECT_THAT(table.build(),
              ElementsAre("routes 'GET,POST * /orders/{id}' (api.yaml:1) and 'PUT,GET * "
                          "/orders/{order}' (api.yaml:2) both claim GET /orders/{id} (the same as "
                          "/orders/{order})."));
}

TEST(RouteTable, KnowsWhatIsAmbiguousAndWhatIsNot) {
  struct Case {
    std::string_view a;
    std::string_view b;
    bool ambiguous;
  };
  const Case cases[] = {
      {"* * /a", "* * /a", true},
      {"GET * /a", "HEAD * /a", true},
      {"GET * /a", "POST * /a", false},
      {"* * /a", "GET * /a", false},
      {"* * /a", "* * /a/*", false},
      {"* * /a", "* * /a/", false},
      {"* * /{x}/b", "* * /{y}/b", true},
      {"* * /{x}/b", "* * /b/{x}", false},
      {"* * /a/*", "* * /{x}/*", false},
      {"* a.test /a", "* b.test /a", false},
      {"* a.test,b.test /a", "* b.test /a", true},
      {"* a.test /a", "* *.test /a", false},
      {"* a.test /a", "* * /a", false},
      {"* *.a.test /a", "* *.a.test /a", true},
  };
  for (const Case& c : cases) {
    Table table{c.a, c.b};
    EXPECT_THAT(table.build(), SizeIs(c.ambiguous ? 1 : 0)) << c.a << " and " << c.b;
  }
}

TEST(RouteTable, APreflightIsAnsweredWhereTheRequestWouldGo) {
  Pipeline answers({{.name = "cors", .policy = std::make_shared<AnswersPreflight>()}});
  Table table;
  table.add("POST * /orders").pipeline = answers;
  table.add("GET * /orders");
  table.add("OPTIONS * /options").pipeline = {};
  EXPECT_THAT(table.build(), IsEmpty());

  auto preflight = [&](std::string_view path, std::string_view method) {
    ExchangeFixture f;
    f.request("OPTIONS", path).header("Origin", "https://app.example.com");
    if (!method.empty()) f.header("Access-Control-Request-Method", method);
    return table.match(f);
  };
  EXPECT_EQ(preflight("/orders", "POST"), "POST * /orders");
  EXPECT_EQ(preflight("/orders", "GET"), "405 GET, HEAD, POST");
  EXPECT_EQ(preflight("/orders", "PUT"), "405 GET, HEAD, POST");
  EXPECT_EQ(preflight("/orders", ""), "405 GET, HEAD, POST");
  EXPECT_EQ(preflight("/options", "POST"), "OPTIONS * /options");
}

TEST(RouteTable, HoldsManyRoutes) {
  Table table;
  for (int i = 0; i < 5000; ++i) {
    std::string n = std::to_string(i);
    table.add("GET * /service-" + n + "/items/{id}");
    table.add("* host-" + n + ".test /*");
  }
  EXPECT_THAT(table.build(), IsEmpty());
  for (int i = 0; i < 5000; i += 7) {
    std::string n = std::to_string(i);
    EXPECT_EQ(table.match("GET", "/service-" + n + "/items/42"),
              "GET * /service-" + n + "/items/{id} [42]");
    EXPECT_EQ(table.match("GET", "/x", "host-" + n + ".test"), "* host-" + n + ".test /*");
  }
  EXPECT_EQ(table.match("GET", "/service-5000/items/42"), "404");
}

}  // namespace
}  // namespace sallyport
