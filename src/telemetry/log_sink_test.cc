#include "telemetry/log_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>

namespace sallyport::telemetry {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct LogSinkTest : testing::Test {
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "log_sink_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }

  [[nodiscard]] std::string path(const char* name = "access.log") const {
    return (folder / name).string();
  }
  static std::unique_ptr<LogSink> open(LogSink::Options options) {
    auto sink = LogSink::open(std::move(options));
    EXPECT_TRUE(sink.has_value()) << sink.error();
    return std::move(*sink);
  }
  static void write(LogSink& sink, const std::string& lines) {
    LogBuffer buffer;
    sink.submit(buffer);
    std::memcpy(buffer.bytes.get(), lines.data(), lines.size());
    buffer.size = lines.size();
    buffer.lines = static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
    sink.submit(buffer);
    EXPECT_EQ(buffer.size, 0U);
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  template <typename Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(milliseconds(10));
    return condition();
  }

  fs::path folder;
};

TEST_F(LogSinkTest, AStopLosesNothing) {
  constexpr int kThreads = 4;
  constexpr int kLines = 20'000;
  {
    auto sink = open({.path = path()});
    std::vector<std::jthread> workers;
    workers.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      workers.emplace_back([&sink, t] {
        LogBuffer buffer;
        sink->submit(buffer);
        for (int i = 0; i < kLines; ++i) {
          std::string line =
              std::to_string(t) + ":" + std::to_string(i) + std::string(50, '.') + "\n";
          std::memcpy(buffer.bytes.get() + buffer.size, line.data(), line.size());
          buffer.size += line.size();
          ++buffer.lines;
          if (buffer.size >= LogBuffer::kFull || i % 777 == 0) sink->submit(buffer);
        }
        sink->submit(buffer);
      });
    }
    workers.clear();
    sink->stop();
    EXPECT_EQ(sink->lines_written(), std::uint64_t{kThreads} * kLines);
    EXPECT_EQ(sink->lines_dropped(), 0U);
    EXPECT_EQ(sink->backlog_bytes(), 0U);
  }
  std::set<std::string> seen;
  std::ifstream file(path());
  for (std::string line; std::getline(file, line);) {
    EXPECT_TRUE(line.ends_with("....")) << line;
    seen.insert(line);
  }
  EXPECT_EQ(seen.size(), std::size_t{kThreads} * kLines);
}

TEST_F(LogSinkTest, RotationBySignalLosesNothing) {
  auto sink = open({.path = path()});
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    std::string line = "line " + std::to_string(i) + "\n";
    expected += line;
    write(*sink, line);
    if (i % 5 == 4) {
      fs::rename(path(), path(("old" + std::to_string(i)).c_str()));
      sink->reopen();
      ASSERT_TRUE(eventually([&] { return fs::exists(path()); }));
    }
  }
  sink->stop();
  std::string all;
  for (const char* name : {"old4", "old9", "old14", "old19", "access.log"}) all += read(path(name));
  EXPECT_EQ(all, expected);
  EXPECT_FALSE(read(path("old9")).empty());
}

TEST_F(LogSinkTest, AFileThatCannotBeReopenedStaysInUse) {
  fs::create_directory(path("logs"));
  auto sink = open({.path = path("logs/access.log")});
  write(*sink, "one\n");
  ASSERT_TRUE(eventually([&] { return sink->lines_written() == 1; }));
  fs::rename(path("logs"), path("moved"));
  sink->reopen();
  write(*sink, "two\n");
  sink->stop();
  EXPECT_EQ(read(path("moved/access.log")), "one\ntwo\n");
}

