// Where a value that matched stands in the request, as ModSecurity's logs count it: from the first
// byte of the request line, with one byte for each line end and no empty line before the body.
//
// A value knows nothing of it: only once a match is logged, the field it came from is found again
// by its address.
#include <algorithm>
#include <span>
#include <string>

#include "base/text.h"
#include "seclang/engine/transaction.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kLineEnd = 1;
constexpr std::size_t kColon = 2;  // ": "
constexpr std::string_view kProtocol = "HTTP/";

// A client chooses how many values match, and each match of each rule goes to the log.
constexpr std::size_t kMostOfReference = 2048;

void append_place(std::string& to, char kind, std::size_t offset, std::size_t length) {
  to += kind;
  to += std::to_string(offset);
  to += ',';
  to += std::to_string(length);
}

void append_origin(std::string& to, std::size_t offset, std::size_t length) {
  append_place(to, 'v', offset, length);
}

bool same(std::string_view a, std::string_view b) {
  return a.data() == b.data() && a.size() == b.size();
}

// Whether `part` is a view into `whole`.
bool within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() <= whole.data() + whole.size();
}

}  // namespace

std::string_view Transaction::reference() {
  std::string text;
  for (const Found& found : found_) {
    if (text.size() >= kMostOfReference) break;
    append_found(found, text);
  }
  found_.clear();
  return arena_.copy(std::string_view(text).substr(0, kMostOfReference));
}

void Transaction::append_found(const Found& found, std::string& to) {
  const std::string& name = found.link->operator_name;
  if (text::equals_ignoring_case(name, "rx") || text::equals_ignoring_case(name, "rxGlobal")) {
    // Its groups are not kept while rules are evaluated, so they are looked for once more.
    Evaluation again{.arena = arena_, .argument = found.argument, .capture = true, .groups = {}};
    if (found.link->op->evaluate(found.text, again)) {
      for (std::size_t i = 0; i < again.groups.count; ++i) {
        const std::string_view group = again.groups.text[i];
        if (group.data() == nullptr || !within(group, found.text)) continue;
        append_place(to, 'o', static_cast<std::size_t>(group.data() - found.text.data()),
                     group.size());
      }
    }
  } else if (found.length != 0) {
    append_place(to, 'o', found.offset, found.length);
  }
  append_origins(found.value, to);
  if (found.form.empty()) return;
  if (!found.form.starts_with("t:")) to += "t:";
  to += found.form;
}

std::size_t Transaction::headers_offset() const {
  return method_.size() + 1 + uri_raw_.size() + kProtocol.size() + 1 + version_.size() + kLineEnd;
}

// Of the name of a header; its value follows the colon. Past the last one: of what is behind them.
std::size_t Transaction::header_offset(std::size_t index) const {
  std::size_t offset = headers_offset();
  for (const Field& header : std::span(request_headers_).first(index)) {
    offset += header.name.size() + kColon + header.value.size() + kLineEnd;
  }
  return offset;
}

// ModSecurity counts one byte more before a form, but not before any other body.
std::size_t Transaction::body_offset() const {
  const bool form = body_done_ && processor_ == Processor::urlencoded;
  return header_offset(request_headers_.size()) + (form ? 1 : 0);
}

// Calls `each(argument, offset of its value)` in the order of ARGS. Of JSON no places are known:
// each member counts as if it were all there is.
template <typename Each>
void Transaction::for_each_argument(Each each) const {
  const std::size_t query = method_.size() + 1 + uri_raw_.find('?') + 1;
  for (const Field& argument : args_get_) each(argument, query + argument.offset);
  const std::size_t body = header_offset(request_headers_.size()) + 1;
  for (const Field& argument : args_post_) {
    const bool json = processor_ == Processor::json;
    each(argument, json ? argument.name.size() + 1 : body + argument.offset);
  }
}

void Transaction::append_argument_origins(const Value& value, std::string& to) const {
  for_each_argument([&](const Field& argument, std::size_t offset) {
    const std::size_t name = offset - argument.name.size() - 1;
    if (value.variable == Variable::args_combined_size) {
      append_origin(to, name, argument.name.size());
      append_origin(to, offset, argument.value.size());
    } else if (!same(argument.name, value.key)) {
      return;
    } else if (same(argument.value, value.text)) {
      append_origin(to, offset, argument.value.size());
    } else if (same(argument.name, value.text)) {
      append_origin(to, name, argument.name.size());
    }
  });
}

void Transaction::append_header_origins(const Value& value, std::string& to) const {
  const bool cookie = value.variable == Variable::request_cookies ||
                      value.variable == Variable::request_cookies_names;
  for (std::size_t i = 0; i < request_headers_.size(); ++i) {
    const Field& header = request_headers_[i];
    const std::size_t offset = header_offset(i);
    const std::size_t content = offset + header.name.size() + kColon;
    if (cookie) {
      if (!within(value.key, header.value)) continue;
      const auto name = static_cast<std::size_t>(value.key.data() - header.value.data());
      const bool is_name = value.variable == Variable::request_cookies_names;
      const std::size_t behind_name = name + value.key.size() + 1;
      append_origin(to, content + (is_name ? name : behind_name), value.text.size());
    } else if (same(header.name, value.key)) {
      const bool is_name = value.variable == Variable::request_headers_names;
      append_origin(to, is_name ? offset : content, value.text.size());
    } else {
      continue;
    }
    return;
  }
}

