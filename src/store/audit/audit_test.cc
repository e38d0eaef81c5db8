#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "async/digest.h"
#include "store/audit/audit_trail.h"
#include "store/audit/audit_verify.h"
#include "store/test_store.h"

namespace sallyport::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void write_lines(const std::string& file, const std::vector<std::string>& lines) {
  std::ofstream out(file, std::ios::trunc);
  for (const std::string& line : lines) out << line << '\n';
}

class AuditTest : public ::testing::Test {
 protected:
  AuditTest() {
    EXPECT_TRUE(verifier.add(AuditSigner(test_master()).public_key()));
    options.path = folder.file("audit.jsonl");
  }
  std::unique_ptr<AuditTrail> open() {
    return must(AuditTrail::open(options, AuditSigner(test_master())));
  }
  // A trail of events 1 to `count` and, last, a head.
  void record(int count) {
    auto trail = open();
    for (int i = 0; i < count; ++i) {
      must(trail
               ->append({.actor = "operator/ada",
                         .action = "api_key.revoke",
                         .object = "api_key/" + std::to_string(i),
                         .detail = R"({"reason": "leaked"})"})
               .get());
    }
  }
  AuditReport verify() { return verify_audit_trail(options.path, verifier); }
  std::vector<std::string> faults() {
    std::vector<std::string> found;
    for (const AuditFinding& finding : verify().findings) {
      found.push_back(std::string(name_of(finding.fault)) + " " + std::to_string(finding.seq));
    }
    return found;
  }

  TemporaryFolder folder;
  AuditTrail::Options options;
  AuditVerifier verifier;
};

