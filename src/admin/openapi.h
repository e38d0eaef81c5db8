// The document of the admin API (OpenAPI 3.1), written from the tables of routes and members.
#pragma once

#include <string>

namespace sallyport::admin {

// JSON, without line end.
[[nodiscard]] const std::string& openapi_document();

}  // namespace sallyport::admin
