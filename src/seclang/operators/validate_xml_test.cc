// @validateDTD and @validateSchema on documents that fit and on all that do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "seclang/bodies/fields_for_test.h"
#include "seclang/operators/operator.h"

namespace sallyport::seclang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Takes what it is told.
class Faults final : public BodyObserver {
 public:
  std::vector<std::string> all;
  void xml_fault(std::string_view message) override { all.emplace_back(message); }
};

class ValidateXml : public testing::Test {
 protected:
  std::unique_ptr<Operator> make(std::string_view name, std::string_view argument,
                                 bool external_entity = true) {
    auto made = make_operator(
        {.name = name,
         .argument = argument,
         .file = "/rules/main.conf",
         .read_file = [this](const std::string& path) -> std::expected<std::string, std::string> {
           auto found = files_.find(path);
           if (found == files_.end()) return std::unexpected("no file " + path);
           return found->second;
         },
         .xml_external_entity = external_entity,
         .warn = [this](const std::string& warning) { warnings_.push_back(warning); }});
    EXPECT_TRUE(made) << (made ? "" : made.error());
    return made ? std::move(*made) : nullptr;
  }

  bool matches(const Operator& op, std::string_view body) {
    HeapArena arena;
    Surroundings around{.xml = parse_xml(body, arena).document, .observer = &faults_};
    Evaluation evaluation{.arena = arena, .surroundings = &around};
    return op.evaluate("", evaluation);
  }

  std::map<std::string, std::string> files_ = {
      {"/rules/note.dtd", "<!ELEMENT note (to)><!ELEMENT to (#PCDATA)>"},
      {"/rules/broken.dtd", "<!ELEMNT note (to)>"},
      {"/rules/note.xsd",
       "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
       "<xs:include schemaLocation='parts/count.xsd'/>"
       "<xs:element name='note' type='count'/></xs:schema>"},
      {"/rules/parts/count.xsd",
       "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:simpleType name='count'>"
       "<xs:restriction base='xs:int'/></xs:simpleType></xs:schema>"},
      {"/rules/broken.xsd", "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:elemen/>"},
  };
  std::vector<std::string> warnings_;
  Faults faults_;
};

TEST_F(ValidateXml, a_document_fits_its_document_type) {
  auto op = make("validateDTD", "note.dtd");
  EXPECT_FALSE(matches(*op, "<note><to>you</to></note>"));
  EXPECT_THAT(faults_.all, IsEmpty());
  EXPECT_TRUE(matches(*op, "<note><from>me</from></note>"));
  EXPECT_THAT(faults_.all, testing::Contains("No declaration for element from"));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(ValidateXml, a_document_fits_its_schema_and_what_that_includes) {
  auto op = make("validateSchema", "note.xsd");
  EXPECT_FALSE(matches(*op, "<note>12</note>"));
  EXPECT_THAT(faults_.all, IsEmpty());
  EXPECT_TRUE(matches(*op, "<note>twelve</note>"));
  EXPECT_THAT(faults_.all, ElementsAre(HasSubstr("'twelve' is not a valid value")));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(ValidateXml, what_is_no_document_fits_nothing) {
  for (auto [name, file] : {std::pair{"validateDTD", "note.dtd"}, {"validateSchema", "note.xsd"}}) {
    auto op = make(name, file);
    EXPECT_TRUE(matches(*op, "<note><to>you</to>")) << name;
    EXPECT_TRUE(matches(*op, "")) << name;
    Arena arena({});
    Evaluation nothing_known{.arena = arena};
    EXPECT_TRUE(op->evaluate("", nothing_known)) << name;
  }
}

TEST_F(ValidateXml, a_grammar_that_cannot_be_read_warns_and_refuses_everything) {
  auto dtd = make("validateDTD", "broken.dtd");
  auto schema = make("validateSchema", "broken.xsd");
  EXPECT_TRUE(matches(*dtd, "<note><to>you</to></note>"));
  EXPECT_TRUE(matches(*schema, "<note>12</note>"));
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("@validateDTD: /rules/broken.dtd"),
                                     HasSubstr("@validateSchema: /rules/broken.xsd")));
}

TEST_F(ValidateXml, without_external_entities_no_grammar_is_read) {
  auto op = make("validateDTD", "note.dtd", false);
  EXPECT_TRUE(matches(*op, "<note><to>you</to></note>"));
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("SecXmlExternalEntity On")));
}

TEST_F(ValidateXml, a_file_that_is_not_there_is_an_error) {
  auto made =
      make_operator({.name = "validateSchema", .argument = "none.xsd", .read_file = [](auto&) {
                       return std::unexpected(std::string("no file"));
                     }});
  EXPECT_FALSE(made);
}

// However a grammar was read before: a body gets nothing from a file.
TEST_F(ValidateXml, a_body_reads_no_file) {
  (void)make("validateDTD", "note.dtd");
  HeapArena arena;
  XmlBody body = parse_xml("<!DOCTYPE a [<!ENTITY e SYSTEM '/rules/note.dtd'>]><a>&e;</a>", arena);
  ASSERT_NE(body.document, nullptr);
  std::vector<Field> text;
  select_xml(*body.document, "/*", {}, arena, text);
  ASSERT_EQ(text.size(), 1U);
  EXPECT_EQ(text.front().value, "");
}

}  // namespace
}  // namespace sallyport::seclang