TEST_F(AuditTest, RecordsInOrderAndVerifies) {
  auto trail = open();
  EXPECT_EQ(must(trail->append({.actor = "a", .action = "b", .object = "c"}).get()), 1U);
  EXPECT_EQ(must(trail->append({.actor = "a", .action = "b", .object = "d"}).get()), 2U);
  EXPECT_EQ(trail->health().seq, 2U);
  trail.reset();
  const AuditReport report = verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.events, 2U);
  EXPECT_EQ(report.heads, 1U);
  EXPECT_EQ(report.first_seq, 1U);
  EXPECT_EQ(report.last_seq, 3U);
  EXPECT_EQ(report.not_yet_signed, 0U);
  struct stat status{};
  ASSERT_EQ(::stat(options.path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(AuditTest, ALineIsAsDocumented) {
  record(1);
  const std::string line = lines_of(options.path)[0];
  EXPECT_THAT(line, HasSubstr(R"({"seq":1,"time":"20)"));
  EXPECT_THAT(line,
              HasSubstr(R"("actor":"operator/ada","action":"api_key.revoke","object":"api_key/0",)"
                        R"("detail":"{\"reason\": \"leaked\"}","prev":"0000)"));
  const std::size_t cut = line.find(",\"hash\"");
  EXPECT_EQ(line.substr(cut), ",\"hash\":\"" + async::sha256(line.substr(0, cut)) + "\"}");
}

TEST_F(AuditTest, GoesOnWhereItEnded) {
  record(3);
  record(2);
  const AuditReport report = verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.events, 5U);
  EXPECT_EQ(report.last_seq, 7U);
}

TEST_F(AuditTest, TextsOfAnyBytesStayOneLine) {
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  auto trail = open();
  must(trail->append({.actor = every, .action = "\n", .object = "\"}", .detail = every}).get());
  trail.reset();
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(verify().events, 1U);
}

TEST_F(AuditTest, RefusesAnEventThatIsTooLong) {
  auto trail = open();
  auto refused = trail->append({.action = "a", .detail = std::string(1 << 20, 'x')}).get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(must(trail->append({.action = "a"}).get()), 1U);
}

TEST_F(AuditTest, FindsAnEditedLine) {
  record(6);
  std::vector<std::string> lines = lines_of(options.path);
  lines[2].replace(lines[2].find("ada"), 3, "eve");
  write_lines(options.path, lines);
  EXPECT_THAT(faults(), ElementsAre("edited 3"));
  EXPECT_EQ(verify().findings[0].line, 3U);
  EXPECT_EQ(verify().findings[0].file, options.path);
}

TEST_F(AuditTest, EveryChangedByteIsFound) {
  record(2);
  std::ifstream in(options.path, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  const std::string good = all.str();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    std::ofstream(options.path, std::ios::trunc) << bad;
    ASSERT_FALSE(verify().whole()) << "byte " << i << " of " << good.substr(i, 20);
  }
}

// Changes the lines from `first` on and makes their hashes right again, as someone would who knows
// how they are made.
std::vector<std::string> rewritten(std::vector<std::string> lines, std::size_t first,
                                   std::size_t last) {
  lines[first].replace(lines[first].find("ada"), 3, "eve");
  std::string prev;
  for (std::size_t i = first; i <= last; ++i) {
    std::string& line = lines[i];
    if (!prev.empty()) line.replace(line.find("\"prev\":") + 8, 64, prev);
    const std::size_t cut = line.find(",\"hash\"");
    prev = async::sha256(line.substr(0, cut));
    line.replace(cut + 9, 64, prev);
  }
  return lines;
}

TEST_F(AuditTest, FindsALineRewrittenWithItsHash) {
  record(6);
  write_lines(options.path, rewritten(lines_of(options.path), 2, 2));
  EXPECT_THAT(faults(), ElementsAre("replaced 4"));
}

TEST_F(AuditTest, FindsATrailRewrittenToItsEnd) {
  record(6);
  write_lines(options.path, rewritten(lines_of(options.path), 2, 6));
  EXPECT_THAT(faults(), ElementsAre("bad_signature 7", "replaced 7"));
}

TEST_F(AuditTest, FindsRemovedLines) {
  record(8);
  std::vector<std::string> lines = lines_of(options.path);
  lines.erase(lines.begin() + 2, lines.begin() + 4);
  write_lines(options.path, lines);
  EXPECT_THAT(faults(), ElementsAre("removed 3"));
  EXPECT_EQ(verify().findings[0].text, "lines 3 to 4 are missing");
  lines.erase(lines.begin());
  write_lines(options.path, lines);
  EXPECT_THAT(faults(), ElementsAre("removed 1", "removed 3"));
}

TEST_F(AuditTest, FindsReorderedAndRepeatedLines) {
  record(8);
  const std::vector<std::string> good = lines_of(options.path);
  std::vector<std::string> lines = good;
  std::swap(lines[2], lines[3]);
  write_lines(options.path, lines);
  EXPECT_THAT(faults(), ElementsAre("reordered 3"));
  lines = good;
  std::rotate(lines.begin() + 1, lines.begin() + 2, lines.begin() + 5);
  write_lines(options.path, lines);
  EXPECT_THAT(faults(), ElementsAre("reordered 2"));
  lines = good;
  lines.insert(lines.begin() + 5, lines[1]);
  write_lines(options.path, lines);
  EXPECT_THAT(faults(), ElementsAre("repeated 2"));
}

TEST_F(AuditTest, FindsAShortenedTrail) {
  record(5);
  record(5);  // lines 7 to 11, and the head 12
  const std::vector<std::string> good = lines_of(options.path);
  for (std::size_t left : {0UZ, 1UZ, 6UZ, 11UZ}) {
    write_lines(options.path, {good.begin(), good.begin() + static_cast<std::ptrdiff_t>(left)});
    EXPECT_THAT(faults(), ElementsAre("shortened " + std::to_string(left + 1)));
  }
  fs::remove(options.path);
  EXPECT_THAT(faults(), ElementsAre("shortened 1"));
  // A head that was kept elsewhere does the same when the one beside the trail is gone too.
  fs::remove(audit_anchor(options.path));
  write_lines(options.path, {good.begin(), good.begin() + 6});
  EXPECT_THAT(faults(), IsEmpty());
  const AuditReport report =
      verify_audit(audit_files(options.path), verifier, {.head_line = good[11]});
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].fault, AuditFault::shortened);
}

TEST_F(AuditTest, FindsALineThatIsNone) {
  record(5);
  std::vector<std::string> lines = lines_of(options.path);
  lines[2] = "{}";
  write_lines(options.path, lines);
  EXPECT_THAT(faults(), ElementsAre("malformed 3"));
  std::ofstream(options.path, std::ios::app) << "{\"seq\":7";
  EXPECT_THAT(faults(), ElementsAre("malformed 3", "torn 7"));
  EXPECT_EQ(verify_audit(std::vector{folder.file("none")}, verifier).findings[0].fault,
            AuditFault::unreadable);
}

TEST_F(AuditTest, KnowsHeadsOfGivenKeysOnly) {
  record(2);
  AuditVerifier other;
  ASSERT_TRUE(other.add(AuditSigner(test_master(kOtherTestKey)).public_key()));
  EXPECT_FALSE(other.add("nonsense"));
  const AuditReport report = verify_audit(audit_files(options.path), other);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].fault, AuditFault::unknown_key);
  EXPECT_EQ(report.heads, 0U);
  EXPECT_EQ(report.not_yet_signed, 3U);
  // After a change of the master key, both keys together know all heads.
  must(must(AuditTrail::open(options, AuditSigner(test_master(kOtherTestKey))))
           ->append({.action = "a"})
           .get());
  ASSERT_TRUE(verifier.add(AuditSigner(test_master(kOtherTestKey)).public_key()));
  EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(AuditTest, BelievesTheTrailAboutFormerKeysWhereAGivenOneVouchesForIt) {
  record(2);
  const AuditSigner second(test_master(kOtherTestKey));
  AuditVerifier given;
  ASSERT_TRUE(given.add(second.public_key()));
  const std::string former = AuditSigner(test_master()).public_key();
  const auto change_key = [&](const std::string& named) {
    must(must(AuditTrail::open(options, AuditSigner(test_master(kOtherTestKey))))
             ->append({.action = std::string(kAuditKeyChanged),
                       .object = std::string(kAuditKeyObject) + named})
             .get());
  };
  change_key(second.public_key());
  EXPECT_EQ(verify_audit_trail(options.path, given).findings.size(), 1U) << "another key is named";
  change_key(former);
  const AuditReport report = verify_audit_trail(options.path, given);
  EXPECT_TRUE(report.whole()) << report.findings[0].text;
  EXPECT_EQ(report.heads, 3U);
  // Who has only the former key may not name it himself.
  record(1);
  must(must(AuditTrail::open(options, AuditSigner(test_master())))
           ->append({.action = std::string(kAuditKeyChanged),
                     .object = std::string(kAuditKeyObject) + former})
           .get());
  AuditVerifier third;
  ASSERT_TRUE(
      third.add(AuditSigner(test_master("aa02030405060708090a0b0c0d0e0f101112131415161718191a1b"
                                        "1c1d1e1fff"))
                    .public_key()));
  for (const AuditFinding& each : verify_audit_trail(options.path, third).findings) {
    EXPECT_EQ(each.fault, AuditFault::unknown_key);
  }
  EXPECT_FALSE(verify_audit_trail(options.path, third).whole());
}

