#include "seclang/audit/error_line.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

constexpr std::size_t kMostOfParameter = 200;
constexpr std::size_t kMostOfValue = 100;
constexpr std::size_t kMostOfField = 200;

// As ModSecurity spells them; any other name gets a capital.
constexpr std::array kOperatorNames{
    "BeginsWith",      "ContainsWord",   "DetectSQLi",          "DetectXSS",
    "EndsWith",        "FuzzyHash",      "GeoLookup",           "IpMatch",
    "IpMatchFromFile", "NoMatch",        "PmFromFile",          "RxGlobal",
    "StrEq",           "StrMatch",       "UnconditionalMatch",  "ValidateByteRange",
    "ValidateDTD",     "ValidateSchema", "ValidateUrlEncoding", "ValidateUtf8Encoding",
    "VerifyCC",        "VerifyCPF",      "VerifySSN",           "VerifySVNR",
};

std::string name_of_operator(const std::string& name) {
  const auto* found = std::ranges::find_if(kOperatorNames, [&](std::string_view each) {
    return text::equals_ignoring_case(each, name);
  });
  if (found != kOperatorNames.end()) return *found;
  std::string capital = text::to_lower(name);
  if (!capital.empty() && capital[0] >= 'a' && capital[0] <= 'z') {
    capital[0] = static_cast<char>(capital[0] - 'a' + 'A');
  }
  return capital;
}

std::string at_most(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  return std::string(text.substr(0, most)) + " (" + std::to_string(text.size() - most) +
         " characters omitted)";
}

void append_escaped(std::string& line, std::string_view text) {
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte > 0x7E) {
      line += "\\x";
      text::append_hex(line, byte);
    } else {
      line += c;
    }
  }
}

void append_field(std::string& line, std::string_view name, std::string_view value) {
  line.append(" [").append(name).append(" \"");
  append_escaped(line, value);
  line += "\"]";
}

// `escaped`: what rules and clients wrote is escaped; the words around it are not.
std::string words_of_match(const Match& match, bool escaped) {
  if (match.link == nullptr || match.link->op == nullptr) return "Unconditional match.";
  std::string words;
  auto append = [&](const std::string& text) {
    if (escaped) {
      append_escaped(words, text);
    } else {
      words += text;
    }
  };
  words +=
      "Matched \"Operator `" + name_of_operator(match.link->operator_name) + "' with parameter `";
  append(at_most(match.argument, kMostOfParameter));
  words += "' against variable `";
  append(std::string(match.variable));
  words += "' (Value: `";
  append(at_most(match.value, kMostOfValue));
  return words + "' )";
}

}  // namespace

std::string match_text(const Match& match) { return words_of_match(match, false); }

std::string error_line(const Match& match, const LineFacts& facts) {
  const Rule& rule = *match.rule;
  std::string line = "ModSecurity: ";
  if (match.disruptive) {
    line += "Access denied with code " + std::to_string(facts.status) + " (phase " +
            std::to_string(match.phase) + "). ";
  } else {
    line += "Warning. ";
  }
  line += words_of_match(match, true);
  append_field(line, "file", rule.file);
  append_field(line, "line", std::to_string(rule.line));
  append_field(line, "id", std::to_string(rule.id));
  append_field(line, "rev", rule.rev);
  append_field(line, "msg", match.message);
  append_field(line, "data", at_most(match.data, kMostOfField));
  append_field(line, "severity", std::to_string(match.severity.value_or(0)));
  append_field(line, "ver", rule.ver);
  append_field(line, "maturity", std::to_string(rule.maturity));
  append_field(line, "accuracy", std::to_string(rule.accuracy));
  for (std::string_view tag : match.tags) append_field(line, "tag", tag);
  append_field(line, "hostname", facts.hostname);
  append_field(line, "uri", at_most(facts.uri, kMostOfField));
  append_field(line, "unique_id", facts.unique_id);
  append_field(line, "ref", at_most(match.reference, kMostOfField));
  return line;
}

}  // namespace sallyport::seclang
