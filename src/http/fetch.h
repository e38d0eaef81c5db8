// Fetching a small document from an HTTP server: keys, discovery documents, lists. Blocks, so it is
// for background threads only; what belongs to a request goes through http::Client or upstream/.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>

#include "http/service_url.h"

namespace sallyport::http {

struct FetchOptions {
  std::chrono::milliseconds timeout{5000};        // in all
  std::size_t most_bytes = std::size_t{1} << 20;  // of the body
  std::string ca_file;                            // PEM; empty: those of the system
};

// The body of a 200 to a GET. Servers with TLS have to prove who they are; redirects are not
// followed, and without TLS only loopback addresses are asked. The error is a sentence that names
// the URL. Any thread.
[[nodiscard]] std::expected<std::string, std::string> fetch(const std::string& url,
                                                            const FetchOptions& options = {});

}  // namespace sallyport::http