TEST_F(AuditTest, SignsEveryNthEventAndAfterATime) {
  options.head_every = 3;
  options.head_interval = 1h;
  auto trail = open();
  for (int i = 0; i < 3; ++i) must(trail->append({.action = "a"}).get());
  EXPECT_EQ(trail->health().head, 4U);
  must(trail->append({.action = "a"}).get());
  EXPECT_EQ(trail->health().head, 4U);
  EXPECT_EQ(verify().not_yet_signed, 1U);
  trail.reset();
  options.head_every = 1000;
  options.head_interval = 5ms;
  trail = open();
  must(trail->append({.action = "a"}).get());
  while (trail->health().head <= 6) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(verify().not_yet_signed, 0U);
}

TEST_F(AuditTest, TheChainGoesOnAcrossFiles) {
  options.rotate_at = 2000;
  record(30);
  const std::vector<std::string> files = audit_files(options.path);
  ASSERT_GE(files.size(), 4U);
  for (const std::string& file : files) {
    const auto last = parse_audit_line(lines_of(file).back());
    ASSERT_TRUE(last);
    EXPECT_TRUE(last->is_head()) << file;
  }
  AuditReport report = verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_EQ(report.events, 30U);
  record(1);
  EXPECT_TRUE(verify().whole());
  // A file in the middle goes missing.
  fs::remove(files[1]);
  EXPECT_EQ(verify().findings[0].fault, AuditFault::removed);
  // The old ones were put away, and the one who verifies knows.
  fs::remove(files[0]);
  EXPECT_FALSE(verify().whole());
  const std::uint64_t first = parse_audit_line(lines_of(files[2])[0])->seq;
  EXPECT_TRUE(verify_audit(audit_files(options.path), verifier, {.first_seq = first}).whole());
}

