// What differs between two texts, line by line, as `diff -u` writes it.
#pragma once

#include <string>
#include <string_view>

namespace sallyport::gateway {

// Three lines of context. Empty if they are the same. Texts that differ in very many places are
// told as one block, out with the old and in with the new, rather than compared for ever.
[[nodiscard]] std::string unified_diff(std::string_view before, std::string_view after,
                                       std::string_view before_name, std::string_view after_name);

// A configuration file's text without what stands behind the first "#" of a line: comments may say
// what is for nobody else. Where that "#" is none of a comment, too much goes rather than too
// little.
[[nodiscard]] std::string without_comments(std::string_view yaml);

}  // namespace sallyport::gateway
