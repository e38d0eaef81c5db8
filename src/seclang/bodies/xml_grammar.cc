// Grammars through libxml2. They are written by operators and trusted; the documents are not.
#include "seclang/bodies/xml_grammar.h"

#include <libxml/parser.h>
#include <libxml/valid.h>
#include <libxml/xmlschemas.h>

#include <new>
#include <utility>

#include "seclang/bodies/xml_document.h"
#include "seclang/bodies/xml_library.h"

namespace sallyport::seclang {
namespace {

using Dtd = std::unique_ptr<xmlDtd, Release<xmlFreeDtd>>;
using DtdCheck = std::unique_ptr<xmlValidCtxt, Release<xmlFreeValidCtxt>>;
using SchemaReader = std::unique_ptr<xmlSchemaParserCtxt, Release<xmlSchemaFreeParserCtxt>>;
using Schema = std::unique_ptr<xmlSchema, Release<xmlSchemaFree>>;
using SchemaCheck = std::unique_ptr<xmlSchemaValidCtxt, Release<xmlSchemaFreeValidCtxt>>;

// Takes libxml2's messages of this thread for as long as it lives.
template <typename Take>
class Messages {
 public:
  explicit Messages(Take take) : take_(std::move(take)) {
    xmlSetStructuredErrorFunc(this, [](void* self, xmlErrorPtr error) {
      if (error == nullptr || error->message == nullptr) return;
      std::string_view message = error->message;
      if (message.ends_with('\n')) message.remove_suffix(1);
      static_cast<Messages*>(self)->take_(message, *error);
    });
  }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;
  ~Messages() { xmlSetStructuredErrorFunc(nullptr, nullptr); }

 private:
  Take take_;
};

auto tell(BodyObserver* observer) {
  return [observer](std::string_view message, const xmlError& /*error*/) {
    if (observer != nullptr) observer->xml_fault(message);
  };
}

class DocumentType final : public XmlGrammar {
 public:
  explicit DocumentType(Dtd dtd) : dtd_(std::move(dtd)) {}

  bool fits(const XmlDocument& document, BodyObserver* observer) const override {
    prepare_xml_library();
    // libxml2 completes a definition while it works with it, so each document gets its own.
    const Dtd own(xmlCopyDtd(dtd_.get()));
    const DtdCheck check(xmlNewValidCtxt());
    if (own == nullptr || check == nullptr) throw std::bad_alloc();
    const Messages messages(tell(observer));
    return xmlValidateDtd(check.get(), document.get(), own.get()) == 1;
  }

 private:
  Dtd dtd_;
};

class SchemaGrammar final : public XmlGrammar {
 public:
  explicit SchemaGrammar(Schema schema) : schema_(std::move(schema)) {}

  bool fits(const XmlDocument& document, BodyObserver* observer) const override {
    prepare_xml_library();
    const SchemaCheck check(xmlSchemaNewValidCtxt(schema_.get()));
    if (check == nullptr) throw std::bad_alloc();
    const Messages messages(tell(observer));
    return xmlSchemaValidateDoc(check.get(), document.get()) == 0;
  }

 private:
  Schema schema_;
};

std::shared_ptr<const XmlGrammar> read_dtd(const std::string& path) {
  Dtd dtd(xmlParseDTD(nullptr, reinterpret_cast<const xmlChar*>(path.c_str())));
  return dtd == nullptr ? nullptr : std::make_shared<DocumentType>(std::move(dtd));
}

std::shared_ptr<const XmlGrammar> read_schema(const std::string& path) {
  const SchemaReader reader(xmlSchemaNewParserCtxt(path.c_str()));
  if (reader == nullptr) throw std::bad_alloc();
  Schema schema(xmlSchemaParse(reader.get()));
  return schema == nullptr ? nullptr : std::make_shared<SchemaGrammar>(std::move(schema));
}

}  // namespace

std::expected<std::shared_ptr<const XmlGrammar>, std::string> XmlGrammar::read(
    Kind kind, const std::string& path,
    const std::function<std::expected<std::string, std::string>(const std::string&)>& read_file) {
  prepare_xml_library();
  const XmlFilesAllowed allowed(read_file);
  std::string first;
  const Messages messages([&](std::string_view message, const xmlError& error) {
    if (first.empty()) first = "line " + std::to_string(error.line) + ": " + std::string(message);
  });
  auto grammar = kind == Kind::dtd ? read_dtd(path) : read_schema(path);
  if (grammar != nullptr) return grammar;
  return std::unexpected(path + (first.empty() ? ": it cannot be read" : ": " + first));
}

bool is_well_formed(const XmlDocument& document) { return document.well_formed(); }

}  // namespace sallyport::seclang
