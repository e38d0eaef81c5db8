// What a request body is taken apart into. Shared by the parsers of this folder (form, multipart,
// JSON, XML), each of which takes a whole body and is a pure function of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"

namespace sallyport::seclang {

// One named value: an argument, a header, a cookie. Views into the body or the arena.
struct Field {
  std::string_view name;
  std::string_view value;
  std::uint32_t offset = 0;  // of the value in what it was taken from; for logs
};

// REQBODY_ERROR, and what REQBODY_ERROR_MSG says behind "JSON parsing error: " or its like. What
// was found before an error stays, unless said otherwise.
struct BodyError {
  bool failed = false;
  std::string_view message;  // as ModSecurity words it
};

// Someone who watches a body being taken apart; for tools and tests.
struct MultipartFlags;
class BodyObserver {
 public:
  virtual ~BodyObserver() = default;
  // What is wrong, each time: BodyError keeps only the last of several.
  virtual void body_failed(std::string_view /*message*/) {}
  // The boundary that Content-Type names; `parameter_behind`: something that is not of it follows.
  virtual void boundary(std::string_view /*boundary*/, bool /*parameter_behind*/) {}
  // A name or filename of a part; `again`: it has one already.
  virtual void disposition(std::string_view /*parameter*/, std::string_view /*value*/,
                           bool /*again*/) {}
  // A line of a field's value, without its end.
  virtual void field_content(std::string_view /*line*/) {}
  // A part has ended; `content` is a view into the body, whose offset is given.
  virtual void part(std::string_view /*name*/, std::string_view /*filename*/,
                    std::string_view /*content*/, std::size_t /*offset*/) {}
  // All parts have been read; the flags are final.
  virtual void multipart_read(const MultipartFlags& /*flags*/) {}
  // Why an XML body does not fit its grammar.
  virtual void xml_fault(std::string_view /*message*/) {}
};

// For "at most so many arguments": all of them.
inline constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

struct FilePart {
  std::string_view name;      // of the form field
  std::string_view filename;  // as the client sent it
  std::string_view content;   // all of it, line ends included
  // Where these stand in the body; of the names as ModSecurity counts, see DispositionParameter.
  std::uint32_t name_offset = 0;
  std::uint32_t filename_offset = 0;
  std::uint32_t content_offset = 0;
  // ModSecurity counts a file's place from behind the first line of it, less that line's text: so
  // far too large as that line's end is long.
  std::uint32_t first_line_end = 0;
};

// A name or filename of a part. `offset` is in the body and as ModSecurity counts it, from the end
// of the parameter: one too large for a quoted value, as the quote is behind it.
struct DispositionParameter {
  std::string_view text;
  std::uint32_t offset = 0;
};

// The flags of MULTIPART_STRICT_ERROR and the ones around it, one for each variable.
struct MultipartFlags {
  bool boundary_quoted = false;
  bool boundary_whitespace = false;
  bool crlf_lf_lines = false;
  bool data_after = false;
  bool data_before = false;
  bool file_limit_exceeded = false;
  bool header_folding = false;
  bool invalid_header_folding = false;
  bool invalid_part = false;
  bool invalid_quoting = false;
  bool lf_line = false;
  bool missing_semicolon = false;
  // 1: a line looks like a boundary and is none. 2: the last line that looked like one was one, and
  // not the first; that is the usual value, and rules compare with 1.
  std::uint8_t unmatched_boundary = 0;
  bool strict_error = false;
};

struct MultipartBody {
  BodyError error;
  MultipartFlags flags;
  std::vector<Field> arguments;             // parts without a filename
  std::vector<FilePart> files;              // parts with one
  std::vector<Field> part_headers;          // name: of the part; value: the header line as it came
  std::vector<DispositionParameter> names;  // MULTIPART_NAME: also of parts that were refused
  std::vector<DispositionParameter> filenames;  // MULTIPART_FILENAME, likewise
  std::size_t size_without_files = 0;           // what SecRequestBodyNoFilesLimit is about
};

// `content_type`: the header's whole value, where the boundary stands. `file_limit`: files from
// there on are an error; 0: none. Without a final boundary there are no arguments and no files.
// `observer` may be null.
[[nodiscard]] MultipartBody parse_multipart(std::string_view body, std::string_view content_type,
                                            std::size_t file_limit, Arena& arena,
                                            BodyObserver* observer = nullptr);

// application/x-www-form-urlencoded, and query strings. Invalid escapes stay as they are and set
// `invalid_encoding` (URLENCODED_ERROR). At most `most` arguments are taken; then `too_many`.
struct FormBody {
  std::vector<Field> arguments;
  bool invalid_encoding = false;
  bool too_many = false;
};
[[nodiscard]] FormBody parse_form(std::string_view text, char separator, std::size_t most,
                                  Arena& arena);

// One Cookie header. Names and values as they came, without the white space before a name and at
// the header's end; what has no name is left out.
void parse_cookies(std::string_view header, std::vector<Field>& into);

// JSON as ModSecurity flattens it: {"a":{"b":[1]}} is "json.a.b.array_0" = "1". Strict as yajl is,
// in what it accepts and in its messages; an empty body is no error. More than `most` arguments are
// an error. Containers may be nested `max_depth` deep.
struct JsonBody {
  BodyError error;
  std::vector<Field> arguments;
  bool too_many = false;
};
[[nodiscard]] JsonBody parse_json(std::string_view body, std::size_t max_depth, std::size_t most,
                                  Arena& arena);

// XML. The document holds views into the arena. There may be one in spite of an error: what was
// read until then.
class XmlDocument;  // keeps libxml2 out of this header
struct XmlBody {
  BodyError error;
  std::shared_ptr<const XmlDocument> document;
};
[[nodiscard]] XmlBody parse_xml(std::string_view body, Arena& arena);
// The string values of the nodes that `xpath` selects, in document order; namespaces: prefix and
// URI. Nothing when it is no expression or selects no nodes. XML:/* and XML://@* cost nothing.
void select_xml(const XmlDocument& document, std::string_view xpath,
                const std::vector<std::pair<std::string, std::string>>& namespaces, Arena& arena,
                std::vector<Field>& into);
// Whether it is an XPath expression at all; for the loader.
[[nodiscard]] bool valid_xpath(std::string_view xpath);

}  // namespace sallyport::seclang
