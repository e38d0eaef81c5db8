#include "policies/authenticate/proof/key_file.h"

#include <cstring>
#include <fstream>
#include <iterator>

#include "json/document.h"

namespace sallyport::policies::authenticate_detail {
namespace {

std::expected<jose::Key, std::string> signing_key_from(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] != '{') {
    return jose::Key::from_pem(text, "", jose::AlgorithmSet::all(), jose::Purpose::sign);
  }
  const auto document = json::Document::parse(text, {.secret = true});
  if (!document) return std::unexpected("The JSON Web Key cannot be read. " + document.error());
  return jose::Key::from_jwk(document->root(), jose::Purpose::sign);
}

}  // namespace

std::expected<std::string, std::string> content_of(const schema::FilePath& file,
                                                   schema::Context& context) {
  if (context.scope() != nullptr) context.scope()->files.insert(file.resolved);
  std::ifstream in(file.resolved, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) return std::unexpected("cannot read " + file.resolved);
  return content;
}

std::expected<jose::Key, std::string> signing_key_of(const schema::FilePath& file,
                                                     schema::Context& context) {
  std::expected<std::string, std::string> text = content_of(file, context);
  if (!text) return std::unexpected(std::move(text.error()));
  std::expected<jose::Key, std::string> key = signing_key_from(*text);
  explicit_bzero(text->data(), text->size());
  return key;
}

}  // namespace sallyport::policies::authenticate_detail
