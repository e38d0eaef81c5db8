#include "policy/service.h"

#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "http/service_url.h"

namespace sallyport {
namespace {

using schema::field;

// Empty where nothing is named. False: it cannot be read.
bool read_pem(const std::optional<schema::FilePath>& file, const schema::Where& where,
              schema::Context& context, std::string& into) {
  if (!file) return true;
  if (context.scope() != nullptr) context.scope()->files.insert(file->resolved);
  std::ifstream in(file->resolved, std::ios::binary);
  into.assign(std::istreambuf_iterator<char>(in), {});
  if (into.contains("-----BEGIN ")) return true;
  context.diagnostics().error(where, file->resolved + " cannot be read, or is not PEM",
                              "Name a file that the gateway may read.",
                              schema::code::kInvalidValue);
  return false;
}

void check_url(const ServiceSettings& settings, const schema::Node& node,
               schema::Context& context) {
  const schema::Node* url = node.find("url");
  if (url == nullptr || http::may_be_fetched(settings.url, settings.insecure_http)) return;
  auto scope = context.key("url");
  context.error(*url, "has to begin with https:// (or http:// and a loopback address)",
                "Where nobody else can read what is said on this network, say `insecure_http: "
                "true`.");
}

void check_certificate(const ServiceSettings& settings, const schema::Node& node,
                       schema::Context& context) {
  if (settings.certificate.has_value() == settings.key.has_value()) return;
  context.error(node, "\"certificate\" and \"key\" need each other", {}, schema::code::kMissingKey);
}

}  // namespace

schema::Fields<ServiceSettings> ServiceSettings::fields() {
  schema::Fields<ServiceSettings> table{
      field("url", &ServiceSettings::url, "Where the service is asked.")
          .required()
          .example("https://authz.internal:8443/check"),
      field("timeout", &ServiceSettings::timeout, "How long its answer may take, in all.")
          .range(std::chrono::milliseconds(10), std::chrono::seconds(60)),
      field("insecure_http", &ServiceSettings::insecure_http,
            "Allows a `url` without TLS that leads to another machine. Whoever can read or write "
            "what goes over that network can be any caller."),
      field("ca", &ServiceSettings::ca, "Authorities that may vouch for the service, in PEM.")
          .default_text("those of the system"),
      field("certificate", &ServiceSettings::certificate,
            "Certificate that the gateway shows to the service, with its chain, in PEM."),
      field("key", &ServiceSettings::key, "Private key of `certificate`, in PEM."),
  };
  return table.check(check_url).check(check_certificate);
}

Service::Service(const ServiceSettings& settings)
    : url_(settings.url), timeout_(settings.timeout), insecure_http_(settings.insecure_http) {}

Service::~Service() { explicit_bzero(tls_.key.data(), tls_.key.size()); }

std::unique_ptr<const Service> Service::make(const schema::Marked<ServiceSettings>& settings,
                                             schema::Context& context) {
  std::unique_ptr<Service> service(new Service(settings.value));
  http::ClientTls& tls = service->tls_;
  const bool read =
      read_pem(settings.value.ca, settings.where, context, tls.authorities) &&
      read_pem(settings.value.certificate, settings.where, context, tls.certificate) &&
      read_pem(settings.value.key, settings.where, context, tls.key);
  return read ? std::move(service) : nullptr;
}

http::ClientRequest Service::question() const {
  return {.url = url_, .timeout = timeout_, .insecure_http = insecure_http_, .tls = &tls_};
}

}  // namespace sallyport
