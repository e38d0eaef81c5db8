// XML through libxml2, as ModSecurity 3 uses it: not validated, not mended, and what was read
// before an error is looked at all the same. Nothing outside the body is ever loaded, and a
// document that would grow out of proportion (entities, defaults of attributes) is an error.
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include <cstddef>
#include <memory>
#include <new>
#include <string>

#include "seclang/bodies/body.h"
#include "seclang/bodies/xml_document.h"
#include "seclang/bodies/xml_expansion.h"
#include "seclang/bodies/xml_library.h"

namespace sallyport::seclang {
namespace {

// How much larger than itself a body may be expanded, and what is allowed in any case.
constexpr std::size_t kExpansion = 10;
constexpr std::size_t kExpansionAnyway = 1 << 20;

// libxml2 compares every attribute of a tag with every other, and every choice in a declaration. So
// much time is nobody's: a megabyte of attributes would take two minutes.
constexpr std::size_t kMostAttributes = 512;
constexpr std::size_t kLargestWithDoctype = 1 << 16;

// Bytes given to the parser at a time: it is between them that a long tag can be looked at.
constexpr std::size_t kSlice = 4096;

// libxml2 goes through the defaults that a document declares at every element, and throws them
// away.
constexpr std::size_t kMostDefaults = 8;

// Steps of one XPath expression. What rules select takes a few for each node.
constexpr unsigned long kMostXPathSteps = 50'000'000;

using ParserContext = std::unique_ptr<xmlParserCtxt, Release<xmlFreeParserCtxt>>;
using XPathContext = std::unique_ptr<xmlXPathContext, Release<xmlXPathFreeContext>>;
using XPathObject = std::unique_ptr<xmlXPathObject, Release<xmlXPathFreeObject>>;
using XPathExpression = std::unique_ptr<xmlXPathCompExpr, Release<xmlXPathFreeCompExpr>>;

// libxml2's characters are unsigned.
const xmlChar* to_xml(const std::string& text) {
  return reinterpret_cast<const xmlChar*>(text.c_str());
}

// What the callbacks of a parser know of it.
struct Bounds {
  bool doctype_allowed;
  std::size_t defaults = 0;
};

void stop(xmlParserCtxt* parser) {
  parser->wellFormed = 0;
  xmlStopParser(parser);
}

void declare_document_type(void* context, const xmlChar* name, const xmlChar* public_id,
                           const xmlChar* system_id) {
  auto* parser = static_cast<xmlParserCtxt*>(context);
  if (!static_cast<Bounds*>(parser->_private)->doctype_allowed) return stop(parser);
  xmlSAX2InternalSubset(context, name, public_id, system_id);
}

void declare_attribute(void* context, const xmlChar* element, const xmlChar* name, int type,
                       int kind, const xmlChar* value, xmlEnumerationPtr choices) {
  auto* parser = static_cast<xmlParserCtxt*>(context);
  auto* bounds = static_cast<Bounds*>(parser->_private);
  if (value != nullptr && ++bounds->defaults > kMostDefaults) stop(parser);
  xmlSAX2AttributeDecl(context, element, name, type, kind, value, choices);
}

// Gives the body to the parser slice by slice. A tag is read only when the parser has all of it, so
// until then there is time to count the attributes it may have.
void feed(xmlParserCtxt* parser, std::string_view rest) {
  long tag = -1;  // where the unread tag begins
  std::size_t counted = 0;
  std::size_t attributes = 0;
  while (!rest.empty()) {
    const std::string_view slice = rest.substr(0, kSlice);
    rest.remove_prefix(slice.size());
    xmlParseChunk(parser, slice.data(), static_cast<int>(slice.size()), 0);
    if (parser->disableSAX != 0) return;
    if (parser->instate != XML_PARSER_START_TAG) {
      tag = -1;
      continue;
    }
    if (const long begin = xmlByteConsumed(parser); begin != tag) {
      tag = begin;
      counted = attributes = 0;
    }
    const xmlChar* unread = parser->input->cur;
    const auto size = static_cast<std::size_t>(parser->input->end - unread);
    attributes += static_cast<std::size_t>(std::count(unread + counted, unread + size, '='));
    counted = size;
    if (attributes > kMostAttributes) return stop(parser);
  }
}

// The text of a node with its entities, as XPath's string() gives it.
bool add_content(const xmlNode* node, Arena& arena, std::vector<Field>& into) {
  xmlChar* content = xmlNodeGetContent(node);
  if (content == nullptr) return false;
  into.push_back({.name = {}, .value = arena.copy(reinterpret_cast<const char*>(content))});
  xmlFree(content);
  return true;
}

// All attributes, in document order.
void add_attributes(const xmlNode* root, Arena& arena, std::vector<Field>& into) {
  for (const xmlNode* node = root; node != nullptr;) {
    if (node->type == XML_ELEMENT_NODE) {
      for (const xmlAttr* a = node->properties; a != nullptr; a = a->next) {
        add_content(reinterpret_cast<const xmlNode*>(a), arena, into);  // libxml2's inheritance
      }
      // An entity's reference has the entity's own tree as children, which is not of the document.
      if (node->children != nullptr) {
        node = node->children;
        continue;
      }
    }
    while (node != root && node->next == nullptr) node = node->parent;
    node = node == root ? nullptr : node->next;
  }
}

}  // namespace

XmlDocument::XmlDocument(XmlTree tree, bool well_formed, Arena& arena)
    : tree_(std::move(tree)), well_formed_(well_formed) {
  const xmlNode* root = xmlDocGetRootElement(tree_.get());
  if (root == nullptr) return;
  add_content(root, arena, text_);
  add_attributes(root, arena, attributes_);
}

XmlBody parse_xml(std::string_view body, Arena& arena) {
  XmlBody parsed;
  const auto fail = [&] {
    parsed.error = {.failed = true, .message = "XML: Failed parsing document."};
  };
  // libxml2 has this bound for what it is given at once, as ModSecurity gives it.
  if (body.size() > XML_MAX_LOOKUP_LIMIT) {
    fail();
    return parsed;
  }
  prepare_xml_library();
  // The first bytes go in with the context: they tell the encoding.
  const std::string_view first = body.substr(0, 4);
  const ParserContext parser(xmlCreatePushParserCtxt(nullptr, nullptr, first.data(),
                                                     static_cast<int>(first.size()), "body.xml"));
  if (parser == nullptr) throw std::bad_alloc();
  Bounds bounds{.doctype_allowed = body.size() <= kLargestWithDoctype};
  parser->_private = &bounds;
  parser->sax->internalSubset = declare_document_type;
  parser->sax->attributeDecl = declare_attribute;
  feed(parser.get(), body.substr(first.size()));
  xmlParseChunk(parser.get(), nullptr, 0, 1);

  XmlTree document(std::exchange(parser->myDoc, nullptr));
  const bool well_formed = parser->wellFormed == 1;
  if (!well_formed) fail();
  if (document == nullptr) return parsed;
  // In a document that is broken, entities may also form a cycle, which has no size.
  const std::size_t most = body.size() * kExpansion + kExpansionAnyway;
  if (expanded_size(*document, most) >= most) {
    fail();
    return parsed;
  }
  parsed.document = std::make_shared<XmlDocument>(std::move(document), well_formed, arena);
  return parsed;
}

void select_xml(const XmlDocument& document, std::string_view xpath,
                const std::vector<std::pair<std::string, std::string>>& namespaces, Arena& arena,
                std::vector<Field>& into) {
  if (xpath == "/*") {
    into.insert(into.end(), document.text().begin(), document.text().end());
    return;
  }
  if (xpath == "//@*") {
    into.insert(into.end(), document.attributes().begin(), document.attributes().end());
    return;
  }
  prepare_xml_library();
  const XPathContext context(xmlXPathNewContext(document.get()));
  if (context == nullptr) throw std::bad_alloc();
  context->opLimit = kMostXPathSteps;
  for (const auto& [prefix, uri] : namespaces) {
    if (xmlXPathRegisterNs(context.get(), to_xml(prefix), to_xml(uri)) != 0) return;
  }
  const XPathObject found(xmlXPathEvalExpression(to_xml(std::string(xpath)), context.get()));
  if (found == nullptr || found->nodesetval == nullptr) return;
  for (int i = 0; i < found->nodesetval->nodeNr; ++i) {
    add_content(found->nodesetval->nodeTab[i], arena, into);
  }
}

bool valid_xpath(std::string_view xpath) {
  prepare_xml_library();
  const std::string text(xpath);
  return XPathExpression(xmlXPathCompile(to_xml(text))) != nullptr;
}

}  // namespace sallyport::seclang
