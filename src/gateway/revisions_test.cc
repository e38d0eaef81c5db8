#include "gateway/revisions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "store/test_store.h"

namespace sallyport::gateway {
namespace {

using store::must;
using store::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RevisionsTest : public ::testing::Test {
 protected:
  ~RevisionsTest() override {
    reactor_.stop();
    thread_.join();
  }
  void open_store() { store_ = must(store::Store::open(folder_.file("db"), store::test_ring())); }
  std::shared_ptr<Revisions> made() {
    return std::make_shared<Revisions>(reactor_, store_.get(), "s.yaml");
  }
  // Runs `work` on the reactor's thread; it is to call what it is given once it is done.
  void on_reactor(const std::function<void(std::function<void()>)>& work) {
    std::promise<void> done;
    reactor_.post([&] { work([&done] { done.set_value(); }); });
    done.get_future().wait();
  }
  // Until the store has taken it, or has not.
  void keep(Revisions& revisions, std::int64_t number, const std::string& text) {
    on_reactor([&](auto done) {
      revisions.keep({.number = number, .actor = "watch"},
                     std::make_shared<const std::string>(text));
      revisions.when_settled(done);
    });
  }
  static async::Detached list_into(Revisions& revisions, std::vector<std::int64_t>& numbers,
                                   std::function<void()> done) {
    auto listing = revisions.list();
    auto listed = co_await listing;
    for (const store::ConfigRevision& each : must(std::move(listed))) {
      numbers.push_back(each.number);
    }
    done();
  }
  std::vector<std::int64_t> numbers(Revisions& revisions) {
    std::vector<std::int64_t> found;
    on_reactor([&](auto done) { list_into(revisions, found, std::move(done)); });
    return found;
  }
  static async::Detached find_into(Revisions& revisions, std::int64_t number, std::string& text,
                                   std::function<void()> done) {
    auto finding = revisions.find(number);
    auto found = co_await finding;
    text = found ? *found->text : found.error().text;
    done();
  }
  std::string text(Revisions& revisions, std::int64_t number) {
    std::string found;
    on_reactor([&](auto done) { find_into(revisions, number, found, std::move(done)); });
    return found;
  }

  TemporaryFolder folder_;
  async::Reactor reactor_;
  std::unique_ptr<store::Store> store_;
  std::thread thread_{[this] { reactor_.run(); }};
};

TEST_F(RevisionsTest, StayInMemoryWithoutAStore) {
  auto revisions = made();
  EXPECT_EQ(revisions->first_number("a"), 1);
  for (std::int64_t i = 1; i <= 60; ++i) keep(*revisions, i, "text " + std::to_string(i));
  EXPECT_EQ(numbers(*revisions).size(), 50U);
  EXPECT_EQ(numbers(*revisions).front(), 60);
  EXPECT_EQ(text(*revisions, 60), "text 60");
  EXPECT_THAT(text(*revisions, 10), HasSubstr("there is no revision 10"));
}

TEST_F(RevisionsTest, InMemoryAreBoundedInBytes) {
  auto revisions = made();
  for (std::int64_t i = 1; i <= 6; ++i) keep(*revisions, i, std::string(15UZ << 20, 'x'));
  EXPECT_THAT(numbers(*revisions), ElementsAre(6, 5, 4, 3));
}

TEST_F(RevisionsTest, GoOnCountingAfterARestart) {
  open_store();
  auto revisions = made();
  EXPECT_EQ(revisions->first_number("a"), 1);
  keep(*revisions, 1, "a");
  keep(*revisions, 2, "b");
  auto again = made();
  EXPECT_EQ(again->first_number("b"), 2);
  EXPECT_EQ(again->first_number("a"), 3);
  EXPECT_THAT(numbers(*again), ElementsAre(2, 1));
  EXPECT_EQ(text(*again, 1), "a");
}

TEST_F(RevisionsTest, WaitInMemoryWhileTheStoreTakesNothing) {
  open_store();
  auto revisions = made();
  keep(*revisions, 1, "a");
  std::filesystem::rename(folder_.file("db"), folder_.file("away"));
  keep(*revisions, 2, "b");
  EXPECT_EQ(text(*revisions, 2), "b");
  keep(*revisions, 3, "c");
  std::filesystem::rename(folder_.file("away"), folder_.file("db"));
  on_reactor([&](auto done) {
    revisions->retry();
    revisions->when_settled(done);
  });
  auto again = made();
  EXPECT_EQ(again->first_number("c"), 3);
  EXPECT_THAT(numbers(*again), ElementsAre(3, 2, 1));
}

TEST_F(RevisionsTest, AreKeptUnderAnotherNumberWhereOneIsTaken) {
  open_store();
  auto one = made();
  auto other = made();  // of the same node, as during an upgrade
  keep(*one, 1, "a");
  keep(*other, 1, "b");
  EXPECT_THAT(numbers(*one), ElementsAre(2, 1));
  EXPECT_EQ(text(*one, 1), "a");
  EXPECT_EQ(text(*one, 2), "b");
}

}  // namespace
}  // namespace sallyport::gateway
