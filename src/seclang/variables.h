// The variables of the rule language: their names and kinds. What they hold is the engine's
// business (engine/variables.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::seclang {

enum class Variable : std::uint8_t {
  args,
  args_combined_size,
  args_get,
  args_get_names,
  args_names,
  args_post,
  args_post_names,
  auth_type,
  duration,
  env,
  files,
  files_combined_size,
  files_names,
  files_sizes,
  files_tmp_content,
  files_tmpnames,
  full_request,
  full_request_length,
  geo,
  global,
  highest_severity,
  inbound_data_error,
  ip,
  matched_var,
  matched_var_name,
  matched_vars,
  matched_vars_names,
  modsec_build,
  msc_pcre_error,
  msc_pcre_limits_exceeded,
  multipart_boundary_quoted,
  multipart_boundary_whitespace,
  multipart_crlf_lf_lines,
  multipart_data_after,
  multipart_data_before,
  multipart_file_limit_exceeded,
  multipart_filename,
  multipart_header_folding,
  multipart_invalid_header_folding,
  multipart_invalid_part,
  multipart_invalid_quoting,
  multipart_lf_line,
  multipart_missing_semicolon,
  multipart_name,
  multipart_part_headers,
  multipart_strict_error,
  multipart_unmatched_boundary,
  outbound_data_error,
  path_info,
  query_string,
  remote_addr,
  remote_host,
  remote_port,
  remote_user,
  reqbody_error,
  reqbody_error_msg,
  reqbody_processor,
  reqbody_processor_error,
  reqbody_processor_error_msg,
  request_basename,
  request_body,
  request_body_length,
  request_cookies,
  request_cookies_names,
  request_filename,
  request_headers,
  request_headers_names,
  request_line,
  request_method,
  request_protocol,
  request_uri,
  request_uri_raw,
  resource,
  response_body,
  response_content_length,
  response_content_type,
  response_headers,
  response_headers_names,
  response_protocol,
  response_status,
  rule,
  server_addr,
  server_name,
  server_port,
  session,
  sessionid,
  status_line,
  time,
  time_day,
  time_epoch,
  time_hour,
  time_min,
  time_mon,
  time_sec,
  time_wday,
  time_year,
  tx,
  unique_id,
  urlencoded_error,
  user,
  userid,
  webappid,
  xml,
};
inline constexpr std::size_t kVariables = static_cast<std::size_t>(Variable::xml) + 1;

enum class VariableKind : std::uint8_t {
  scalar,      // one value; takes no selector
  collection,  // many values with keys, from the request or the response
  store,       // many values with keys, written by setvar: TX and what outlives a transaction
};

// Names are case-insensitive; nullopt: there is none of this name. Old spellings
// (MULTIPART_SEMICOLON_MISSING) are understood.
[[nodiscard]] std::optional<Variable> find_variable(std::string_view name);
// The name as ModSecurity writes it in logs ("ARGS", "REQUEST_HEADERS", "XML").
[[nodiscard]] std::string_view name_of(Variable variable);
[[nodiscard]] VariableKind kind_of(Variable variable);

}  // namespace sallyport::seclang
