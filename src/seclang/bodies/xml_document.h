// An XML body as libxml2 read it. Internal to this folder; others hold it without knowing it.
#pragma once

#include <libxml/tree.h>

#include <memory>
#include <vector>

#include "base/arena.h"
#include "seclang/bodies/body.h"
#include "seclang/bodies/xml_library.h"

namespace sallyport::seclang {

using XmlTree = std::unique_ptr<xmlDoc, Release<xmlFreeDoc>>;

// Views into the arena it was parsed with: it must not outlive that.
class XmlDocument {
 public:
  XmlDocument(XmlTree tree, bool well_formed, Arena& arena);

  [[nodiscard]] xmlDoc* get() const { return tree_.get(); }
  [[nodiscard]] bool well_formed() const { return well_formed_; }
  // Nearly every rule selects one of two things, so these are taken once.
  [[nodiscard]] const std::vector<Field>& text() const { return text_; }
  [[nodiscard]] const std::vector<Field>& attributes() const { return attributes_; }

 private:
  XmlTree tree_;
  bool well_formed_;
  std::vector<Field> text_;
  std::vector<Field> attributes_;
};

}  // namespace sallyport::seclang
