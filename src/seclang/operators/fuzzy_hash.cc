// @fuzzyHash FILE LEVEL: the value is alike, to so many of a hundred, to something that was hashed
// by ssdeep (`ssdeep -b FILES > FILE`; one hash a line).
//
// Hashes are made and compared by libfuzzy, which libmodsecurity3 brings along.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "base/text.h"
#include "seclang/operators/argument_files.h"
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

constexpr const char* kLibrary = "libfuzzy.so.2";
constexpr std::size_t kMostOfHash = 148;  // with its end; what the library asks for
constexpr std::uint64_t kSame = 100;
constexpr std::string_view kHeading = "ssdeep,";  // of the first line

// The library keeps no state: all threads share it, and it is never closed.
struct Library {
  int (*hash)(const unsigned char* text, std::uint32_t size, char* result) = nullptr;
  int (*compare)(const char* one, const char* other) = nullptr;  // 0 to 100; negative: no hash

  static const Library& loaded() {
    static const Library instance = [] {
      Library found;
      void* library = dlopen(kLibrary, RTLD_LAZY | RTLD_LOCAL);
      if (library == nullptr) return found;
      found.hash = reinterpret_cast<decltype(hash)>(dlsym(library, "fuzzy_hash_buf"));
      found.compare = reinterpret_cast<decltype(compare)>(dlsym(library, "fuzzy_compare"));
      return found;
    }();
    return instance;
  }
  [[nodiscard]] bool there() const { return hash != nullptr && compare != nullptr; }
};

class FuzzyHash final : public Operator {
 public:
  FuzzyHash(const Library& library, std::vector<std::string> known, int level)
      : library_(library), known_(std::move(known)), level_(level) {}

  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    if (value.empty()) return false;
    std::array<char, kMostOfHash> hash{};
    const auto* bytes = reinterpret_cast<const unsigned char*>(value.data());
    if (value.size() > std::numeric_limits<std::uint32_t>::max() ||
        library_.hash(bytes, static_cast<std::uint32_t>(value.size()), hash.data()) != 0) {
      evaluation.limit_exceeded = true;
      return false;
    }
    return std::ranges::any_of(known_, [&](const std::string& each) {
      return library_.compare(each.c_str(), hash.data()) >= level_;
    });
  }

 private:
  const Library& library_;
  std::vector<std::string> known_;
  int level_;
};

}  // namespace

Made make_fuzzy_hash(const OperatorSource& source) {
  const std::string_view argument = text::trim(source.argument);
  const std::size_t space = argument.find_last_of(" \t");
  auto level = text::to_number(argument.substr(space == std::string_view::npos ? 0 : space + 1));
  if (space == std::string_view::npos || !level || *level == 0 || *level > kSame) {
    return std::unexpected("needs a file of hashes and how much alike a value must be, 1 to 100");
  }
  const Library& library = Library::loaded();
  if (!library.there()) {
    return std::unexpected("needs " + std::string(kLibrary) +
                           "; install the Debian package libfuzzy2");
  }
  OperatorSource files = source;
  files.argument = argument.substr(0, space);
  auto content = read_argument_files(files);
  if (!content) return std::unexpected(content.error());

  std::vector<std::string> known;
  std::string error;
  std::size_t number = 0;
  for_each_line(*content, [&](std::string_view line) {
    ++number;
    if (text::trim(line).empty() || line.starts_with(kHeading)) return;
    std::string hash(line);
    if (library.compare(hash.c_str(), hash.c_str()) < 0 && error.empty()) {
      error = "line " + std::to_string(number) + " is not a hash";
    }
    known.push_back(std::move(hash));
  });
  if (error.empty() && known.empty()) error = "there is no hash";
  if (!error.empty()) {
    return std::unexpected(error + " in " + std::string(files.argument) +
                           "; make it with ssdeep -b");
  }
  return std::make_unique<FuzzyHash>(library, std::move(known), static_cast<int>(*level));
}

}  // namespace sallyport::seclang
