// Why the admin listener refuses a request.
#pragma once

#include "base/result.h"

namespace sallyport::admin::reasons {

inline constexpr Reason kNotFound{"admin.not_found", 404, "There is nothing here."};
inline constexpr Reason kMethodNotAllowed{"admin.method_not_allowed", 405,
                                          "This resource does not support the method."};
inline constexpr Reason kWrongHost{"admin.wrong_host", 421,
                                   "This listener answers to its own address only."};
inline constexpr Reason kCrossSite{"admin.cross_site", 403,
                                   "Pages of other sites may change nothing here."};
inline constexpr Reason kUnknownRequest{"admin.unknown_request", 404,
                                        "No decision trail is kept of that request."};
inline constexpr Reason kBadQuestion{"admin.bad_question", 400,
                                     "That is not a request that could be explained."};
inline constexpr Reason kReloadRefused{"admin.reload_refused", 422,
                                       "The configuration in force stays: the new one has errors."};
inline constexpr Reason kStopping{"admin.stopping", 503, "The gateway is stopping.",
                                  Blame::operations, true};
inline constexpr Reason kTooManyConnections{
    "admin.too_many_connections", 503, "Too many connections are open.", Blame::operations, true};

inline constexpr Reason kBusy{"admin.busy", 503, "The configuration cannot be changed now.",
                              Blame::operations, true};
inline constexpr Reason kConfigDiffers{"admin.config_differs", 409,
                                       "The configuration file is not what is in force."};
inline constexpr Reason kConfigNotWritable{"admin.config_not_writable", 409,
                                           "The configuration file cannot be replaced."};
inline constexpr Reason kConfigNotWritten{
    "admin.config_not_written", 500,
    "The revision is in force, but the next start would not have it.", Blame::operations};

// Who asks.
inline constexpr Reason kNoState{"admin.no_state", 404,
                                 "The configuration keeps no callers: it has no `state`."};
inline constexpr Reason kUnauthenticated{"admin.unauthenticated", 401,
                                         "A good credential is needed."};
inline constexpr Reason kForbidden{"admin.forbidden", 403, "Your role may not do that."};
inline constexpr Reason kNoRole{"admin.no_role", 403,
                                "You are known, but have no role at this admin listener."};
inline constexpr Reason kIssuerUnavailable{"admin.issuer_unavailable", 503,
                                           "The OpenID Provider's keys cannot be fetched.",
                                           Blame::operations, true};
inline constexpr Reason kTooManyRequests{"admin.too_many_requests", 429,
                                         "You ask more often than this listener allows.",
                                         Blame::client, true};
inline constexpr Reason kOutdatedConnection{
    "admin.outdated_connection", 421,
    "The configuration has changed since your certificate was verified; connect again."};
inline constexpr Reason kTooManyFailures{"admin.too_many_failures", 429,
                                         "Too many wrong credentials were presented.",
                                         Blame::client, true};

// What is asked.
inline constexpr Reason kBadQuery{"admin.bad_query", 400, "The query says what it may not."};
inline constexpr Reason kBadJson{"admin.bad_json", 400, "The body is not the JSON that is needed."};
inline constexpr Reason kMediaType{"admin.media_type", 415,
                                   "The body's media type is not the one that is needed."};
inline constexpr Reason kBodyTooLarge{"admin.body_too_large", 413, "The body is too large."};
inline constexpr Reason kInvalid{"admin.invalid", 422, "The record says what it may not."};
inline constexpr Reason kNoSuchRecord{"admin.no_such_record", 404, "There is no such record."};
inline constexpr Reason kConflict{"admin.conflict", 409, "That contradicts what there is already."};
inline constexpr Reason kChangedMeanwhile{"admin.changed_meanwhile", 412,
                                          "The record is no longer the one that was read."};
inline constexpr Reason kLastAdmin{"admin.last_admin", 409,
                                   "Without this admin token nobody could make another one."};

// What is in the way.
inline constexpr Reason kStoreUnavailable{"admin.store_unavailable", 503,
                                          "The store of callers does not answer.",
                                          Blame::operations, true};
inline constexpr Reason kAuditUnavailable{
    "admin.audit_unavailable", 503, "The audit trail cannot be written, so nothing may be changed.",
    Blame::operations, true};

}  // namespace sallyport::admin::reasons
