// @validateDTD and @validateSchema: match when the XML body does not fit, when it is not well
// formed, and when there is none. So does a grammar that could not be read: nothing fits it.
#include "seclang/bodies/xml_grammar.h"
#include "seclang/operators/argument_files.h"
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class ValidateXml final : public Operator {
 public:
  explicit ValidateXml(std::shared_ptr<const XmlGrammar> grammar) : grammar_(std::move(grammar)) {}

  bool evaluate(std::string_view /*value*/, Evaluation& evaluation) const override {
    const Surroundings* around = evaluation.surroundings;
    if (grammar_ == nullptr || around == nullptr || around->xml == nullptr) return true;
    return !is_well_formed(*around->xml) || !grammar_->fits(*around->xml, around->observer);
  }

 private:
  std::shared_ptr<const XmlGrammar> grammar_;  // null: it could not be read
};

Made make(XmlGrammar::Kind kind, const OperatorSource& source) {
  auto path = argument_file(source);
  if (!path) return std::unexpected(path.error());
  auto warn = [&](const std::string& why) {
    if (source.warn != nullptr) {
      source.warn("@" + std::string(source.name) + ": " + why + "; so the rule always matches");
    }
    return std::make_unique<ValidateXml>(nullptr);
  };
  if (!source.xml_external_entity) {
    return warn("without SecXmlExternalEntity On, " + *path + " is not read");
  }
  auto grammar = XmlGrammar::read(kind, *path, source.read_file);
  if (!grammar) return warn(grammar.error());
  return std::make_unique<ValidateXml>(std::move(*grammar));
}

}  // namespace

Made make_validate_dtd(const OperatorSource& source) { return make(XmlGrammar::Kind::dtd, source); }

Made make_validate_schema(const OperatorSource& source) {
  return make(XmlGrammar::Kind::schema, source);
}

}  // namespace sallyport::seclang
