#include "policies/authenticate/upstream_identity.h"

#include <set>

#include "base/text.h"
#include "json/text.h"
#include "policy/identity_headers.h"

namespace sallyport::policies::authenticate_detail {
namespace {

// Of visible ASCII, everything but the percent sign; in a list also without the comma.
constexpr std::string_view kPlain = "!\"#$&'()*+,/:;<=>?@[\\]^`{|}";
constexpr std::string_view kPlainInList = "!\"#$&'()*+/:;<=>?@[\\]^`{|}";

// A claim as the value of a header: texts as they are, items of a list with commas between them.
std::string claim_text(json::Value claim) {
  if (claim.is_array()) {
    std::string joined;
    for (json::Value item : claim.items()) {
      if (!joined.empty()) joined += ',';
      joined += text::percent_encoded(
          item.string() ? std::string(*item.string()) : json::to_text(item), kPlainInList);
    }
    return joined;
  }
  return text::percent_encoded(claim.string() ? std::string(*claim.string()) : json::to_text(claim),
                               kPlain);
}

void put(Exchange& x, const std::string& header, const std::string& value) {
  if (value.empty()) {
    x.request.headers.remove(header);
  } else {
    x.request.headers.set(header, x.arena.copy(value));
  }
}

// The names of all headers; false: one is there twice.
bool collect(const IdentitySettings& settings, schema::Context& context,
             std::vector<std::string>& names) {
  std::set<std::string> seen;
  bool good = true;
  auto add = [&](const std::string& name, const schema::Where& where) {
    names.push_back(name);
    if (seen.insert(IdentityHeaders::normal(name)).second) return;
    context.diagnostics().error(where, "gives two things to the header '" + name + "'",
                                "Give each a header of its own.", schema::code::kConflict);
    good = false;
  };
  if (settings.headers) {
    const IdentityHeaderSettings& headers = settings.headers->value;
    for (const auto* name :
         {&headers.consumer, &headers.subject, &headers.issuer, &headers.client, &headers.method,
          &headers.strength, &headers.scopes, &headers.roles, &headers.groups}) {
      if (*name) add(**name, settings.headers->where);
    }
    for (const auto& claim : headers.claims) add(claim.value, claim.where);
  }
  if (settings.signed_token) add(settings.signed_token->value.header, settings.signed_token->where);
  return good;
}

}  // namespace

std::unique_ptr<const UpstreamIdentity> UpstreamIdentity::make(const IdentitySettings& settings,
                                                               schema::Context& context) {
  std::unique_ptr<UpstreamIdentity> made(new UpstreamIdentity);
  std::vector<std::string> names;
  if (!collect(settings, context, names)) return nullptr;
  IdentityHeaders::note(context, names);
  if (settings.headers) {
    const IdentityHeaderSettings& headers = settings.headers->value;
    auto text = [&made](const std::optional<std::string>& name, std::string_view Identity::* fact) {
      if (name) made->texts_.emplace_back(*name, fact);
    };
    text(headers.consumer, &Identity::consumer);
    text(headers.subject, &Identity::subject);
    text(headers.issuer, &Identity::issuer);
    text(headers.client, &Identity::client);
    text(headers.method, &Identity::method);
    auto list = [&made](const std::optional<std::string>& name, List fact) {
      if (name) made->lists_.emplace_back(*name, fact);
    };
    list(headers.scopes, &Identity::scopes);
    list(headers.roles, &Identity::roles);
    list(headers.groups, &Identity::groups);
    for (const auto& claim : headers.claims) {
      const std::string fault = identity_header_fault(claim.value);
      if (!fault.empty()) {
        context.diagnostics().error(claim.where, "'" + claim.value + "' " + fault);
        return nullptr;
      }
      made->claims_.emplace_back(claim.value, ClaimPath::dotted(claim.name));
    }
    made->strength_ = headers.strength;
  }
  if (!settings.signed_token) return made;
  made->token_ = IdentityToken::make(*settings.signed_token, context);
  if (made->token_ == nullptr) return nullptr;
  return made;
}

bool UpstreamIdentity::write(Exchange& x) const {
  write_headers(x);
  return token_ == nullptr || token_->write(x);
}

void UpstreamIdentity::write_headers(Exchange& x) const {
  const Identity& who = *x.identity;
  for (const auto& [header, fact] : texts_) {
    put(x, header, text::percent_encoded(who.*fact, kPlain));
  }
  for (const auto& [header, fact] : lists_) {
    std::string joined;
    for (std::string_view each : who.*fact) {
      if (!joined.empty()) joined += ',';
      joined += text::percent_encoded(each, kPlainInList);
    }
    put(x, header, joined);
  }
  for (const auto& [header, path] : claims_) {
    const std::optional<json::Value> claim = path.find(who.claims);
    put(x, header, claim ? claim_text(*claim) : std::string());
  }
  if (strength_) put(x, *strength_, std::string(name_of(who.strength)));
}

}  // namespace sallyport::policies::authenticate_detail
