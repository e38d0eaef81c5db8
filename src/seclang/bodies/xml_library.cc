#include "seclang/bodies/xml_library.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

namespace sallyport::seclang {
namespace {

// libxml2 asks one function for every file, and tells it nothing of who wants it.
thread_local const ReadFile* allowed = nullptr;

xmlParserInputPtr load(const char* url, const char* /*id*/, xmlParserCtxtPtr parser) {
  if (allowed == nullptr || url == nullptr || parser == nullptr) return nullptr;
  auto content = (*allowed)(url);
  if (!content) return nullptr;
  xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(
      content->data(), static_cast<int>(content->size()), XML_CHAR_ENCODING_NONE);
  if (buffer == nullptr) return nullptr;
  xmlParserInputPtr input = xmlNewIOInputStream(parser, buffer, XML_CHAR_ENCODING_NONE);
  if (input == nullptr) {
    xmlFreeParserInputBuffer(buffer);
  } else {
    // What it includes is looked for beside it.
    input->filename = reinterpret_cast<char*>(xmlStrdup(reinterpret_cast<const xmlChar*>(url)));
  }
  return input;
}

void say_nothing(void*, const char*, ...) {}  // NOLINT(cert-dcl50-cpp): libxml2's signature

}  // namespace

void prepare_xml_library() {
  static const bool once = [] {
    xmlInitParser();
    xmlSetExternalEntityLoader(load);
    return true;
  }();
  static_cast<void>(once);
  xmlSetGenericErrorFunc(nullptr, say_nothing);
}

XmlFilesAllowed::XmlFilesAllowed(const ReadFile& read) { allowed = &read; }
XmlFilesAllowed::~XmlFilesAllowed() { allowed = nullptr; }

}  // namespace sallyport::seclang
