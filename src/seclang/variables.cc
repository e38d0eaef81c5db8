// The names and kinds of the variables: one table, in the order of the enumeration.
#include "seclang/variables.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

struct Row {
  Variable variable;
  std::string_view name;
  VariableKind kind = VariableKind::scalar;
};

constexpr VariableKind kCollection = VariableKind::collection;
constexpr VariableKind kStore = VariableKind::store;

constexpr std::array kRows = std::to_array<Row>({
    {Variable::args, "ARGS", kCollection},
    {Variable::args_combined_size, "ARGS_COMBINED_SIZE"},
    {Variable::args_get, "ARGS_GET", kCollection},
    {Variable::args_get_names, "ARGS_GET_NAMES", kCollection},
    {Variable::args_names, "ARGS_NAMES", kCollection},
    {Variable::args_post, "ARGS_POST", kCollection},
    {Variable::args_post_names, "ARGS_POST_NAMES", kCollection},
    {Variable::auth_type, "AUTH_TYPE"},
    {Variable::duration, "DURATION"},
    {Variable::env, "ENV", kCollection},
    {Variable::files, "FILES", kCollection},
    {Variable::files_combined_size, "FILES_COMBINED_SIZE"},
    {Variable::files_names, "FILES_NAMES", kCollection},
    {Variable::files_sizes, "FILES_SIZES", kCollection},
    {Variable::files_tmp_content, "FILES_TMP_CONTENT", kCollection},
    {Variable::files_tmpnames, "FILES_TMPNAMES", kCollection},
    {Variable::full_request, "FULL_REQUEST"},
    {Variable::full_request_length, "FULL_REQUEST_LENGTH"},
    {Variable::geo, "GEO", kCollection},
    {Variable::global, "GLOBAL", kStore},
    {Variable::highest_severity, "HIGHEST_SEVERITY"},
    {Variable::inbound_data_error, "INBOUND_DATA_ERROR"},
    {Variable::ip, "IP", kStore},
    {Variable::matched_var, "MATCHED_VAR"},
    {Variable::matched_var_name, "MATCHED_VAR_NAME"},
    {Variable::matched_vars, "MATCHED_VARS", kCollection},
    {Variable::matched_vars_names, "MATCHED_VARS_NAMES", kCollection},
    {Variable::modsec_build, "MODSEC_BUILD"},
    {Variable::msc_pcre_error, "MSC_PCRE_ERROR"},
    {Variable::msc_pcre_limits_exceeded, "MSC_PCRE_LIMITS_EXCEEDED"},
    {Variable::multipart_boundary_quoted, "MULTIPART_BOUNDARY_QUOTED"},
    {Variable::multipart_boundary_whitespace, "MULTIPART_BOUNDARY_WHITESPACE"},
    {Variable::multipart_crlf_lf_lines, "MULTIPART_CRLF_LF_LINES"},
    {Variable::multipart_data_after, "MULTIPART_DATA_AFTER"},
    {Variable::multipart_data_before, "MULTIPART_DATA_BEFORE"},
    {Variable::multipart_file_limit_exceeded, "MULTIPART_FILE_LIMIT_EXCEEDED"},
    {Variable::multipart_filename, "MULTIPART_FILENAME", kCollection},
    {Variable::multipart_header_folding, "MULTIPART_HEADER_FOLDING"},
    {Variable::multipart_invalid_header_folding, "MULTIPART_INVALID_HEADER_FOLDING"},
    {Variable::multipart_invalid_part, "MULTIPART_INVALID_PART"},
    {Variable::multipart_invalid_quoting, "MULTIPART_INVALID_QUOTING"},
    {Variable::multipart_lf_line, "MULTIPART_LF_LINE"},
    {Variable::multipart_missing_semicolon, "MULTIPART_MISSING_SEMICOLON"},
    {Variable::multipart_name, "MULTIPART_NAME", kCollection},
    {Variable::multipart_part_headers, "MULTIPART_PART_HEADERS", kCollection},
    {Variable::multipart_strict_error, "MULTIPART_STRICT_ERROR"},
    {Variable::multipart_unmatched_boundary, "MULTIPART_UNMATCHED_BOUNDARY"},
    {Variable::outbound_data_error, "OUTBOUND_DATA_ERROR"},
    {Variable::path_info, "PATH_INFO"},
    {Variable::query_string, "QUERY_STRING"},
    {Variable::remote_addr, "REMOTE_ADDR"},
    {Variable::remote_host, "REMOTE_HOST"},
    {Variable::remote_port, "REMOTE_PORT"},
    {Variable::remote_user, "REMOTE_USER"},
    {Variable::reqbody_error, "REQBODY_ERROR"},
    {Variable::reqbody_error_msg, "REQBODY_ERROR_MSG"},
    {Variable::reqbody_processor, "REQBODY_PROCESSOR"},
    {Variable::reqbody_processor_error, "REQBODY_PROCESSOR_ERROR"},
    {Variable::reqbody_processor_error_msg, "REQBODY_PROCESSOR_ERROR_MSG"},
    {Variable::request_basename, "REQUEST_BASENAME"},
    {Variable::request_body, "REQUEST_BODY"},
    {Variable::request_body_length, "REQUEST_BODY_LENGTH"},
    {Variable::request_cookies, "REQUEST_COOKIES", kCollection},
    {Variable::request_cookies_names, "REQUEST_COOKIES_NAMES", kCollection},
    {Variable::request_filename, "REQUEST_FILENAME"},
    {Variable::request_headers, "REQUEST_HEADERS", kCollection},
    {Variable::request_headers_names, "REQUEST_HEADERS_NAMES", kCollection},
    {Variable::request_line, "REQUEST_LINE"},
    {Variable::request_method, "REQUEST_METHOD"},
    {Variable::request_protocol, "REQUEST_PROTOCOL"},
    {Variable::request_uri, "REQUEST_URI"},
    {Variable::request_uri_raw, "REQUEST_URI_RAW"},
    {Variable::resource, "RESOURCE", kStore},
    {Variable::response_body, "RESPONSE_BODY"},
    {Variable::response_content_length, "RESPONSE_CONTENT_LENGTH"},
    {Variable::response_content_type, "RESPONSE_CONTENT_TYPE"},
    {Variable::response_headers, "RESPONSE_HEADERS", kCollection},
    {Variable::response_headers_names, "RESPONSE_HEADERS_NAMES", kCollection},
    {Variable::response_protocol, "RESPONSE_PROTOCOL"},
    {Variable::response_status, "RESPONSE_STATUS"},
    {Variable::rule, "RULE", kCollection},
    {Variable::server_addr, "SERVER_ADDR"},
    {Variable::server_name, "SERVER_NAME"},
    {Variable::server_port, "SERVER_PORT"},
    {Variable::session, "SESSION", kStore},
    {Variable::sessionid, "SESSIONID"},
    {Variable::status_line, "STATUS_LINE"},
    {Variable::time, "TIME"},
    {Variable::time_day, "TIME_DAY"},
    {Variable::time_epoch, "TIME_EPOCH"},
    {Variable::time_hour, "TIME_HOUR"},
    {Variable::time_min, "TIME_MIN"},
    {Variable::time_mon, "TIME_MON"},
    {Variable::time_sec, "TIME_SEC"},
    {Variable::time_wday, "TIME_WDAY"},
    {Variable::time_year, "TIME_YEAR"},
    {Variable::tx, "TX", kStore},
    {Variable::unique_id, "UNIQUE_ID"},
    {Variable::urlencoded_error, "URLENCODED_ERROR"},
    {Variable::user, "USER", kStore},
    {Variable::userid, "USERID"},
    {Variable::webappid, "WEBAPPID"},
    {Variable::xml, "XML", kCollection},
});

constexpr std::size_t index_of(Variable variable) { return static_cast<std::size_t>(variable); }

static_assert(kRows.size() == kVariables);
static_assert([] {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (index_of(kRows[i].variable) != i) return false;
  }
  return true;
}());

// Names that ModSecurity understands beside the one it logs.
constexpr std::array kOldSpellings = std::to_array<Row>({
    {Variable::multipart_missing_semicolon, "MULTIPART_SEMICOLON_MISSING"},
    {Variable::status_line, "STATUS"},
});

}  // namespace

std::optional<Variable> find_variable(std::string_view name) {
  auto has_name = [name](const Row& row) { return text::equals_ignoring_case(row.name, name); };
  const auto* row = std::ranges::find_if(kRows, has_name);
  if (row != kRows.end()) return row->variable;
  const auto* old = std::ranges::find_if(kOldSpellings, has_name);
  if (old != kOldSpellings.end()) return old->variable;
  return std::nullopt;
}

std::string_view name_of(Variable variable) { return kRows[index_of(variable)].name; }

VariableKind kind_of(Variable variable) { return kRows[index_of(variable)].kind; }

}  // namespace sallyport::seclang
