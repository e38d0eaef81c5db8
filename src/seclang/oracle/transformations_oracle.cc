// Compares every transformation with that of libmodsecurity, on random strings made of what
// transformations look at.
//
//     transformations_oracle [STRINGS [SEED [NAME]]]
//
// Prints each difference found (ten a transformation) and exits with 1 if there was any.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <typeinfo>
#include <vector>

#include "seclang/transformations/transformation.h"
#include "seclang/transformations/unicode_map.h"

// What libmodsecurity exports, as far as it is called here: its headers are no C++23.
namespace modsecurity {

class ModSecurity;
class RulesSet;
class Transaction;

extern "C" ModSecurity* msc_init();
extern "C" RulesSet* msc_create_rules_set();
extern "C" int msc_rules_add(RulesSet* rules, const char* text, const char** error);
extern "C" void msc_cleanup(ModSecurity* engine);
extern "C" int msc_rules_cleanup(RulesSet* rules);
extern "C" void msc_transaction_cleanup(Transaction* transaction);
extern "C" Transaction* msc_new_transaction(ModSecurity* engine, RulesSet* rules, void* log_data);

namespace actions {

class Action {
 public:
  virtual ~Action();
  virtual std::string evaluate(const std::string& value, Transaction* transaction);
};

namespace transformations {

class Transformation : public Action {
 public:
  static Transformation* instantiate(std::string name);
};

// The factory does not know this one. Declared without bases: it reads nothing of its object.
class CmdLine {
 public:
  std::string evaluate(const std::string& value, Transaction* transaction);
};

}  // namespace transformations
}  // namespace actions
}  // namespace modsecurity

namespace sallyport::seclang {
namespace {

namespace theirs = modsecurity::actions::transformations;
using Function = std::function<std::string(const std::string& value)>;
using namespace std::string_view_literals;

constexpr std::string_view kMapText = "1251 (ANSI - Cyrillic)\n\n0434:64 043e:6f 0440:70 ff21:7e\n";

// Pieces that some transformation looks at.
constexpr std::string_view kPieces[] = {"%"sv,
                                        "%u"sv,
                                        "%U"sv,
                                        "%41"sv,
                                        "%u0434"sv,
                                        "%uff21"sv,
                                        "%uFF5E"sv,
                                        "+"sv,
                                        "\\"sv,
                                        "\\x"sv,
                                        "\\u"sv,
                                        "\\u00"sv,
                                        "\\uff"sv,
                                        "\\X4"sv,
                                        "\\00"sv,
                                        "\\7"sv,
                                        "\\ff"sv,
                                        "\\00ff"sv,
                                        "\\0ff2"sv,
                                        "&"sv,
                                        "&#"sv,
                                        "&#x"sv,
                                        "&#X"sv,
                                        "&amp"sv,
                                        "&LT;"sv,
                                        "&nbsp;"sv,
                                        "&quot"sv,
                                        "&gt"sv,
                                        ";"sv,
                                        "&#99999999999999999999"sv,
                                        "/*"sv,
                                        "*/"sv,
                                        "<!--"sv,
                                        "-->"sv,
                                        "--"sv,
                                        "-"sv,
                                        "#"sv,
                                        "0x"sv,
                                        "0X41"sv,
                                        "x"sv,
                                        "0"sv,
                                        "9"sv,
                                        "/"sv,
                                        "//"sv,
                                        "."sv,
                                        ".."sv,
                                        "/.."sv,
                                        "/./"sv,
                                        "../"sv,
                                        "="sv,
                                        "=="sv,
                                        "QUJD"sv,
                                        "QQ"sv,
                                        "_"sv,
                                        "\r\n"sv,
                                        "\n"sv,
                                        " "sv,
                                        "  "sv,
                                        "\t"sv,
                                        "\v"sv,
                                        "\xA0"sv,
                                        "\x85"sv,
                                        "\0"sv,
                                        "^"sv,
                                        "\""sv,
                                        "'"sv,
                                        ","sv,
                                        "("sv,
                                        "\xC3\xA9"sv,
                                        "\xE2\x82\xAC"sv,
                                        "\xF0\x9F\x98\x80"sv,
                                        "\xC0\x80"sv,
                                        "\xE0\x80"sv,
                                        "\xED\xA0\x80"sv,
                                        "\xF5\x80\x80\x80"sv,
                                        "\xF4\xBF\xBF\xBF"sv,
                                        "\xFF"sv,
                                        "a"sv,
                                        "F"sv,
                                        "fF"sv,
                                        "12"sv,
                                        "word"sv,
                                        "WORD"sv};

std::string random_string(std::mt19937_64& random) {
  auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  std::string out;
  // Half of the strings know only a few pieces: long runs of few bytes reach other places.
  std::size_t first = 0;
  std::size_t kinds = std::size(kPieces);
  if (below(2) == 0) {
    kinds = 1 + below(4);
    first = below(std::size(kPieces) - kinds);
  }
  bool bytes = below(4) == 0;
  for (std::size_t pieces = below(below(8) == 0 ? 40 : 9); pieces > 0; --pieces) {
    std::size_t kind = below(8);
    if (kind == 0) {
      out += "0123456789abcdefABCDEFg"[below(23)];
    } else if (kind == 1 && bytes) {
      out += static_cast<char>(below(256));
    } else {
      out += kPieces[first + below(kinds)];
    }
  }
  return out;
}

// Printable, for a report.
std::string shown(std::string_view s) {
  std::string out = "\"";
  for (char c : s) {
    auto b = static_cast<unsigned char>(c);
    if (b >= 0x20 && b < 0x7F && c != '\\' && c != '"') {
      out += c;
    } else {
      std::array<char, 5> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", b);
      out += hex.data();
    }
  }
  return out + '"';
}

// A transaction of libmodsecurity under some directives.
class TheirTransaction {
 public:
  explicit TheirTransaction(const std::string& directives) {
    const char* error = nullptr;
    if (modsecurity::msc_rules_add(rules_, directives.c_str(), &error) < 0) {
      std::cerr << "libmodsecurity refuses '" << directives << "': " << error << '\n';
      std::exit(2);
    }
    transaction_ = modsecurity::msc_new_transaction(engine_, rules_, nullptr);
  }
  TheirTransaction(const TheirTransaction&) = delete;
  TheirTransaction& operator=(const TheirTransaction&) = delete;
  ~TheirTransaction() {
    modsecurity::msc_transaction_cleanup(transaction_);
    modsecurity::msc_rules_cleanup(rules_);
    modsecurity::msc_cleanup(engine_);
  }
  [[nodiscard]] modsecurity::Transaction* get() const { return transaction_; }

