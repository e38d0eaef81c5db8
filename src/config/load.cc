// See load.h.
#include "config/load.h"

#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <utility>

#include "async/digest.h"
#include "config/build.h"
#include "config/model.h"
#include "config/redact.h"
#include "config/yaml_loader.h"
#include "schema/context.h"
#include "schema/field.h"

namespace sallyport::config {
namespace {

constexpr std::size_t kFingerprintDigits = 12;

schema::Where whole_file(const std::string& path) {
  return {.mark = {.file = std::make_shared<const std::string>(path)}, .path = {}};
}

// Empty if the file cannot be read, which is reported.
std::optional<std::string> read_file(const std::string& path, schema::Diagnostics& diagnostics) {
  // Anything but a file could wait for ever, and the reload with it.
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    diagnostics.error(whole_file(path), "this is not a regular file", {},
                      schema::code::kUnreadable);
    return std::nullopt;
  }
  std::ifstream stream(path, std::ios::binary);
  // One byte more than is accepted: the parser says that it is too long.
  std::string text(stream ? kMaxFileBytes + 1 : 0, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    diagnostics.error(whole_file(path),
                      stream.is_open() ? "the file cannot be read" : "the file cannot be opened",
                      {}, schema::code::kUnreadable);
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

void load_into(LoadResult& result, std::set<std::string>& files, std::string_view text,
               const std::string& path, const LoadOptions& options) {
  schema::Diagnostics& diagnostics = result.diagnostics;
  result.fingerprint = async::sha256(text).substr(0, kFingerprintDigits);
  std::optional<schema::Node> tree = load_yaml(text, path, diagnostics);
  if (!tree) return;
  Environment environment = options.environment ? options.environment : process_environment();
  files.merge([&] {
    std::vector<std::string> secrets = resolve_secrets(*tree, environment, diagnostics);
    return std::set<std::string>(secrets.begin(), secrets.end());
  }());

  model::Root root;
  schema::Context context(diagnostics);
  schema::fields_of<model::Root>().read(*tree, context, root);
  std::unique_ptr<Snapshot> snapshot = build(root, options, diagnostics, files);
  if (diagnostics.has_errors()) return;

  snapshot->fingerprint = result.fingerprint;
  snapshot->file = path;
  snapshot->redacted = effective_json(*tree);
  result.snapshot = std::move(snapshot);
}

}  // namespace

LoadResult load_text(std::string_view text, const std::string& path, const LoadOptions& options) {
  LoadResult result;
  result.text = text;
  std::set<std::string> files{path};
  try {
    load_into(result, files, text, path, options);
  } catch (const std::exception& error) {
    result.snapshot = nullptr;
    result.diagnostics.error(whole_file(path),
                             "the configuration cannot be loaded: " + std::string(error.what()));
  }
  result.watched.assign(files.begin(), files.end());
  if (result.snapshot) result.snapshot->watched = result.watched;
  return result;
}

LoadResult load(const std::string& path, const LoadOptions& options) {
  LoadResult result;
  std::optional<std::string> text = read_file(path, result.diagnostics);
  if (text) return load_text(*text, path, options);
  result.watched = {path};
  return result;
}

}  // namespace sallyport::config
