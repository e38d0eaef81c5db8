#include "seclang/oracle/bodies_reference.h"

#include <modsecurity/modsecurity.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace sallyport::seclang {

std::string visible(std::string_view text) {
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '\\') {
      out += c;
    } else {
      std::array<char, 5> escape;
      std::snprintf(escape.data(), escape.size(), "\\x%02x", byte);
      out += escape.data();
    }
  }
  return out;
}

void add(Facts& facts, std::string_view what, std::string_view name, std::string_view value) {
  facts.push_back(std::string(what) + "[" + visible(name) + "]=" + visible(value));
}

namespace {

using modsecurity::Transaction;

void fields(Facts& facts, std::string_view what, modsecurity::AnchoredSetVariable& set) {
  for (const auto& [name, value] : set) add(facts, what, name, value->getValue());
}

void numbered(Facts& facts, Transaction& t, const std::string& what) {
  for (int i = 1;; ++i) {
    auto value = t.m_collections.m_tx_collection->resolveFirst(what + std::to_string(i));
    if (value == nullptr) return;
    add(facts, what, std::to_string(i), *value);
  }
}

void multipart(Facts& facts, Transaction& t) {
  fields(facts, "file", t.m_variableFiles);
  fields(facts, "size", t.m_variableFilesSizes);
  fields(facts, "name", t.m_variableMultipartName);
  fields(facts, "filename", t.m_variableMultipartFileName);
  for (const auto& [name, value] : t.m_variableMultipartPartHeaders) {
    std::string line = value->getValue();  // 3.0.9 leaves the line end on
    if (line.ends_with('\n')) line.pop_back();
    if (line.ends_with('\r')) line.pop_back();
    add(facts, "part header", name, line);
  }
  const auto flag = [&](std::string_view name, const modsecurity::AnchoredVariable& variable) {
    add(facts, "flag", name, variable.m_value);
  };
  flag("boundary_quoted", t.m_variableMultipartBoundaryQuoted);
  flag("boundary_whitespace", t.m_variableMultipartBoundaryWhiteSpace);
  flag("crlf_lf_lines", t.m_variableMultipartCrlfLFLines);
  flag("data_after", t.m_variableMultipartDataAfter);
  flag("data_before", t.m_variableMultipartDataBefore);
  flag("header_folding", t.m_variableMultipartHeaderFolding);
  flag("invalid_header_folding", t.m_variableMultipartInvalidHeaderFolding);
  flag("invalid_part", t.m_variableMultipartInvalidPart);
  flag("invalid_quoting", t.m_variableMultipartInvalidQuoting);
  flag("lf_line", t.m_variableMultipartLFLine);
  flag("missing_semicolon", t.m_variableMultipartMissingSemicolon);
  flag("strict_error", t.m_variableMultipartStrictError);
  flag("unmatched_boundary", t.m_variableMultipartUnmatchedBoundary);
}

}  // namespace

struct BodyReference::Library {
  modsecurity::ModSecurity engine;
  modsecurity::RulesSet rules;
};

BodyReference::BodyReference() : library_(std::make_unique<Library>()) {
  const char* rules =
      "SecRuleEngine On\nSecRequestBodyAccess On\nSecRequestBodyJsonDepthLimit 20\n"
      "SecRule XML:/* \"@unconditionalMatch\" \"id:1,phase:2,pass,nolog,setvar:tx.n=+1,"
      "setvar:'tx.text%{tx.n}=%{MATCHED_VAR}'\"\n"
      "SecRule XML://@* \"@unconditionalMatch\" \"id:2,phase:2,pass,nolog,setvar:tx.m=+1,"
      "setvar:'tx.attribute%{tx.m}=%{MATCHED_VAR}'\"\n";
  if (library_->rules.load(rules) < 0) {
    std::fprintf(stderr, "%s\n", library_->rules.getParserError().c_str());
    std::exit(2);
  }
}

BodyReference::~BodyReference() = default;

Facts BodyReference::read(Kind kind, const Sample& sample) {
  Transaction t(&library_->engine, &library_->rules, nullptr);
  t.processConnection("127.0.0.1", 1, "127.0.0.1", 2);
  t.processURI("/", "POST", "1.1");
  if (!sample.content_type.empty()) t.addRequestHeader("Content-Type", sample.content_type);
  if (!sample.cookie.empty()) t.addRequestHeader("Cookie", sample.cookie);
  t.processRequestHeaders();
  if (kind == Kind::multipart) t.m_requestBodyType = Transaction::MultiPartRequestBody;
  if (kind == Kind::json) t.m_requestBodyProcessor = Transaction::JSONRequestBody;
  if (kind == Kind::xml) t.m_requestBodyProcessor = Transaction::XMLRequestBody;
  t.appendRequestBody(reinterpret_cast<const unsigned char*>(sample.body.data()),
                      sample.body.size());
  t.processRequestBody();

  Facts facts;
  fields(facts, "argument", t.m_variableArgs);
  fields(facts, "cookie", t.m_variableRequestCookies);
  if (t.m_variableReqbodyError.m_value == "1") {
    add(facts, "error", "", t.m_variableReqbodyErrorMsg.m_value);
  }
  if (kind == Kind::form) add(facts, "invalid", "", t.m_variableUrlEncodedError.m_value);
  if (kind == Kind::multipart) multipart(facts, t);
  if (kind == Kind::xml) {
    numbered(facts, t, "text");
    numbered(facts, t, "attribute");
  }
  return facts;
}

}  // namespace sallyport::seclang