 private:
  modsecurity::ModSecurity* engine_ = modsecurity::msc_init();
  modsecurity::RulesSet* rules_ = modsecurity::msc_create_rules_set();
  modsecurity::Transaction* transaction_ = nullptr;
};

// Their transformation of this name; empty: they have none.
Function find_theirs(std::string_view name, modsecurity::Transaction* transaction) {
  if (name == "cmdLine") {
    return [transaction](const std::string& value) {
      return theirs::CmdLine().evaluate(value, transaction);
    };
  }
  std::string spelled(name);  // the factory wants the old spelling of some
  if (name.starts_with("normalize")) spelled.replace(0, 9, "normalise");
  std::shared_ptr<modsecurity::actions::Action> made(
      theirs::Transformation::instantiate("t:" + spelled));
  const modsecurity::actions::Action& action = *made;
  // Of a name it does not know the factory makes the base class, which changes nothing.
  if (std::string_view(typeid(action).name()).ends_with("14TransformationE")) return {};
  return
      [made, transaction](const std::string& value) { return made->evaluate(value, transaction); };
}

struct Comparison {
  std::size_t strings = 0;
  std::uint64_t seed = 0;
  const UnicodeMap* map = nullptr;
};

// How many strings are transformed differently.
std::size_t compare(const Transformation& ours, const Function& theirs_of, const Comparison& run) {
  std::mt19937_64 random(run.seed);
  std::size_t different = 0;
  std::size_t unchanged = 0;
  for (std::size_t i = 0; i < run.strings; ++i) {
    std::string in = random_string(random);
    std::string expected = theirs_of(in);
    alignas(8) std::array<std::byte, 4096> block;
    Arena arena(block);
    std::string_view out = ours.apply(in, {.arena = arena, .unicode_map = run.map});
    unchanged += expected == in ? 1 : 0;
    bool same_place = out.data() == in.data() && out.size() == in.size();
    if (out == expected && (same_place || expected != in || in.empty())) continue;
    if (++different > 10) continue;
    std::cout << ours.name << ' ' << shown(in) << ": " << shown(out)
              << ", they: " << shown(expected) << '\n';
  }
  std::cout << ours.name << ": " << different << " of " << run.strings << " differ (" << unchanged
            << " unchanged)\n";
  return different;
}

int run(std::size_t strings, std::uint64_t seed, std::string_view only) {
  std::string file = "/tmp/transformations_oracle." + std::to_string(getpid());
  std::ofstream(file) << kMapText;
  TheirTransaction plain("SecRuleEngine On");
  TheirTransaction mapped("SecUnicodeMapFile " + file + " 1251");
  std::remove(file.c_str());
  auto map = UnicodeMap::parse(kMapText, 1251);

  std::size_t different = 0;
  for (const Transformation& ours : transformations()) {
    if (!only.empty() && ours.name != only) continue;
    Function theirs_of = find_theirs(ours.name, plain.get());
    if (!theirs_of) {
      std::cout << ours.name << ": they have none\n";
      continue;
    }
    Comparison run{.strings = strings, .seed = seed};
    different += compare(ours, theirs_of, run);
    if (ours.name != "urlDecodeUni") continue;
    run.map = map->get();
    different += compare(ours, find_theirs(ours.name, mapped.get()), run);
  }
  return different == 0 ? 0 : 1;
}

}  // namespace
}  // namespace sallyport::seclang

int main(int argc, char** argv) {
  std::size_t strings = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 300000;
  std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  return sallyport::seclang::run(strings, seed, argc > 3 ? argv[3] : "");
}
