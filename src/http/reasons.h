// Every reason for which the HTTP/1 code refuses bytes. One fault, one code; codes never change
// their meaning. Nothing here is about routing, policies or time.
#pragma once

#include <array>

#include "base/result.h"

namespace sallyport::http::reasons {

// The request line.
inline constexpr Reason kBadRequestLine{"http.bad_request_line", 400,
                                        "The first line is not an HTTP request line."};
inline constexpr Reason kTlsOnPlainPort{"http.tls_on_plain_port", 400,
                                        "This port speaks plain HTTP, not TLS."};
inline constexpr Reason kEmptyLines{"http.empty_lines", 400,
                                    "There are too many empty lines before the request."};
inline constexpr Reason kBadMethod{"http.bad_method", 400,
                                   "The method is not an HTTP method in upper case."};
inline constexpr Reason kMethodRefused{"http.method_refused", 405,
                                       "The methods CONNECT, TRACE and TRACK are not served here."};
inline constexpr Reason kBadVersion{"http.bad_version", 400, "The HTTP version is malformed."};
inline constexpr Reason kVersionNotSupported{"http.version_not_supported", 505,
                                             "Only HTTP/1.0 and HTTP/1.1 are spoken here."};
inline constexpr Reason kTargetTooLong{"http.target_too_long", 414,
                                       "The request line is too long."};

// The request target.
inline constexpr Reason kBadTarget{
    "http.bad_target", 400, "The request target is neither a path nor an http or https URL."};
inline constexpr Reason kBadTargetCharacter{
    "http.bad_target_character", 400,
    "The request target holds a character that must be percent-encoded."};
inline constexpr Reason kFragmentInTarget{"http.fragment_in_target", 400,
                                          "A request target has no fragment."};
inline constexpr Reason kBadPercentEscape{"http.bad_percent_escape", 400,
                                          "A percent escape needs two hexadecimal digits."};
inline constexpr Reason kEncodedSeparator{
    "http.encoded_separator", 400,
    "An encoded slash or backslash in the path can be read in two ways."};
inline constexpr Reason kEncodedControl{"http.encoded_control", 400,
                                        "The path holds an encoded control character."};
inline constexpr Reason kPathAboveRoot{"http.path_above_root", 400,
                                       "The path climbs above its root."};
inline constexpr Reason kDotSegmentParameter{
    "http.dot_segment_parameter", 400, "A dot segment with parameters can be read in two ways."};

// Host.
inline constexpr Reason kMissingHost{"http.missing_host", 400, "HTTP/1.1 needs a Host field."};
inline constexpr Reason kBadHost{"http.bad_host", 400,
                                 "The host is not a name or address with an optional port."};
inline constexpr Reason kHostMismatch{"http.host_mismatch", 400,
                                      "The target's host and the Host field differ."};

// Requests beyond their grammar.
inline constexpr Reason kExpectationFailed{"http.expectation_failed", 417,
                                           "Only the expectation 100-continue is known."};
inline constexpr Reason kUnderscoreInName{"http.underscore_in_name", 400,
                                          "A field name holds an underscore."};

// Fields, framing and chunks of a request.
inline constexpr Reason kBadLineEnd{"http.bad_line_end", 400, "A line does not end in CRLF."};
inline constexpr Reason kBadFieldName{"http.bad_field_name", 400, "A field name is malformed."};
inline constexpr Reason kBadFieldValue{"http.bad_field_value", 400,
                                       "A field value holds a control character."};
inline constexpr Reason kFieldWithoutColon{"http.field_without_colon", 400,
                                           "A header line has no colon."};
inline constexpr Reason kSpaceBeforeColon{"http.space_before_colon", 400,
                                          "There is whitespace before the colon of a field."};
inline constexpr Reason kFoldedField{"http.folded_field", 400,
                                     "A header line starts with whitespace."};
inline constexpr Reason kTruncatedHead{"http.truncated_head", 400, "The message head has no end."};
inline constexpr Reason kFieldTooLong{"http.field_too_long", 431, "A header line is too long."};
inline constexpr Reason kHeadTooLarge{"http.head_too_large", 431,
                                      "The header lines are too large in all."};
inline constexpr Reason kTooManyFields{"http.too_many_fields", 431,
                                       "There are too many header lines."};
inline constexpr Reason kDuplicateField{"http.duplicate_field", 400,
                                        "A field that may stand once only stands more than once."};
inline constexpr Reason kBadConnection{"http.bad_connection", 400,
                                       "The Connection field is malformed or too long."};
inline constexpr Reason kConnectionNamesEndToEnd{
    "http.connection_names_end_to_end", 400,
    "The Connection field names a field that is not for one hop only."};
inline constexpr Reason kConflictingFraming{
    "http.conflicting_framing", 400, "Content-Length and Transfer-Encoding exclude each other."};
inline constexpr Reason kBadContentLength{"http.bad_content_length", 400,
                                          "Content-Length is not one number."};
inline constexpr Reason kDuplicateContentLength{"http.duplicate_content_length", 400,
                                                "There is more than one Content-Length."};
inline constexpr Reason kBadTransferEncoding{"http.bad_transfer_encoding", 400,
                                             "Transfer-Encoding is not exactly chunked."};
inline constexpr Reason kUnknownTransferCoding{"http.unknown_transfer_coding", 501,
                                               "The only transfer coding known here is chunked."};
inline constexpr Reason kTransferEncodingInHttp10{"http.transfer_encoding_in_http_1_0", 400,
                                                  "HTTP/1.0 has no Transfer-Encoding."};
inline constexpr Reason kBadChunkSize{"http.bad_chunk_size", 400, "A chunk size is malformed."};
inline constexpr Reason kBadChunkExtension{"http.bad_chunk_extension", 400,
                                           "A chunk extension is malformed."};
inline constexpr Reason kBadChunk{"http.bad_chunk", 400,
                                  "The data of a chunk is not followed by CRLF."};
inline constexpr Reason kChunkLineTooLong{"http.chunk_line_too_long", 400,
                                          "The line before a chunk is too long."};
inline constexpr Reason kChunkOverhead{"http.chunk_overhead", 400,
                                       "There are too many chunk extensions in all."};
inline constexpr Reason kFramingInTrailer{"http.framing_in_trailer", 400,
                                          "A trailer may not hold a framing field."};
inline constexpr Reason kTrailersTooLarge{"http.trailers_too_large", 431,
                                          "The trailers are too large."};

// The PROXY protocol.
inline constexpr Reason kBadProxyHeader{
    "http.bad_proxy_header", 400, "The connection does not start with a PROXY protocol header."};

// A response of an upstream. The client learns only that it was unusable.
inline constexpr Reason kBadStatusLine{"http.response_bad_status_line", 502,
                                       "The upstream's answer has no status line.",
                                       Blame::upstream};
inline constexpr Reason kResponseBadLineEnd{"http.response_bad_line_end", 502,
                                            "The upstream's answer has a malformed line end.",
                                            Blame::upstream};
inline constexpr Reason kResponseBadFieldName{"http.response_bad_field_name", 502,
                                              "The upstream's answer has a malformed field name.",
                                              Blame::upstream};
inline constexpr Reason kResponseBadFieldValue{"http.response_bad_field_value", 502,
                                               "The upstream's answer has a malformed field value.",
                                               Blame::upstream};
inline constexpr Reason kResponseFieldWithoutColon{
    "http.response_field_without_colon", 502,
    "The upstream's answer has a header line without colon.", Blame::upstream};
inline constexpr Reason kResponseSpaceBeforeColon{
    "http.response_space_before_colon", 502, "The upstream's answer has whitespace before a colon.",
    Blame::upstream};
inline constexpr Reason kResponseFoldedField{"http.response_folded_field", 502,
                                             "The upstream's answer has a folded header line.",
                                             Blame::upstream};
inline constexpr Reason kResponseTruncatedHead{"http.response_truncated_head", 502,
                                               "The head of the upstream's answer has no end.",
                                               Blame::upstream};
inline constexpr Reason kResponseFieldTooLong{"http.response_field_too_long", 502,
                                              "The upstream's answer has a header line too long.",
                                              Blame::upstream};
inline constexpr Reason kResponseHeadTooLarge{"http.response_head_too_large", 502,
                                              "The head of the upstream's answer is too large.",
                                              Blame::upstream};
inline constexpr Reason kResponseTooManyFields{"http.response_too_many_fields", 502,
                                               "The upstream's answer has too many header lines.",
                                               Blame::upstream};
inline constexpr Reason kResponseDuplicateField{
    "http.response_duplicate_field", 502,
    "The upstream's answer repeats a field that may stand once only.", Blame::upstream};
inline constexpr Reason kResponseBadConnection{
    "http.response_bad_connection", 502, "The upstream's answer has a malformed Connection field.",
    Blame::upstream};
inline constexpr Reason kResponseConnectionNamesEndToEnd{
    "http.response_connection_names_end_to_end", 502,
    "The Connection field of the upstream's answer names an end-to-end field.", Blame::upstream};
inline constexpr Reason kResponseConflictingFraming{"http.response_conflicting_framing", 502,
                                                    "The upstream's answer is framed in two ways.",
                                                    Blame::upstream};
inline constexpr Reason kResponseBadContentLength{
    "http.response_bad_content_length", 502,
    "The Content-Length of the upstream's answer is not one number.", Blame::upstream};
inline constexpr Reason kResponseDuplicateContentLength{
    "http.response_duplicate_content_length", 502,
    "The upstream's answer has two different lengths.", Blame::upstream};
inline constexpr Reason kResponseBadTransferEncoding{
    "http.response_bad_transfer_encoding", 502,
    "The Transfer-Encoding of the upstream's answer is not exactly chunked.", Blame::upstream};
inline constexpr Reason kResponseUnknownTransferCoding{
    "http.response_unknown_transfer_coding", 502,
    "The upstream's answer has a transfer coding that is not known.", Blame::upstream};
inline constexpr Reason kResponseTransferEncodingInHttp10{
    "http.response_transfer_encoding_in_http_1_0", 502,
    "The upstream's answer has a Transfer-Encoding in HTTP/1.0.", Blame::upstream};
inline constexpr Reason kResponseBadChunkSize{"http.response_bad_chunk_size", 502,
                                              "The upstream's answer has a malformed chunk size.",
                                              Blame::upstream};
inline constexpr Reason kResponseBadChunkExtension{
    "http.response_bad_chunk_extension", 502,
    "The upstream's answer has a malformed chunk extension.", Blame::upstream};
inline constexpr Reason kResponseBadChunk{
    "http.response_bad_chunk", 502,
    "The data of a chunk of the upstream's answer is not followed by CRLF.", Blame::upstream};
inline constexpr Reason kResponseChunkLineTooLong{
    "http.response_chunk_line_too_long", 502, "The upstream's answer has a chunk line too long.",
    Blame::upstream};
inline constexpr Reason kResponseChunkOverhead{"http.response_chunk_overhead", 502,
                                               "The upstream's answer has too many extensions.",
                                               Blame::upstream};
inline constexpr Reason kResponseFramingInTrailer{
    "http.response_framing_in_trailer", 502,
    "The upstream's answer has a framing field among its trailers.", Blame::upstream};
inline constexpr Reason kResponseTrailersTooLarge{"http.response_trailers_too_large", 502,
                                                  "The trailers of the upstream's answer are too "
                                                  "large.",
                                                  Blame::upstream};

// The faults that both directions share, so that one parser serves both.
struct Shared {
  const Reason& bad_line_end;
  const Reason& bad_field_name;
  const Reason& bad_field_value;
  const Reason& field_without_colon;
  const Reason& space_before_colon;
  const Reason& folded_field;
  const Reason& truncated_head;
  const Reason& field_too_long;
  const Reason& head_too_large;
  const Reason& too_many_fields;
  const Reason& duplicate_field;
  const Reason& bad_connection;
  const Reason& connection_names_end_to_end;
  const Reason& conflicting_framing;
  const Reason& bad_content_length;
  const Reason& duplicate_content_length;
  const Reason& bad_transfer_encoding;
  const Reason& unknown_transfer_coding;
  const Reason& transfer_encoding_in_http_1_0;
  const Reason& bad_chunk_size;
  const Reason& bad_chunk_extension;
  const Reason& bad_chunk;
  const Reason& chunk_line_too_long;
  const Reason& chunk_overhead;
  const Reason& framing_in_trailer;
  const Reason& trailers_too_large;
};

inline constexpr Shared kOfRequest{
    .bad_line_end = kBadLineEnd,
    .bad_field_name = kBadFieldName,
    .bad_field_value = kBadFieldValue,
    .field_without_colon = kFieldWithoutColon,
    .space_before_colon = kSpaceBeforeColon,
    .folded_field = kFoldedField,
    .truncated_head = kTruncatedHead,
    .field_too_long = kFieldTooLong,
    .head_too_large = kHeadTooLarge,
    .too_many_fields = kTooManyFields,
    .duplicate_field = kDuplicateField,
    .bad_connection = kBadConnection,
    .connection_names_end_to_end = kConnectionNamesEndToEnd,
    .conflicting_framing = kConflictingFraming,
    .bad_content_length = kBadContentLength,
    .duplicate_content_length = kDuplicateContentLength,
    .bad_transfer_encoding = kBadTransferEncoding,
    .unknown_transfer_coding = kUnknownTransferCoding,
    .transfer_encoding_in_http_1_0 = kTransferEncodingInHttp10,
    .bad_chunk_size = kBadChunkSize,
    .bad_chunk_extension = kBadChunkExtension,
    .bad_chunk = kBadChunk,
    .chunk_line_too_long = kChunkLineTooLong,
    .chunk_overhead = kChunkOverhead,
    .framing_in_trailer = kFramingInTrailer,
    .trailers_too_large = kTrailersTooLarge,
};

inline constexpr Shared kOfResponse{
    .bad_line_end = kResponseBadLineEnd,
    .bad_field_name = kResponseBadFieldName,
    .bad_field_value = kResponseBadFieldValue,
    .field_without_colon = kResponseFieldWithoutColon,
    .space_before_colon = kResponseSpaceBeforeColon,
    .folded_field = kResponseFoldedField,
    .truncated_head = kResponseTruncatedHead,
    .field_too_long = kResponseFieldTooLong,
    .head_too_large = kResponseHeadTooLarge,
    .too_many_fields = kResponseTooManyFields,
    .duplicate_field = kResponseDuplicateField,
    .bad_connection = kResponseBadConnection,
    .connection_names_end_to_end = kResponseConnectionNamesEndToEnd,
    .conflicting_framing = kResponseConflictingFraming,
    .bad_content_length = kResponseBadContentLength,
    .duplicate_content_length = kResponseDuplicateContentLength,
    .bad_transfer_encoding = kResponseBadTransferEncoding,
    .unknown_transfer_coding = kResponseUnknownTransferCoding,
    .transfer_encoding_in_http_1_0 = kResponseTransferEncodingInHttp10,
    .bad_chunk_size = kResponseBadChunkSize,
    .bad_chunk_extension = kResponseBadChunkExtension,
    .bad_chunk = kResponseBadChunk,
    .chunk_line_too_long = kResponseChunkLineTooLong,
    .chunk_overhead = kResponseChunkOverhead,
    .framing_in_trailer = kResponseFramingInTrailer,
    .trailers_too_large = kResponseTrailersTooLarge,
};

// All of them, for the catalogue of reasons.
inline constexpr std::array kAll{
    &kBadRequestLine,
    &kTlsOnPlainPort,
    &kEmptyLines,
    &kBadMethod,
    &kMethodRefused,
    &kBadVersion,
    &kVersionNotSupported,
    &kTargetTooLong,
    &kBadTarget,
    &kBadTargetCharacter,
    &kFragmentInTarget,
    &kBadPercentEscape,
    &kEncodedSeparator,
    &kEncodedControl,
    &kPathAboveRoot,
    &kDotSegmentParameter,
    &kMissingHost,
    &kBadHost,
    &kHostMismatch,
    &kExpectationFailed,
    &kUnderscoreInName,
    &kBadLineEnd,
    &kBadFieldName,
    &kBadFieldValue,
    &kFieldWithoutColon,
    &kSpaceBeforeColon,
    &kFoldedField,
    &kTruncatedHead,
    &kFieldTooLong,
    &kHeadTooLarge,
    &kTooManyFields,
    &kDuplicateField,
    &kBadConnection,
    &kConnectionNamesEndToEnd,
    &kConflictingFraming,
    &kBadContentLength,
    &kDuplicateContentLength,
    &kBadTransferEncoding,
    &kUnknownTransferCoding,
    &kTransferEncodingInHttp10,
    &kBadChunkSize,
    &kBadChunkExtension,
    &kBadChunk,
    &kChunkLineTooLong,
    &kChunkOverhead,
    &kFramingInTrailer,
    &kTrailersTooLarge,
    &kBadProxyHeader,
    &kBadStatusLine,
    &kResponseBadLineEnd,
    &kResponseBadFieldName,
    &kResponseBadFieldValue,
    &kResponseFieldWithoutColon,
    &kResponseSpaceBeforeColon,
    &kResponseFoldedField,
    &kResponseTruncatedHead,
    &kResponseFieldTooLong,
    &kResponseHeadTooLarge,
    &kResponseTooManyFields,
    &kResponseDuplicateField,
    &kResponseBadConnection,
    &kResponseConnectionNamesEndToEnd,
    &kResponseConflictingFraming,
    &kResponseBadContentLength,
    &kResponseDuplicateContentLength,
    &kResponseBadTransferEncoding,
    &kResponseUnknownTransferCoding,
    &kResponseTransferEncodingInHttp10,
    &kResponseBadChunkSize,
    &kResponseBadChunkExtension,
    &kResponseBadChunk,
    &kResponseChunkLineTooLong,
    &kResponseChunkOverhead,
    &kResponseFramingInTrailer,
    &kResponseTrailersTooLarge,
};

}  // namespace sallyport::http::reasons
