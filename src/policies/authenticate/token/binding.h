// What a token is bound to: good only for whoever also holds a certain private key (`cnf`, RFC 7800
// section 3.1). Private to this folder.
#pragma once

#include <optional>
#include <string>

#include "json/document.h"

namespace sallyport::policies::authenticate_detail {

struct Binding {
  std::string certificate;  // SHA-256, hexadecimal (`x5t#S256`, RFC 8705); empty: to none
  std::string key;          // thumbprint (`jkt`, RFC 9449); empty: to none
};

// Nothing when the claims name a binding that cannot be checked here.
[[nodiscard]] std::optional<Binding> binding_of(json::Value claims);

}  // namespace sallyport::policies::authenticate_detail
