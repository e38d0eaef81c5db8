#include <gtest/gtest.h>

#include <string>

#include "seclang/bodies/body.h"
#include "seclang/bodies/fields_for_test.h"

namespace sallyport::seclang {
namespace {

std::string select(std::string_view text, std::string_view path,
                   const std::vector<std::pair<std::string, std::string>>& namespaces = {}) {
  HeapArena arena;
  ExactBytes bytes(text);
  XmlBody body = parse_xml(bytes.view(), arena);
  std::vector<Field> found;
  if (body.document != nullptr) select_xml(*body.document, path, namespaces, arena, found);
  return written(found);
}

std::string error(std::string_view text) {
  HeapArena arena;
  XmlBody body = parse_xml(text, arena);
  EXPECT_EQ(body.error.failed, !body.error.message.empty());
  return std::string(body.error.message);
}

constexpr std::string_view kFailed = "XML: Failed parsing document.";

TEST(XmlDocument, gives_the_text_of_its_root_and_all_attributes) {
  constexpr std::string_view kText =
      "<?xml version='1.0'?><!-- no --><a x='1'>t<b y='&lt;2'>u&#65;</b><!-- no -->"
      "<![CDATA[<d>]]><c y='3'/></a>";
  EXPECT_EQ(error(kText), "");
  EXPECT_EQ(select(kText, "/*"), "=tuA<d>");
  EXPECT_EQ(select(kText, "//@*"), "=1|=<2|=3");
  EXPECT_EQ(select("<a/>", "/*"), "=");
  EXPECT_EQ(select("<a/>", "//@*"), "");
}

TEST(XmlDocument, answers_other_paths) {
  constexpr std::string_view kText = "<p:a xmlns:p='urn:p'><b>1</b><b>2</b><p:c>3</p:c></p:a>";
  EXPECT_EQ(select(kText, "//b"), "=1|=2");
  EXPECT_EQ(select(kText, "//q:c/text()", {{"q", "urn:p"}}), "=3");
  EXPECT_EQ(select(kText, "//q:c"), "");       // no such prefix
  EXPECT_EQ(select(kText, "count(//b)"), "");  // no nodes
  EXPECT_EQ(select(kText, "//["), "");
}

TEST(XmlDocument, is_looked_at_as_far_as_it_was_read) {
  EXPECT_EQ(error("<a x='1'>t<b y='2'>u"), kFailed);
  EXPECT_EQ(select("<a x='1'>t<b y='2'>u", "/*"), "=t");
  EXPECT_EQ(select("<a x='1'>t<b y='2'>u", "//@*"), "=1|=2");
  EXPECT_EQ(error("<a>t</a>junk"), kFailed);
  EXPECT_EQ(select("<a>t</a>junk", "/*"), "=t");
  for (std::string_view text : {"", " ", "text", "<", "<a", "<a>&none;</a>", "<a><b></a></b>"}) {
    EXPECT_EQ(error(text), kFailed) << text;
  }
}

TEST(XmlDocument, expands_what_it_declares_itself) {
  EXPECT_EQ(select("<!DOCTYPE a [<!ENTITY e 'f<b>g</b>'>]><a x='&lt;'>&e;&e;</a>", "/*"), "=fgfg");
  EXPECT_EQ(select("<!DOCTYPE a [<!ENTITY e 'f'>]><a x='&e;1'/>", "//@*"), "=f1");
}

TEST(XmlDocument, loads_nothing_from_outside) {
  EXPECT_EQ(select("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>x&e;y</a>", "/*"),
            "=xy");
  EXPECT_EQ(error("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>x&e;y</a>"), "");
  EXPECT_EQ(select("<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a>x</a>", "/*"), "=x");
  EXPECT_EQ(select("<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;]><a>x</a>", "/*"),
            "=x");
}

TEST(XmlDocument, does_not_grow_out_of_proportion) {
  std::string laughs = "<!DOCTYPE a [<!ENTITY e0 'ha'>";
  for (int i = 1; i < 30; ++i) {
    const std::string inner = "&e" + std::to_string(i - 1) + ";";
    laughs += "<!ENTITY e" + std::to_string(i) + " '" + inner + inner + inner + "'>";
  }
  EXPECT_EQ(error(laughs + "]><a>&e29;</a>"), kFailed);
  EXPECT_EQ(error(laughs + "]><a x='&e29;'/>"), kFailed);
  EXPECT_EQ(error("<!DOCTYPE a [<!ENTITY e '&f;'><!ENTITY f '&e;'>]><a>&e;</a>"), kFailed);

  // Without nesting: one long entity, often.
  std::string often = "<!DOCTYPE a [<!ENTITY e '" + std::string(50'000, 'x') + "'>]><a>";
  for (int i = 0; i < 4'000; ++i) often += "&e;";
  EXPECT_EQ(error(often + "</a>"), kFailed);

  // Defaults of attributes.
  const auto with_defaults = [](int count) {
    std::string text = "<!DOCTYPE a [<!ATTLIST a";
    for (int i = 0; i < count; ++i) text += " x" + std::to_string(i) + " CDATA 'y'";
    return text + ">]><a/>";
  };
  EXPECT_EQ(error(with_defaults(8)), "");
  EXPECT_EQ(select(with_defaults(8), "//@*"), "");
  EXPECT_EQ(error(with_defaults(9)), kFailed);
}

TEST(XmlDocument, has_a_depth_and_a_size) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_EQ(error(deep), kFailed);
  EXPECT_EQ(error("<a>" + std::string(11'000'000, 'x') + "</a>"), kFailed);
}

TEST(XmlDocument, has_only_so_many_attributes_in_a_tag) {
  const auto with_attributes = [](int count) {
    std::string text = "<a";
    for (int i = 0; i < count; ++i) text += " attribute" + std::to_string(i) + "=''";
    return text + "/>";
  };
  EXPECT_EQ(error(with_attributes(500)), "");
  EXPECT_EQ(error(with_attributes(100'000)), kFailed);
  // A long value is not many.
  EXPECT_EQ(error("<a x='" + std::string(1'000'000, 'x') + "' y=''/>"), "");
  // Whatever the encoding.
  std::string wide = "\xFF\xFE";
  for (char c : with_attributes(10'000)) wide.append({c, '\0'});
  EXPECT_EQ(error(wide), kFailed);
}

TEST(XmlDocument, with_a_document_type_is_small) {
  std::string text = "<!DOCTYPE a [<!ATTLIST a b (x0";
  for (int i = 1; i < 100'000; ++i) text += "|x" + std::to_string(i);
  EXPECT_EQ(error(text + ") #IMPLIED>]><a/>"), kFailed);
}

TEST(XPath, is_recognised) {
  EXPECT_TRUE(valid_xpath("/*"));
  EXPECT_TRUE(valid_xpath("//@*"));
  EXPECT_TRUE(valid_xpath("/soap:Envelope//x[@y='1']/text()"));
  EXPECT_FALSE(valid_xpath(""));
  EXPECT_FALSE(valid_xpath("/["));
  EXPECT_FALSE(valid_xpath("//"));
}

}  // namespace
}  // namespace sallyport::seclang
