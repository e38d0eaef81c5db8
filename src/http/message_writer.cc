// Fields as they came are copied in runs; only what the gateway changed is put together anew.
#include "http/message_writer.h"

#include <cstring>

namespace sallyport::http {
namespace {

char* put(char* out, std::string_view bytes) {
  std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

const char* line_end(const Field& field) { return field.value_data + field.value_size + 2; }

bool is_verbatim(const Field& field) {
  return field.verbatim && field.value_data == field.name_data + field.name_size + 2;
}

}  // namespace

std::size_t fields_size(const Headers& headers) {
  std::size_t size = 0;
  for (const Field& field : headers) {
    if (!field.removed) size += field.name_size + field.value_size + std::size_t{4};
  }
  return size;
}

char* write_fields(char* out, const Headers& headers) {
  for (const Field* field = headers.begin(); field != headers.end(); ++field) {
    if (field->removed) continue;
    if (!is_verbatim(*field)) {
      out = put(out, field->name());
      out = put(out, ": ");
      if (field->value_size != 0) out = put(out, field->value());
      out = put(out, "\r\n");
      continue;
    }
    const char* run = field->name_data;
    while (field + 1 != headers.end() && !field[1].removed && is_verbatim(field[1]) &&
           field[1].name_data == line_end(*field)) {
      ++field;
    }
    out = put(out, {run, static_cast<std::size_t>(line_end(*field) - run)});
  }
  return out;
}

char* write_status_line(char* out, std::uint16_t status) {
  out = put(out, "HTTP/1.1 ");
  *out++ = static_cast<char>('0' + status / 100 % 10);
  *out++ = static_cast<char>('0' + status / 10 % 10);
  *out++ = static_cast<char>('0' + status % 10);
  *out++ = ' ';
  out = put(out, reason_phrase(status));
  return put(out, "\r\n");
}

char* write_request_line(char* out, std::string_view method, std::string_view path, bool has_query,
                         std::string_view query) {
  out = put(out, method);
  *out++ = ' ';
  out = put(out, path);
  if (has_query) {
    *out++ = '?';
    if (!query.empty()) out = put(out, query);
  }
  return put(out, " HTTP/1.1\r\n");
}

std::string_view reason_phrase(std::uint16_t status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 102:
      return "Processing";
    case 103:
      return "Early Hints";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 203:
      return "Non-Authoritative Information";
    case 204:
      return "No Content";
    case 205:
      return "Reset Content";
    case 206:
      return "Partial Content";
    case 207:
      return "Multi-Status";
    case 208:
      return "Already Reported";
    case 226:
      return "IM Used";
    case 300:
      return "Multiple Choices";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 407:
      return "Proxy Authentication Required";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 423:
      return "Locked";
    case 424:
      return "Failed Dependency";
    case 425:
      return "Too Early";
    case 426:
      return "Upgrade Required";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 451:
      return "Unavailable For Legal Reasons";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 506:
      return "Variant Also Negotiates";
    case 507:
      return "Insufficient Storage";
    case 508:
      return "Loop Detected";
    case 511:
      return "Network Authentication Required";
    default:
      return "Unknown";
  }
}

}  // namespace sallyport::http
