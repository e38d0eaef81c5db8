// A configuration file as it is written, typed: one struct and one field table per block. Nothing
// here has been compared with anything else yet; that is build.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "config/model_admin.h"
#include "config/model_api.h"
#include "config/model_listen.h"
#include "config/model_server.h"
#include "config/model_state.h"
#include "config/model_token_service.h"
#include "config/model_upstream.h"
#include "config/or_off.h"
#include "config/snapshot.h"
#include "http/address.h"
#include "http/client_address.h"
#include "policy/cidr_codec.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport::config::model {

struct Root {
  std::vector<schema::Marked<Listen>> listen;
  schema::Marked<OrOff<Admin>> admin;
  std::optional<unsigned> workers;
  Log log;
  Timeouts timeouts;
  Limits limits;
  Http http;
  net::CidrSet trusted_proxies;
  schema::Marked<http::ForwardedBy> client_address{.value = http::ForwardedBy::x_forwarded_for,
                                                   .where = {}};
  std::chrono::milliseconds drain = std::chrono::seconds(30);
  schema::Marked<std::string> user;
  Trail trail;
  std::optional<schema::Marked<State>> state;
  std::optional<schema::Marked<TokenService>> token_service;
  schema::NamedList<Upstream> upstreams;
  schema::NamedList<Api> apis;
  std::vector<schema::Block> policies;

  static schema::Fields<Root> fields();
};

}  // namespace sallyport::config::model
