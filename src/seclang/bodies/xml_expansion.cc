#include "seclang/bodies/xml_expansion.h"

#include <libxml/entities.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace sallyport::seclang {
namespace {

class Expansion {
 public:
  Expansion(const xmlDoc& document, std::size_t most) : document_(document), most_(most) {}

  std::size_t of(const xmlNode* first);

 private:
  std::size_t of_entity(const xmlChar* name);
  std::size_t of_one(const xmlNode& node);

  const xmlDoc& document_;
  const std::size_t most_;
  // Size of what an entity holds; `most_` while it is being looked at, so a cycle has no end.
  std::unordered_map<const xmlEntity*, std::size_t> entities_;
};

// The entity tables are only read, but libxml2 has no const look-up.
std::size_t Expansion::of_entity(const xmlChar* name) {
  const xmlEntity* entity = xmlGetDocEntity(const_cast<xmlDoc*>(&document_), name);
  if (entity == nullptr) return 0;
  const auto [known, is_new] = entities_.try_emplace(entity, most_);
  if (!is_new) return known->second;
  const std::size_t size = of(entity->children);
  entities_[entity] = size;
  return size;
}

std::size_t Expansion::of_one(const xmlNode& node) {
  switch (node.type) {
    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
      return node.content == nullptr
                 ? 0
                 : std::strlen(reinterpret_cast<const char*>(node.content));  // NOLINT: xmlChar
    case XML_ENTITY_REF_NODE:
      return of_entity(node.name);
    case XML_ELEMENT_NODE: {
      std::size_t size = 0;
      for (const xmlAttr* a = node.properties; a != nullptr && size < most_; a = a->next) {
        size += of(a->children);
      }
      return size;
    }
    default:
      return 0;
  }
}

// Of a list of siblings and everything below them. Recursive only into entities, which libxml2 lets
// be nested a few dozen deep.
std::size_t Expansion::of(const xmlNode* first) {
  std::size_t size = 0;
  for (const xmlNode* node = first; node != nullptr && size < most_;) {
    size += of_one(*node);
    if (node->type == XML_ELEMENT_NODE && node->children != nullptr) {
      node = node->children;
      continue;
    }
    const xmlNode* const top = first->parent;
    while (node != nullptr && node->next == nullptr) {
      node = node->parent == top ? nullptr : node->parent;
    }
    if (node != nullptr) node = node->next;
  }
  return std::min(size, most_);
}

}  // namespace

std::size_t expanded_size(const xmlDoc& document, std::size_t most) {
  const xmlNode* root = xmlDocGetRootElement(&document);
  return root == nullptr ? 0 : Expansion(document, most).of(root);
}

}  // namespace sallyport::seclang
