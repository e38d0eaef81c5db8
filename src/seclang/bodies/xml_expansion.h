// How large a document becomes when its entities are expanded. For xml.cc alone.
#pragma once

#include <libxml/tree.h>

#include <cstddef>

namespace sallyport::seclang {

// Bytes of all text and attribute values under `node`, each entity counted as often as it is
// referred to, itself looked at once. `most` when there are more.
[[nodiscard]] std::size_t expanded_size(const xmlDoc& document, std::size_t most);

}  // namespace sallyport::seclang
