// What an XML document has to look like: a document type definition or an XML Schema.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "seclang/bodies/body.h"

namespace sallyport::seclang {

// Immutable, shared by threads.
class XmlGrammar {
 public:
  enum class Kind : std::uint8_t { dtd, schema };

  // Reads the grammar, and what it includes, through `read_file`. The error is a sentence.
  [[nodiscard]] static std::expected<std::shared_ptr<const XmlGrammar>, std::string> read(
      Kind kind, const std::string& path,
      const std::function<std::expected<std::string, std::string>(const std::string&)>& read_file);

  virtual ~XmlGrammar() = default;
  // `observer` is told of every fault and may be null.
  [[nodiscard]] virtual bool fits(const XmlDocument& document, BodyObserver* observer) const = 0;
};

// Whether the whole of it could be read.
[[nodiscard]] bool is_well_formed(const XmlDocument& document);

}  // namespace sallyport::seclang