// What a variable takes from the beginning of a header's value, at most all of it.
void Transaction::append_header_part(std::string_view name, std::size_t size,
                                     std::string& to) const {
  for (std::size_t i = 0; i < request_headers_.size(); ++i) {
    const Field& header = request_headers_[i];
    if (!text::equals_ignoring_case(header.name, name)) continue;
    append_origin(to, header_offset(i) + header.name.size() + kColon,
                  std::min(size, header.value.size()));
  }
}

void Transaction::append_file_origins(const Value& value, std::string& to) const {
  const std::size_t body = header_offset(request_headers_.size());
  for (const FilePart& file : files_) {
    const bool all = value.variable == Variable::files_combined_size;
    if (!all && !same(file.name, value.key)) continue;
    switch (value.variable) {
      case Variable::files:
        append_origin(to, body + file.filename_offset, file.filename.size());
        break;
      case Variable::files_names:
        append_origin(to, body + file.name_offset, file.name.size());
        break;
      case Variable::files_tmp_content:
        append_origin(to, body + file.content_offset, file.content.size());
        break;
      default:
        append_origin(to, body + file.content_offset + file.first_line_end, file.content.size());
    }
  }
}

void Transaction::append_origins(const Value& value, std::string& to) const {
  if (value.counted) return;  // a number of values stands nowhere
  const std::size_t target = method_.size() + 1;
  const std::size_t size = value.text.size();
  switch (value.variable) {
    case Variable::args:
    case Variable::args_combined_size:
    case Variable::args_get:
    case Variable::args_get_names:
    case Variable::args_names:
    case Variable::args_post:
    case Variable::args_post_names:
      return append_argument_origins(value, to);
    case Variable::request_headers:
    case Variable::request_headers_names:
    case Variable::request_cookies:
    case Variable::request_cookies_names:
      return append_header_origins(value, to);
    case Variable::files:
    case Variable::files_combined_size:
    case Variable::files_names:
    case Variable::files_sizes:
    case Variable::files_tmp_content:
      return append_file_origins(value, to);
    case Variable::multipart_name:
    case Variable::multipart_filename:
      for (const auto& [text, offset] :
           value.variable == Variable::multipart_name ? multipart_names_ : multipart_filenames_) {
        if (same(text, value.text)) {
          append_origin(to, header_offset(request_headers_.size()) + offset, size);
        }
      }
      return;
    case Variable::multipart_part_headers:
      for (const Field& line : part_headers_) {
        if (same(line.value, value.text)) {
          append_origin(to, header_offset(request_headers_.size()) + line.offset, size);
        }
      }
      return;
    case Variable::auth_type:
      return append_header_part("Authorization", size, to);
    case Variable::remote_user:  // it is encoded there
      return append_header_part("Authorization", std::string_view::npos, to);
    case Variable::server_name:
      return append_header_part("Host", size, to);
    case Variable::reqbody_processor:
      return append_header_part("Content-Type", size, to);
    case Variable::path_info:
    case Variable::request_filename:
      return append_origin(to, target, std::min(uri_raw_.find('?'), uri_raw_.size()));
    case Variable::request_basename:
      return append_origin(to, target + uri_path_.find_last_of("/\\") + 1, size);
    case Variable::request_uri:
      return append_origin(to, target, uri_raw_.size());
    case Variable::request_uri_raw:
      return append_origin(to, target, size);
    case Variable::query_string:
      return append_origin(to, target + uri_raw_.find('?') + 1, size);
    case Variable::request_protocol:
      return append_origin(to, target + uri_raw_.size() + 1, size);
    // What is known before the request's first byte, or does not come from it.
    case Variable::geo:
    case Variable::remote_addr:
    case Variable::remote_host:
    case Variable::remote_port:
    case Variable::request_line:
    case Variable::request_method:
    case Variable::response_content_type:
    case Variable::server_addr:
    case Variable::server_port:
    case Variable::unique_id:
    case Variable::urlencoded_error:
      return append_origin(to, 0, size);
    case Variable::request_body_length:
      return append_origin(to, body_offset(), request_body_for_rules_.size());
    // What is known once all headers are.
    case Variable::full_request:
    case Variable::full_request_length:
    case Variable::inbound_data_error:
    case Variable::multipart_boundary_quoted:
    case Variable::multipart_boundary_whitespace:
    case Variable::multipart_crlf_lf_lines:
    case Variable::multipart_data_after:
    case Variable::multipart_data_before:
    case Variable::multipart_file_limit_exceeded:
    case Variable::multipart_header_folding:
    case Variable::multipart_invalid_header_folding:
    case Variable::multipart_invalid_part:
    case Variable::multipart_invalid_quoting:
    case Variable::multipart_lf_line:
    case Variable::multipart_missing_semicolon:
    case Variable::multipart_strict_error:
    case Variable::multipart_unmatched_boundary:
    case Variable::outbound_data_error:
    case Variable::reqbody_error:
    case Variable::reqbody_error_msg:
    case Variable::reqbody_processor_error:
    case Variable::reqbody_processor_error_msg:
    case Variable::request_body:
    case Variable::response_body:
    case Variable::response_content_length:
    case Variable::response_headers:
    case Variable::response_headers_names:
    case Variable::response_protocol:
    case Variable::response_status:
      return append_origin(to, body_offset(), size);
    default:  // written by rules, or by the clock
      return;
  }
}

}  // namespace sallyport::seclang
