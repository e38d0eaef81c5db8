#include <gtest/gtest.h>

#include <string>

#include "seclang/bodies/body.h"
#include "seclang/bodies/fields_for_test.h"

namespace sallyport::seclang {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=bOund";

// Names of the flags that are set, but for the unmatched boundary.
std::string set_flags(const MultipartFlags& f) {
  std::string names;
  const auto flag = [&](bool set, std::string_view name) {
    if (set) names += (names.empty() ? "" : " ") + std::string(name);
  };
  flag(f.boundary_quoted, "boundary_quoted");
  flag(f.boundary_whitespace, "boundary_whitespace");
  flag(f.crlf_lf_lines, "crlf_lf_lines");
  flag(f.data_after, "data_after");
  flag(f.data_before, "data_before");
  flag(f.file_limit_exceeded, "file_limit_exceeded");
  flag(f.header_folding, "header_folding");
  flag(f.invalid_header_folding, "invalid_header_folding");
  flag(f.invalid_part, "invalid_part");
  flag(f.invalid_quoting, "invalid_quoting");
  flag(f.lf_line, "lf_line");
  flag(f.missing_semicolon, "missing_semicolon");
  flag(f.strict_error, "strict_error");
  return names;
}

std::string part(std::string_view disposition, std::string_view content) {
  return "--bOund\r\nContent-Disposition: " + std::string(disposition) + "\r\n\r\n" +
         std::string(content) + "\r\n";
}

// What was found is written down, as what it views goes with the arena.
struct Found {
  std::string arguments;
  std::string files;
  std::string headers;
  std::string error;
  std::string flags;
  unsigned unmatched = 0;
  MultipartBody body;
};

Found parse(std::string_view text, std::string_view type = kType, std::size_t file_limit = 0) {
  HeapArena arena;
  ExactBytes bytes(text);
  ExactBytes content_type(type);
  Found found;
  found.body = parse_multipart(bytes.view(), content_type.view(), file_limit, arena);
  found.arguments = written(found.body.arguments);
  found.headers = written(found.body.part_headers);
  for (const FilePart& file : found.body.files) {
    if (!found.files.empty()) found.files += '|';
    found.files.append(file.name)
        .append("=")
        .append(file.filename)
        .append(":")
        .append(file.content);
  }
  found.error = found.body.error.message;
  EXPECT_EQ(found.body.error.failed, !found.error.empty());
  found.flags = set_flags(found.body.flags);
  found.unmatched = found.body.flags.unmatched_boundary;
  return found;
}

TEST(MultipartBody, gives_fields_and_files_in_order) {
  Found found = parse(part("form-data; name=\"a\"", "1") +
                      part("form-data; name=\"f\"; filename=\"x.txt\"", "line\r\nline\n") +
                      part("form-data; name=\"a\"", "") + "--bOund--\r\n");
  EXPECT_EQ(found.arguments, "a=1|a=");
  EXPECT_EQ(found.files, "f=x.txt:line\r\nline\n");
  EXPECT_EQ(found.headers,
            "a=Content-Disposition: form-data; name=\"a\"|"
            "f=Content-Disposition: form-data; name=\"f\"; filename=\"x.txt\"|"
            "a=Content-Disposition: form-data; name=\"a\"");
  EXPECT_EQ(found.error, "");
  EXPECT_EQ(found.flags, "");
  EXPECT_EQ(found.unmatched, 2U);
  EXPECT_EQ(found.body.names.size(), 3U);
  EXPECT_EQ(found.body.filenames.size(), 1U);
}

TEST(MultipartBody, keeps_the_line_ends_of_a_field) {
  // ModSecurity 3.0.9 would give UNIONSELECT.
  EXPECT_EQ(parse(part("form-data; name=\"a\"", "UNION\r\nSELECT") + "--bOund--\r\n").arguments,
            "a=UNION\r\nSELECT");
}

TEST(MultipartBody, copies_no_content) {
  const std::string text = part("form-data; name=\"a\"", "x\r\ny") + "--bOund--\r\n";
  HeapArena arena;
  MultipartBody body = parse_multipart(text, kType, 0, arena);
  ASSERT_EQ(body.arguments.size(), 1U);
  EXPECT_EQ(body.arguments[0].value.data(), text.data() + body.arguments[0].offset);
  EXPECT_EQ(text.substr(body.arguments[0].offset, 4), "x\r\ny");
}

TEST(MultipartBody, counts_what_is_no_file) {
  Found found = parse(part("form-data; name=\"a\"", "12345") +
                      part("form-data; name=\"f\"; filename=\"x\"", "123") + "--bOund--\r\n");
  EXPECT_EQ(found.body.size_without_files,
            std::string_view("Content-Disposition: form-data; name=\"a\"\r\n\r\n12345"
                             "Content-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n")
                .size());
}

TEST(MultipartType, is_checked_as_modsecurity_does) {
  struct Case {
    std::string_view type;
    std::string_view error;
    std::string_view flags;
  };
  for (const Case& c : std::vector<Case>{
           {"multipart/form-data; boundary=bOund", "", ""},
           {"Multipart/Form-Data;boundary=bOund", "", ""},
           {"multipart/form-data; boundary=bOund; charset=utf-8", "", ""},
           {"multipart/form-data; boundary=\"bOund\"", "", "boundary_quoted strict_error"},
           {"multipart/form-data; boundary =bOund", "", "boundary_whitespace strict_error"},
           {"multipart/form-data boundary=bOund", "", "missing_semicolon strict_error"},
           {"", "Multipart: Content-Type header not available.", "strict_error"},
           {"text/plain", "Multipart: Invalid MIME type.", "strict_error"},
           {"multipart/form-data", "Multipart: Boundary not found in C-T.", "strict_error"},
           {"multipart/form-data; BOUNDARY=x",
            "Multipart: Invalid boundary in C-T (case sensitivity).", "strict_error"},
           {"multipart/form-data; boundary=a; boundary=b",
            "Multipart: Multiple boundary parameters in C-T.", "strict_error"},
           {"multipart/form-data; charset=x; boundary=bOund",
            "Multipart: Invalid boundary in C-T (malformed).", "strict_error"},
           {"multipart/form-data; boundary", "Multipart: Invalid boundary in C-T (malformed).",
            "strict_error"},
           {"multipart/form-data; boundaryx=bOund",
            "Multipart: Invalid boundary in C-T (parameter name).", "strict_error"},
           {"multipart/form-data; boundary=\"bOund", "Multipart: Invalid boundary in C-T (quote).",
            "strict_error"},
           {"multipart/form-data; boundary=b*", "Multipart: Invalid boundary in C-T (characters).",
            "strict_error"},
           {"multipart/form-data; boundary=b ", "Multipart: Invalid boundary in C-T (characters).",
            "strict_error"},
           {"multipart/form-data; boundary=", "Multipart: Invalid boundary in C-T (empty).",
            "strict_error"},
           {"multipart/form-data; boundary=\"\"", "Multipart: Invalid boundary in C-T (empty).",
            "boundary_quoted strict_error"},
           {"multipart/form-data; boundary=;x", "Multipart: Invalid boundary in C-T (empty).",
            "strict_error"},
       }) {
    Found found = parse(part("form-data; name=a", "v") + "--bOund--\r\n", c.type);
    EXPECT_EQ(found.error, c.error) << c.type;
    EXPECT_EQ(found.flags, c.flags) << c.type;
    EXPECT_EQ(found.arguments, c.error.empty() ? "a=v" : "") << c.type;
  }
  EXPECT_EQ(parse("", std::string(kType) + std::string(1000, ' ')).error,
            "Multipart: Invalid boundary in C-T (length).");
}

TEST(MultipartDisposition, is_read_as_modsecurity_does) {
  struct Case {
    std::string_view value;
    std::string_view found;  // name=filename
    int error;
    std::string_view flags = "";
  };
  for (const Case& c : std::vector<Case>{
           {"form-data; name=a", "a=", 0},
           {"form-data;name = \"a\" ;filename= x;", "a=x", 0},
           {R"(form-data; name="a\"b\\c\d")", R"(a"b\c\d=)", 0},
           {R"(form-data; name="a"; filename="C:\x\y.txt")", R"(a=C:\x\y.txt)", 0},
           {R"(form-data; name="it's")", "it's=", 0},
           {"form-data; name=it's", "it's=", 0, "invalid_quoting strict_error"},
           {"form-data; name='a'", "a=", 0, "invalid_quoting strict_error"},
           {"form-data; name=\"a", "a=", 0, "invalid_quoting strict_error"},
           {"form-data; name=a; filename=x; filename*=UTF-8'en'x%20y", "a=x", 0},
           {"attachment; name=a", "", -1},
           {"form-data x", "", -2},
           {"form-data; ", "", -3},
           {"form-data; name", "", -4},
           {"form-data; name ", "", -5},
           {"form-data; name=", "", -6},
           {"form-data; name=\"", "", -7},
           {"form-data; name=\"\\", "", -8},
           {"form-data; size=1; name=a", "", -11},
           {"form-data; name=a b", "", -12},
           {"form-data; name=\"a\"b", "", -12, "invalid_quoting"},
           {"form-data; name x=a", "", -13},
           {"form-data; name=a; name=b", "", -14},
           {"form-data; name=a; filename=b; filename=c", "", -15},
           {"form-data; name=a; filename*='en'x", "", -16},
           {"form-data; name=a; filename*=UTF-8'x", "", -17},
           {"form-data; name=a; filename*=UTF-8''%2", "", -18},
           {"form-data; name=a; filename*=UTF-8''a b", "", -19},
           {"form-data; name=a; filename*=UTF-8''a; filename*=UTF-8''b", "", -20},
           {"form-data; name=a; filename*=UTF-8''a", "", -21},
       }) {
    // Without a line end behind the last boundary, what went wrong before is still to be seen.
    const std::string text =
        c.error == 0
            ? part(c.value, "") + "--bOund--"
            : "--bOund\r\nContent-Disposition: " + std::string(c.value) + "\r\n\r\n--bOund--";
    Found found = parse(text);
    if (c.error == 0) {
      EXPECT_EQ(found.error, "") << c.value;
      EXPECT_EQ(found.flags, c.flags) << c.value;
      ASSERT_EQ(found.body.names.size(), 1U) << c.value;
    } else {
      EXPECT_EQ(found.error, "Multipart: Invalid Content-Disposition header (" +
                                 std::to_string(c.error) + "): " + std::string(c.value))
          << c.value;
    }
    HeapArena arena;
    MultipartBody body = parse_multipart(text, kType, 0, arena);
    if (c.error == 0) {
      const std::string name(body.names.front().text);
      const std::string file(body.filenames.empty() ? "" : body.filenames.front().text);
      EXPECT_EQ(name + "=" + file, c.found) << c.value;
    }
  }
}

TEST(MultipartBody, knows_where_names_and_contents_stand) {
  const std::string text =
      "--bOund\r\nX: 1\r\nContent-Disposition:  form-data; name=\"f\"; filename=x.txt\r\nY: "
      "2\r\n\r\nline\n--bOund--\r\n";
  HeapArena arena;
  const MultipartBody body = parse_multipart(text, kType, 0, arena);
  ASSERT_EQ(body.files.size(), 1U);
  const FilePart& file = body.files.front();
  // From the end of a parameter: with a quote behind it that is one too many.
  EXPECT_EQ(file.name_offset, text.find("f\";") + 1);
  EXPECT_EQ(file.filename_offset, text.find("x.txt"));
  EXPECT_EQ(file.content_offset, text.find("line"));
  EXPECT_EQ(file.first_line_end, 1U);
  EXPECT_EQ(body.names.front().offset, file.name_offset);
  EXPECT_EQ(body.filenames.front().offset, file.filename_offset);
}

// What an observer is told, a word for each event.
class Told final : public BodyObserver {
 public:
  std::string all;
  void body_failed(std::string_view message) override { add({"failed ", message}); }
  void boundary(std::string_view boundary, bool parameter_behind) override {
    add({"boundary ", boundary, parameter_behind ? " and more" : ""});
  }
  void disposition(std::string_view parameter, std::string_view value, bool again) override {
    add({parameter, "=", value, again ? " again" : ""});
  }
  void field_content(std::string_view line) override { add({"content ", line}); }
  void part(std::string_view name, std::string_view filename, std::string_view content,
            std::size_t offset) override {
    add({"part ", name, filename, " ", content, "@", std::to_string(offset)});
  }
  void multipart_read(const MultipartFlags& flags) override { add({"read ", set_flags(flags)}); }

 private:
  void add(std::initializer_list<std::string_view> words) {
    if (!all.empty()) all += '|';
    for (std::string_view word : words) all += word;
  }
};

TEST(MultipartObserver, is_told_of_each_step_and_error) {
  HeapArena arena;
  Told told;
  (void)parse_multipart(part("form-data; name=c", "w") + part("form-data; name=a; name=b", "v"),
                        "multipart/form-data; boundary=bOund; charset=x", 0, arena, &told);
  const std::string_view expected =
      "boundary bOund and more|name=c|content w|part c w@51|name=a|name=b again|"
      "failed Multipart: Invalid Content-Disposition header (-14): form-data; name=a; name=b|";
  EXPECT_EQ(told.all.substr(0, expected.size()), expected);
  EXPECT_TRUE(told.all.ends_with("|read |failed Multipart: Final boundary missing.")) << told.all;
}

TEST(MultipartHeaders, are_kept_folded_and_complained_about) {
  struct Case {
    std::string_view headers;  // before the Content-Disposition
    std::string_view found;
    std::string_view error;
    std::string_view flags;
  };
  for (const Case& c : std::vector<Case>{
           {"X: 1\r\nY:2\r\n", "X: 1|Y:2", "", ""},
           {"X: 1\r\n two\r\n\tthree\r\n", "X: 1 two three", "", "header_folding strict_error"},
           {"X: 1\r\n\v two\r\n", "X: 1 two", "",
            "header_folding invalid_header_folding strict_error"},
           {"X: 1\n", "X: 1", "", "crlf_lf_lines lf_line strict_error"},
           {"X: 1\r\nx: 2\r\n", "X: 1", "", ""},  // a second one is passed over in silence
           {"X: 1\r\nx: 2\r\n 3\r\n", "X: 1|X: 1 3", "", "header_folding strict_error"},
           {"X Y : 1\r\n", "X Y : 1",
            "Multipart: Invalid part header (contains invalid character).", ""},
           {"\x0EX: 1\r\n", "\x0EX: 1",
            "Multipart: Invalid part header (contains invalid character).", ""},
           {"X\x7F: 1\r\n", "X\x7F: 1",
            "Multipart: Invalid part header (contains invalid character).", ""},
           {" folded\r\n", "", "Multipart: Invalid part header (folding error).",
            "header_folding strict_error"},
           {"none\r\n", "", "Multipart: Invalid part header (colon missing): none\r\n", ""},
           {": 1\r\n", "", "Multipart: Invalid part header (header name missing).", ""},
       }) {
    Found found = parse("--bOund\r\n" + std::string(c.headers) +
                        "Content-Disposition: form-data; name=a\r\n\r\nv\r\n--bOund--\r\n");
    std::string expected;
    std::string_view rest = c.found;
    while (!rest.empty()) {
      const std::size_t bar = std::min(rest.find('|'), rest.size());
      expected.append("a=").append(rest.substr(0, bar)).append("|");
      rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
    EXPECT_EQ(found.headers, expected + "a=Content-Disposition: form-data; name=a") << c.headers;
    EXPECT_EQ(found.error, c.error) << c.headers;
    EXPECT_EQ(found.flags, c.flags) << c.headers;
    EXPECT_EQ(found.arguments, "a=v") << c.headers;
  }
}

TEST(MultipartHeaders, name_what_is_missing) {
  using namespace std::literals;
  EXPECT_EQ(parse("--bOund\r\nX: 1\r\n\r\n--bOund--").error,
            "Multipart: Part missing Content-Disposition header.");
  EXPECT_EQ(parse("--bOund\r\nContent-Disposition: form-data\r\n\r\n--bOund--").error,
            "Multipart: Content-Disposition header missing name field.");
  EXPECT_EQ(parse("--bOund\r\nContent-Disposition: form-data; name=a; filename =x\r\n\r\n--bOund--")
                .error,
            "Multipart: Invalid Content-Disposition header (filename).");
  EXPECT_EQ(parse("--bOund\r\nX: \0\r\n--bOund--"sv).error, "Multipart: Nul byte in part headers.");
  EXPECT_EQ(parse("--bOund\r\nX: 1\r\n " + std::string(4094, 'x') + "\r\n--bOund--").error,
            "Multipart: Final boundary missing.");
}

TEST(MultipartBoundaries, are_matched_by_line) {
  struct Case {
    std::string body;
    std::string_view arguments;
    std::string_view error;
    std::string_view flags;
    unsigned unmatched;
  };
  const std::string a = part("form-data; name=a", "v");
  for (const Case& c : std::vector<Case>{
           {"", "", "", "", 0},
           {"nothing\r\n", "", "Multipart: No boundaries found in payload.",
            "data_before strict_error", 0},
           {a, "", "Multipart: Final boundary missing.", "", 0},
           {a + "--bOund--", "a=v", "", "", 0},  // needs no line end
           {a + "--bOund--\n", "a=v", "", "crlf_lf_lines lf_line strict_error", 2},
           {a + "--bOund--\r\nmore", "a=v", "", "data_after strict_error", 2},
           {a + "--bOund-- \r\n", "", "Multipart: Final boundary missing.", "strict_error", 2},
           {a + "-- bOund--\r\n", "", "Multipart: Final boundary missing.", "strict_error", 0},
           {"x\r\n" + a + "--bOund--\r\n", "a=v", "", "data_before strict_error", 2},
           {part("form-data; name=a", "--other\r\nx") + "--bOund--\r\n", "a=--other\r\nx", "", "",
            2},
           {part("form-data; name=a", "--other") + "--bOund--", "a=--other", "", "", 1},
           {part("form-data; name=a", "x--bOundx") + "--bOund--", "a=x--bOundx", "", "", 1},
           {"--bOund\r\nContent-Disposition: form-data; name=a\r\n\r\n--bOund--\r\n", "",
            "Multipart: Final boundary missing.", "invalid_part strict_error", 0},
           {"--bOund--\r\n", "", "", "", 0},
       }) {
    Found found = parse(c.body);
    EXPECT_EQ(found.arguments, c.arguments) << c.body;
    EXPECT_EQ(found.error, c.error) << c.body;
    EXPECT_EQ(found.flags, c.flags) << c.body;
    EXPECT_EQ(found.unmatched, c.unmatched) << c.body;
  }
}

TEST(MultipartBoundaries, quoted_ones_may_not_be_quoted_in_the_body) {
  EXPECT_EQ(parse(part("form-data; name=a", "v") + "--\"bOund\"--\r\n",
                  "multipart/form-data; boundary=\"bOund\"")
                .error,
            "Multipart: Final boundary missing.");
}

TEST(MultipartLines, are_looked_at_4096_bytes_at_a_time) {
  // A header line has to fit in; a line of content does not.
  const auto with_header = [](std::size_t size) {
    std::string line = "X: ";
    line.resize(size - 2, 'x');
    return "--bOund\r\nContent-Disposition: form-data; name=a\r\n" + line +
           "\r\n\r\nv\r\n--bOund--\r\n";
  };
  EXPECT_EQ(parse(with_header(4095)).arguments, "a=v");
  EXPECT_EQ(parse(with_header(4096)).error, "Multipart: Final boundary missing.");

  for (std::size_t size : {4093U, 4094U, 4095U, 4096U, 4097U, 8191U, 8192U, 8193U}) {
    const std::string content(size, 'c');
    Found found = parse(part("form-data; name=a", content) + "--bOund--\r\n");
    EXPECT_EQ(found.arguments, "a=" + content) << size;
    EXPECT_EQ(found.flags, "") << size;
    // What looks like a boundary behind the first piece is not seen.
    found = parse(part("form-data; name=a", content + "--bOund") + "--bOund--");
    EXPECT_EQ(found.unmatched, size + 7 <= 4096 ? 1U : 0U) << size;
  }
}

TEST(MultipartLimits, count_files) {
  std::string text;
  for (int i = 0; i < 3; ++i) text += part("form-data; name=f; filename=x", "a\r\nb");
  text += "--bOund--\r\n";
  EXPECT_EQ(parse(text, kType, 3).error, "");
  Found found = parse(text, kType, 2);
  EXPECT_EQ(found.error,
            "Multipart: Upload file limit exceeded 2. Use SecUploadFileLimit to change the limit.");
  EXPECT_EQ(found.flags, "file_limit_exceeded strict_error");
}

TEST(MultipartLimits, let_hostile_headers_cost_no_more_than_their_size) {
  std::string names = "--bOund\r\n";
  for (int i = 0; i < 50'000; ++i) names += "h" + std::to_string(i) + ":\r\n";
  EXPECT_EQ(parse(names).error, "Multipart: Final boundary missing.");

  std::string folds = "--bOund\r\nX: 1\r\n";
  for (int i = 0; i < 300'000; ++i) folds += " x\r\n";
  EXPECT_EQ(parse(folds + "--bOund--").error, "Multipart: Part header too long.");

  std::string blanks = "--bOund\r\nContent-Disposition: form-data";
  for (int i = 0; i < 400; ++i) blanks += "\r\n ;name=\"\"";
  for (int i = 0; i < 100'000; ++i) blanks += "\r\n x\r\n\r\n";
  Found found = parse(blanks + "--bOund--");
  EXPECT_EQ(found.error, "Multipart: Final boundary missing.");
  EXPECT_LT(found.body.names.size(), 10'000U);
}

}  // namespace
}  // namespace sallyport::seclang
