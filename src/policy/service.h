// Another service that a policy asks while a request waits: how a configuration names it, and what
// every question to it has in common.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/client.h"
#include "schema/context.h"
#include "schema/field.h"
#include "schema/types.h"

namespace sallyport {

struct ServiceSettings {
  std::string url;
  schema::Duration timeout = std::chrono::seconds(1);
  bool insecure_http = false;
  std::optional<schema::FilePath> ca;
  std::optional<schema::FilePath> certificate;
  std::optional<schema::FilePath> key;

  // Keys of the block itself: to be inlined.
  static schema::Fields<ServiceSettings> fields();
};

// Immutable, shared by threads; outlives every exchange that asks.
class Service {
 public:
  // Null: a file cannot be read, and the context heard why. Notes the files it read.
  [[nodiscard]] static std::unique_ptr<const Service> make(
      const schema::Marked<ServiceSettings>& settings, schema::Context& context);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // To be completed. Its URL is that of the configuration.
  [[nodiscard]] http::ClientRequest question() const;
  // Without a slash at the end.
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  explicit Service(const ServiceSettings& settings);

  std::string url_;
  const std::chrono::milliseconds timeout_;
  const bool insecure_http_;
  http::ClientTls tls_;
};

}  // namespace sallyport
