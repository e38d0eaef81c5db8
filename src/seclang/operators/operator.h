// The operators of the rule language (@rx, @pm and so on): one object per rule, made when the rule
// is loaded, shared by all threads.
//
// One file per operator. Each decides as in ModSecurity 3.0.9.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "seclang/bodies/body.h"
#include "seclang/regex.h"

namespace sallyport::seclang {

class GeoDatabase;

// What a few operators know and say of the request beyond the value they look at.
struct Surroundings {
  const GeoDatabase* geo = nullptr;        // null: there is no database
  std::vector<Field> place;                // what @geoLookup found last: GEO
  std::shared_ptr<const XmlDocument> xml;  // null: the body is no XML
  BodyObserver* observer = nullptr;
};

// What an operator is given and what it leaves beside its answer.
struct Evaluation {
  Arena& arena;
  // The operator's argument, its macros already replaced; the text it was made from if it has none.
  std::string_view argument;
  bool capture = false;  // the rule wants groups
  // What TX:0 to TX:9 become when the rule captures and matched; views into the value, the operator
  // or the arena. One without an address took no part: its TX keeps what it held.
  Groups groups;
  // Where in the value the match lies; for logs. (What @within found lies in the argument, and the
  // @validate operators give the length of the whole value: so do ModSecurity's logs.)
  std::size_t offset = 0;
  std::size_t length = 0;
  bool limit_exceeded = false;           // a regular expression gave up: the answer is "no match"
  Surroundings* surroundings = nullptr;  // null: nothing is known
};

class Operator {
 public:
  virtual ~Operator() = default;
  // Whether `value` (transformed) matches. Never throws; any bytes.
  [[nodiscard]] virtual bool evaluate(std::string_view value, Evaluation& evaluation) const = 0;
  // For the planner: the operator matches where one of these stands in the value, in any case of
  // letters, and nowhere else. Null: it is no such operator.
  [[nodiscard]] virtual const std::vector<std::string>* phrases() const { return nullptr; }
};

// What operators need to know to be made.
struct OperatorSource {
  std::string_view name;      // "rx", without @; case-insensitive
  std::string_view argument;  // as written, macros included
  bool has_macros = false;    // then `Evaluation::argument` differs from request to request
  std::string_view file;      // of the rule: what @pmFromFile names is looked for beside it
  std::uint32_t match_limit = 0;
  // Reads a file named by a rule (@pmFromFile, @ipMatchFromFile); the error is a sentence. So that
  // whoever loads knows every file the rules depend on.
  std::function<std::expected<std::string, std::string>(const std::string& path)> read_file;
  // SecXmlExternalEntity: whether a document type or a schema may be read from its file.
  bool xml_external_entity = false;
  // Told of what is accepted and looks like a mistake, in a sentence. May be absent.
  std::function<void(const std::string& warning)> warn;
};

// The error is a sentence that names the operator.
[[nodiscard]] std::expected<std::unique_ptr<Operator>, std::string> make_operator(
    const OperatorSource& source);
// Whether there is an operator of this name at all (and if not: whether ModSecurity has one that is
// left out here on purpose; then why).
[[nodiscard]] bool known_operator(std::string_view name);
[[nodiscard]] std::string_view why_left_out(std::string_view name);

}  // namespace sallyport::seclang