TEST_F(AuditTest, GoesOnAfterRotationWithoutACurrentFile) {
  options.rotate_at = 1;  // every write closes its file
  record(2);
  ASSERT_EQ(fs::file_size(options.path), 0U);
  fs::remove(options.path);
  record(1);
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(verify().events, 3U);
}

TEST_F(AuditTest, CutsATornLineAndSaysSo) {
  record(2);
  for (std::string_view torn : {"{\"seq\":4,\"time\":\"2026-", "x", "{\"seq\":4}"}) {
    std::ofstream(options.path, std::ios::app) << torn;
    EXPECT_EQ(verify().findings[0].fault, AuditFault::torn);
    open();
    EXPECT_THAT(faults(), IsEmpty());
    const auto lines = lines_of(options.path);
    EXPECT_THAT(lines[lines.size() - 2], HasSubstr("audit.torn_line_cut"));
    EXPECT_THAT(lines[lines.size() - 2], HasSubstr(std::to_string(torn.size()) +
                                                   " bytes of SHA-256 " + async::sha256(torn)));
  }
}

TEST_F(AuditTest, RefusesToGoOnBehindAnEditedEnd) {
  record(2);
  std::vector<std::string> lines = lines_of(options.path);
  lines.back().replace(lines.back().find("\"seq\":3"), 7, "\"seq\":4");
  write_lines(options.path, lines);
  auto refused = AuditTrail::open(options, AuditSigner(test_master()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(refused.error().text, HasSubstr(options.path + " does not end with a line"));
}

TEST_F(AuditTest, ATrailEmptiedWhileOpenIsSeen) {
  auto trail = open();
  must(trail->append({.action = "a"}).get());
  must(trail->append({.action = "b"}).get());
  fs::remove(options.path);
  EXPECT_EQ(must(trail->append({.action = "c"}).get()), 4U);
  EXPECT_THAT(lines_of(options.path)[0], HasSubstr("audit.lines_missing"));
  trail.reset();
  EXPECT_THAT(faults(), ElementsAre("removed 1"));
}

TEST_F(AuditTest, TwoProcessesTakeTurns) {
  auto a = open();
  auto b = open();
  std::vector<std::future<Outcome<std::uint64_t>>> waiting;
  for (int i = 0; i < 50; ++i) {
    waiting.push_back(a->append({.actor = "a", .action = "x"}));
    waiting.push_back(b->append({.actor = "b", .action = "x"}));
  }
  for (auto& future : waiting) must(future.get());
  a.reset();
  b.reset();
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(verify().events, 100U);
}

TEST_F(AuditTest, SaysWhenItCannotBeWritten) {
  auto trail = open();
  must(trail->append({.action = "a"}).get());
  fs::remove(options.path);
  fs::create_directory(options.path);
  auto failed = trail->append({.action = "b"}).get();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(trail->health().up);
  EXPECT_THAT(trail->health().error, HasSubstr(options.path));
  fs::remove(options.path);
  must(trail->append({.action = "c"}).get());
  EXPECT_TRUE(trail->health().up);
  options.path = folder.file("no/such/folder/audit");
  EXPECT_FALSE(AuditTrail::open(options, AuditSigner(test_master())));
}

TEST_F(AuditTest, NothingAcknowledgedIsLostToKill9) {
  constexpr std::size_t kAcknowledged = 300;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto trail = open();
    for (std::uint64_t i = 1;; ++i) {
      trail->append({.action = "a", .object = std::to_string(i)},
                    [fd = pipe[1]](const Outcome<std::uint64_t>& seq) {
                      const std::uint64_t number = must(seq);
                      if (::write(fd, &number, sizeof number) < 0) std::abort();
                    });
      if (i % 10 == 0) ::usleep(100);
    }
  }
  ::close(pipe[1]);
  std::vector<std::uint64_t> acknowledged;
  std::uint64_t seq = 0;
  while (::read(pipe[0], &seq, sizeof seq) == sizeof seq) {
    acknowledged.push_back(seq);
    if (acknowledged.size() == kAcknowledged) ::kill(child, SIGKILL);
  }
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  open();  // cuts what is torn
  const AuditReport report = verify();
  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_GE(acknowledged.size(), kAcknowledged);
  EXPECT_GE(report.last_seq, acknowledged.back());
}

TEST(AuditLine, RefusesWhatIsNotCanonical) {
  std::string good;
  ChainEnd end;
  append_event(good, end, 0, {.actor = "a", .action = "b", .object = "c", .detail = "d"});
  good.pop_back();
  ASSERT_TRUE(parse_audit_line(good));
  const auto with = [&](std::string_view old, std::string_view fresh) {
    std::string line = good;
    return line.replace(line.find(old), old.size(), fresh);
  };
  const std::vector<std::string> hostile = {
      "",
      "{",
      good + " ",
      good + "}",
      " " + good,
      with("{\"seq\":1", "{ \"seq\":1"),
      with("\"seq\":1", "\"seq\":01"),
      with("\"seq\":1", "\"seq\":0"),
      with("\"seq\":1", "\"seq\":-1"),
      with("\"seq\":1", "\"seq\":1.0"),
      with("\"seq\":1", "\"seq\":99999999999999999999"),
      with("\"seq\":1", "\"seq\":"),
      with("\"actor\":\"a\"", "\"actor\":\"a\",\"actor\":\"b\""),
      with("\"actor\":\"a\",\"action\":\"b\"", "\"action\":\"b\",\"actor\":\"a\""),
      with("\"actor\":\"a\"", "\"actor\":\"\\n\""),
      with("\"actor\":\"a\"", "\"actor\":\"\\u0g00\""),
      with("\"actor\":\"a\"", "\"actor\":\"\\u00AF\""),
      with("\"actor\":\"a\"", "\"actor\":\"\\"),
      with("\"actor\":\"a\"", "\"actor\":\"\x01\""),
      with("\"actor\":\"a\"", "\"actor\":\"\xFF\""),
      with("\"actor\":\"a\"", "\"actor\":null"),
      with("\"prev\":\"0", "\"prev\":\"G"),
      with("\"prev\":\"0", "\"prev\":\""),
  };
  for (const std::string& line : hostile) EXPECT_FALSE(parse_audit_line(line)) << line;
}

}  // namespace
}  // namespace sallyport::store
