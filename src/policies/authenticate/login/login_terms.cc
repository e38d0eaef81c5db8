#include "policies/authenticate/login/login_terms.h"

#include <string_view>

#include "base/text.h"

namespace sallyport::policies::authenticate_detail {
namespace {

// The words of `more` that `words` lacks, each with a blank in front.
std::string missing(std::string_view words, std::string_view more) {
  std::string lacks;
  text::for_each_word(more, [&](std::string_view wanted) {
    bool found = false;
    text::for_each_word(words, [&](std::string_view word) { found = found || word == wanted; });
    if (!found) (lacks += ' ') += wanted;
  });
  return lacks;
}

std::string joined(const std::string& words, std::string_view more) {
  const std::string lacks = missing(words, more);
  return words.empty() && !lacks.empty() ? lacks.substr(1) : words + lacks;
}

}  // namespace

bool LoginTerms::cover(const LoginTerms& other) const {
  return missing(scopes, other.scopes).empty() && missing(prompts, other.prompts).empty();
}

LoginTerms LoginTerms::with(const LoginTerms& other) const {
  return {.scopes = joined(scopes, other.scopes), .prompts = joined(prompts, other.prompts)};
}

}  // namespace sallyport::policies::authenticate_detail
