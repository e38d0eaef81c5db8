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

// The value of TX:REQBODY_ERROR and what goes with it. Fields found before an error stay.
struct BodyError {
  bool failed = false;
  std::string_view message;  // ModSecurity's wording where rules or their users look at it
};

struct FilePart {
  std::string_view name;      // of the form field
  std::string_view filename;  // as the client sent it
  std::string_view content;
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
  bool unmatched_boundary = false;
  bool strict_error = false;
};

struct MultipartBody {
  BodyError error;
  MultipartFlags flags;
  std::vector<Field> arguments;      // parts without a filename
  std::vector<FilePart> files;       // parts with one
  std::vector<Field> part_headers;   // name: of the part; value: the header line as it came
  std::string_view last_name;        // MULTIPART_NAME
  std::string_view last_filename;    // MULTIPART_FILENAME
};

// `content_type`: the header's whole value, where the boundary stands. `limits`: see each parser.
[[nodiscard]] MultipartBody parse_multipart(std::string_view body, std::string_view content_type,
                                            std::size_t file_limit, Arena& arena);

// application/x-www-form-urlencoded, and query strings. Invalid escapes stay as they are and set
// `invalid` (URLENCODED_ERROR). At most `most` arguments are taken (0: no bound); then `too_many`.
struct FormBody {
  std::vector<Field> arguments;
  bool invalid_encoding = false;
  bool too_many = false;
};
[[nodiscard]] FormBody parse_form(std::string_view text, char separator, std::size_t most,
                                  Arena& arena);

// Cookie headers. Names and values as they came, without the white space before a name.
void parse_cookies(std::string_view header, Arena& arena, std::vector<Field>& into);

// JSON as ModSecurity flattens it: {"a":{"b":[1]}} is "json.a.b.array_0" = "1".
struct JsonBody {
  BodyError error;
  std::vector<Field> arguments;
  bool too_many = false;
};
[[nodiscard]] JsonBody parse_json(std::string_view body, std::size_t max_depth, std::size_t most,
                                  Arena& arena);

// XML: the text of the whole document and the values of all attributes, which is what XML:/* and
// XML://@* select; other paths are evaluated by `XmlBody::select`.
class XmlDocument;  // keeps libxml2 out of this header
struct XmlBody {
  BodyError error;
  std::shared_ptr<const XmlDocument> document;
};
[[nodiscard]] XmlBody parse_xml(std::string_view body, Arena& arena);
// The string values of the nodes that `xpath` selects, in document order; namespaces: prefix=URI.
void select_xml(const XmlDocument& document, std::string_view xpath,
                const std::vector<std::pair<std::string, std::string>>& namespaces, Arena& arena,
                std::vector<Field>& into);
// Whether it is an XPath expression at all; for the loader.
[[nodiscard]] bool valid_xpath(std::string_view xpath);

}  // namespace sallyport::seclang
