// collection.key=value and its relatives.
#include "seclang/parser/assignments.h"

#include <string_view>

#include "base/text.h"

namespace sallyport::seclang {
namespace {

struct Slot {
  Variable collection;
  Macro key;
};

// The equals sign that ends the key: not one inside of a macro.
std::size_t find_equals(std::string_view text) {
  bool in_macro = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && text.substr(i + 1).starts_with('{')) in_macro = true;
    if (text[i] == '}') in_macro = false;
    if (text[i] == '=' && !in_macro) return i;
  }
  return std::string_view::npos;
}

std::optional<Variable> find_collection(std::string_view name) {
  std::optional<Variable> variable = find_variable(name);
  if (!variable || kind_of(*variable) != VariableKind::store) return std::nullopt;
  return variable;
}

std::optional<Slot> parse_slot(std::string_view action, std::string_view slot, const Piece& value,
                               Report& report) {
  std::size_t dot = slot.find_first_of(".:");
  std::string name(text::trim(slot.substr(0, dot)));
  std::string_view key =
      dot == std::string_view::npos ? std::string_view{} : text::trim(slot.substr(dot + 1));
  std::optional<Variable> collection = find_collection(name);
  if (!collection) {
    report.error(value.place(),
                 std::string(action) + ": \"" + name + "\" is no collection that rules write to",
                 "use tx.name, or ip, session, user, resource or global");
    return std::nullopt;
  }
  if (key.empty()) {
    report.error(value.place(), std::string(action) + ": a name is missing behind " + name,
                 "write " + name + ".name");
    return std::nullopt;
  }
  return Slot{*collection, Macro(key)};
}

std::string_view without_quotes(std::string_view text) {
  bool quoted = text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::optional<SetVar> parse_setvar(const Piece& value, Report& report) {
  std::string_view text = text::trim(value.text);
  bool unset = text.starts_with('!');
  if (unset) text.remove_prefix(1);
  std::size_t equals = find_equals(text);
  std::optional<Slot> slot = parse_slot("setvar", text.substr(0, equals), value, report);
  if (!slot) return std::nullopt;

  SetVar setvar{.collection = slot->collection, .key = std::move(slot->key)};
  if (unset) {
    setvar.kind = SetVar::Kind::unset;
  } else if (equals == std::string_view::npos) {
    setvar.value = Macro("1");
  } else {
    std::string_view right = text.substr(equals + 1);
    if (right.starts_with('+')) setvar.kind = SetVar::Kind::add;
    if (right.starts_with('-')) setvar.kind = SetVar::Kind::subtract;
    if (setvar.kind != SetVar::Kind::set) right.remove_prefix(1);
    setvar.value = Macro(right);
  }
  return setvar;
}

std::optional<ExpireVar> parse_expirevar(const Piece& value, Report& report) {
  std::string_view text = value.text;
  std::size_t equals = find_equals(text);
  std::optional<Slot> slot = parse_slot("expirevar", text.substr(0, equals), value, report);
  if (!slot) return std::nullopt;
  std::string_view seconds =
      equals == std::string_view::npos ? std::string_view{} : text::trim(text.substr(equals + 1));
  ExpireVar expire{.collection = slot->collection,
                   .key = std::move(slot->key),
                   .seconds = Macro(without_quotes(seconds))};
  if (expire.seconds.empty() ||
      (expire.seconds.literal() && !text::to_number(expire.seconds.source()))) {
    report.error(value.place(), "expirevar: \"" + value.text + "\" says no number of seconds",
                 "write ip.name=3600");
    return std::nullopt;
  }
  return expire;
}

std::optional<InitCol> parse_initcol(const Piece& value, Report& report) {
  std::string_view text = value.text;
  std::size_t equals = find_equals(text);
  std::optional<Variable> collection = find_collection(text::trim(text.substr(0, equals)));
  std::string_view key = equals == std::string_view::npos
                             ? std::string_view{}
                             : without_quotes(text::trim(text.substr(equals + 1)));
  if (!collection || *collection == Variable::tx || key.empty()) {
    report.error(
        value.place(), "initcol: \"" + value.text + "\" is not collection=key",
        "write ip=%{REMOTE_ADDR}; the collections are ip, session, user, resource, global");
    return std::nullopt;
  }
  return InitCol{.collection = *collection, .key = Macro(key)};
}

std::optional<std::pair<std::string, Macro>> parse_setenv(const Piece& value, Report& report) {
  std::string_view text = value.text;
  std::size_t equals = text.find('=');
  std::string name(text::trim(text.substr(0, equals)));
  if (name.starts_with('!')) name.erase(0, 1);
  if (name.empty()) {
    report.error(value.place(), "setenv: a name is missing", "write NAME=value");
    return std::nullopt;
  }
  std::string_view right =
      equals == std::string_view::npos ? std::string_view{} : text.substr(equals + 1);
  return std::pair{std::move(name), Macro(right)};
}

std::optional<std::pair<std::string, std::string>> parse_xmlns(const Piece& value, Report& report) {
  std::string_view text = value.text;
  std::size_t equals = text.find('=');
  std::string_view prefix = text::trim(text.substr(0, equals));
  std::string_view href = equals == std::string_view::npos
                              ? std::string_view{}
                              : without_quotes(text::trim(text.substr(equals + 1)));
  if (prefix.empty() || !href.starts_with("http")) {
    report.error(value.place(), "xmlns: \"" + value.text + "\" is not prefix=URI",
                 "write xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'");
    return std::nullopt;
  }
  return std::pair{std::string(prefix), std::string(href)};
}

}  // namespace sallyport::seclang