TEST_F(LogSinkTest, GoesOnInAnotherFileAndInNone) {
  auto sink = open({.path = path("a")});
  write(*sink, "one\n");
  EXPECT_FALSE(sink->redirect(path("missing/b")).has_value());
  write(*sink, "two\n");
  ASSERT_TRUE(sink->redirect(path("b")).has_value());
  ASSERT_TRUE(eventually([&] { return sink->lines_written() == 2; }));
  std::this_thread::sleep_for(milliseconds(20));
  write(*sink, "three\n");
  ASSERT_TRUE(eventually([&] { return sink->lines_written() == 3; }));
  ASSERT_TRUE(sink->redirect("").has_value());
  EXPECT_FALSE(sink->on());
  sink->stop();
  EXPECT_EQ(read(path("a")), "one\ntwo\n");
  EXPECT_EQ(read(path("b")), "three\n");
}

TEST_F(LogSinkTest, AFileThatCannotBeOpenedIsAnError) {
  auto sink = LogSink::open({.path = path("missing/access.log")});
  ASSERT_FALSE(sink.has_value());
  EXPECT_EQ(sink.error(),
            "cannot open " + path("missing/access.log") + ": No such file or directory");
}

TEST_F(LogSinkTest, FilesAreNotForEveryone) {
  ::umask(022);
  auto sink = open({.path = path()});
  struct stat status{};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
}

TEST_F(LogSinkTest, AFullDiskIsCountedAndEndsWithTheDisk) {
  auto sink = open({.path = "/dev/full"});
  write(*sink, "one\n");
  ASSERT_TRUE(eventually([&] { return sink->write_errors() != 0; }));
  EXPECT_EQ(sink->lines_written(), 0U);
  EXPECT_EQ(sink->lines_dropped(), 0U);
  write(*sink, "two\n");
  // There is room again: what was kept is written.
  ASSERT_TRUE(sink->redirect(path()).has_value());
  ASSERT_TRUE(eventually([&] { return sink->lines_written() == 2; }));
  sink->stop();
  EXPECT_EQ(read(path()), "one\ntwo\n");
}

TEST_F(LogSinkTest, BeyondTheBacklogLinesAreDroppedAndCounted) {
  auto sink = open({.path = "/dev/full", .backlog = 100});
  for (int i = 0; i < 30; ++i) write(*sink, "ten bytes\n");
  EXPECT_EQ(sink->lines_dropped(), 20U);
  EXPECT_EQ(sink->backlog_bytes(), 100U);
  sink->stop();
  EXPECT_EQ(sink->lines_dropped(), 30U);
  EXPECT_EQ(sink->lines_written(), 0U);
  write(*sink, "too late\n");
  EXPECT_EQ(sink->lines_dropped(), 31U);
}

TEST_F(LogSinkTest, ASlowReaderGetsEverything) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_FALSE(LogSink::open({.path = path("pipe")}).has_value());  // nobody reads
  int reader = ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  auto sink = open({.path = path("pipe"), .stop_wait = seconds(60)});
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += "line " + std::to_string(i) + "\n";
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    write(*sink, lines);
    expected += lines;
  }
  std::string got;
  std::jthread stopping([&] { sink->stop(); });
  while (got.size() < expected.size()) {
    char some[4096];
    ssize_t n = ::read(reader, some, sizeof some);
    if (n > 0) {
      got.append(some, static_cast<std::size_t>(n));
    } else {
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  EXPECT_EQ(got, expected);
  ::close(reader);
}

TEST_F(LogSinkTest, AReaderThatStallsDoesNotHoldUpTheStop) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  int reader = ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  auto sink = open({.path = path("pipe"), .stop_wait = milliseconds(50)});
  std::string line(1000, 'x');
  line.back() = '\n';
  for (int i = 0; i < 200; ++i) write(*sink, line);
  auto begin = std::chrono::steady_clock::now();
  sink->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
  EXPECT_GT(sink->lines_dropped(), 0U);
  EXPECT_EQ(sink->lines_written() + sink->lines_dropped(), 200U);
  ::close(reader);
}

TEST_F(LogSinkTest, AReaderThatLeavesIsNoEndOfTheProgram) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  int reader = ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  auto sink = open({.path = path("pipe")});
  ::close(reader);
  write(*sink, "one\n");
  EXPECT_TRUE(eventually([&] { return sink->write_errors() != 0; }));
}

}  // namespace
}  // namespace sallyport::telemetry
