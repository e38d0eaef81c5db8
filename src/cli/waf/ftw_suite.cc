#include "cli/waf/ftw_suite.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/waf/base64.h"
#include "config/yaml_loader.h"

namespace sallyport::cli::waf {
namespace {

namespace fs = std::filesystem;
using schema::Diagnostics;
using schema::Node;

// Reads the parts of one file; what is wrong is reported with its place.
class Reader {
 public:
  explicit Reader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void error(const Node& at, std::string message) {
    diagnostics_.error({.mark = at.mark, .path = {}}, std::move(message));
  }

  std::int64_t number(const Node& node) {
    std::int64_t value = 0;
    const char* end = node.text.data() + node.text.size();
    auto [behind, failed] = std::from_chars(node.text.data(), end, value);
    if (!node.is_scalar() || failed != std::errc{} || behind != end) {
      error(node, "this must be a number");
    }
    return value;
  }

  // A list, or one item in place of it.
  template <typename Each>
  void each_of(const Node* node, Each each) {
    if (node == nullptr || node->is_null()) return;
    if (!node->is_sequence()) return each(*node);
    for (const Node& item : node->items) each(item);
  }

  bool boolean(const Node& node) {
    if (node.text == "true") return true;
    if (node.text != "false") error(node, "this must be true or false");
    return false;
  }

  std::string base64(const Node& node) {
    std::optional<std::string> decoded = decode_base64(node.text);
    if (!decoded) error(node, "this is not base64");
    return decoded.value_or("");
  }

  FtwInput input(const Node& node) {
    FtwInput input;
    for (const Node::Entry& each : node.entries) {
      const Node& value = each.value;
      if (each.key == "method") {
        input.method = value.text;
      } else if (each.key == "uri") {
        input.uri = value.text;
      } else if (each.key == "version") {
        input.version = value.text;
      } else if (each.key == "headers") {
        input.headers = headers(value);
      } else if (each.key == "data") {
        input.data = fill_in_templates(value.text);
      } else if (each.key == "encoded_data") {
        input.data = base64(value);
      } else if (each.key == "encoded_request") {
        input.raw = base64(value);
      } else if (each.key == "autocomplete_headers") {
        input.autocomplete_headers = boolean(value);
      } else if (each.key == "stop_magic") {  // how the format's first version said it
        input.autocomplete_headers = !boolean(value);
      }
    }
    return input;
  }

  FtwOutput output(const Node& node) {
    FtwOutput output;
    auto numbers = [&](const Node* from, auto& into) {
      each_of(from, [&](const Node& item) {
        into.push_back(static_cast<std::remove_cvref_t<decltype(into)>::value_type>(number(item)));
      });
    };
    auto texts = [&](const Node* from, std::vector<std::string>& into) {
      each_of(from, [&](const Node& item) { into.push_back(item.text); });
    };
    numbers(node.find("status"), output.status);
    if (const Node* expected = node.find("expect_error")) output.expect_error = boolean(*expected);
    texts(node.find("log_contains"), output.match_regex);
    texts(node.find("no_log_contains"), output.no_match_regex);
    if (const Node* log = node.find("log")) {
      numbers(log->find("expect_ids"), output.expect_ids);
      numbers(log->find("no_expect_ids"), output.no_expect_ids);
      texts(log->find("match_regex"), output.match_regex);
      texts(log->find("no_match_regex"), output.no_match_regex);
    }
    return output;
  }

  void tests(const Node& root, const std::string& group, FtwSuite& suite) {
    const Node* list = root.find("tests");
    if (list == nullptr || !list->is_sequence()) {
      return error(root, "there is no list of tests");
    }
    const Node* meta = root.find("meta");
    const Node* enabled = meta != nullptr ? meta->find("enabled") : nullptr;
    if (enabled != nullptr && enabled->text == "false") {
      suite.disabled += list->items.size();
      return;
    }
    const Node* rule = root.find("rule_id");
    const std::int64_t rule_id = rule != nullptr ? number(*rule) : 0;
    for (const Node& item : list->items) {
      FtwTest test{.group = group, .rule_id = rule_id};
      if (const Node* id = item.find("test_id")) test.test_id = number(*id);
      const Node* stages = item.find("stages");
      if (stages == nullptr || stages->items.empty()) {
        error(item, "the test has no stages");
        continue;
      }
      for (const Node& entry : stages->items) {
        const Node* inner = entry.find("stage");
        test.stages.push_back(stage(inner != nullptr ? *inner : entry));
      }
      suite.tests.push_back(std::move(test));
    }
  }

 private:
  FtwStage stage(const Node& node) {
    const Node* in = node.find("input");
    const Node* out = node.find("output");
    if (in == nullptr || out == nullptr) {
      error(node, "a stage needs an input and an output");
      return {};
    }
    return {.input = input(*in), .output = output(*out)};
  }

  std::vector<Header> headers(const Node& node) {
    std::vector<Header> headers;
    for (const Node::Entry& each : node.entries) {
      headers.push_back({.name = each.key, .value = each.value.text});
    }
    std::ranges::sort(headers, {}, &Header::name);
    for (const Node& item : node.items) {
      const Node* name = item.find("name");
      const Node* value = item.find("value");
      if (name == nullptr) {
        error(item, "a header needs a name");
        continue;
      }
      headers.push_back({.name = name->text, .value = value != nullptr ? value->text : ""});
    }
    return headers;
  }

  Diagnostics& diagnostics_;
};

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// The value of `"x" | repeat 3`, `repeat 3 "x"` or `"x"`.
std::optional<std::string> evaluated(std::string_view action) {
  std::vector<std::string> words;
  std::string text;
  std::istringstream stream{std::string(action)};
  bool has_text = false;
  while (stream >> std::ws, stream.good()) {
    if (stream.peek() == '"') {
      stream.get();
      if (has_text || !std::getline(stream, text, '"')) return std::nullopt;
      has_text = true;
      continue;
    }
    std::string word;
    stream >> word;
    if (word != "|") words.push_back(word);
  }
  if (!has_text) return std::nullopt;
  if (words.empty()) return text;
  constexpr std::size_t kMost = 16U << 20;
  std::size_t times = 0;
  if (words.size() != 2 || words[0] != "repeat") return std::nullopt;
  const char* end = words[1].data() + words[1].size();
  auto [behind, failed] = std::from_chars(words[1].data(), end, times);
  if (failed != std::errc{} || behind != end || times > kMost) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < times && out.size() < kMost; ++i) out += text;
  return out;
}

}  // namespace

std::string fill_in_templates(std::string_view text) {
  std::string out;
  while (true) {
    std::size_t open = text.find("{{");
    std::size_t close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) break;
    std::string_view whole = text.substr(open, close + 2 - open);
    out += text.substr(0, open);
    out += evaluated(whole.substr(2, whole.size() - 4)).value_or(std::string(whole));
    text.remove_prefix(close + 2);
  }
  out += text;
  return out;
}

void read_tests(std::string_view text, const std::string& file, const std::string& group,
                FtwSuite& suite, Diagnostics& diagnostics) {
  ++suite.files;
  if (blank(text)) {
    ++suite.empty;
    return;
  }
  std::optional<Node> tree = config::load_yaml(text, file, diagnostics);
  if (tree) Reader(diagnostics).tests(*tree, group, suite);
}

FtwSuite read_suite(const std::string& folder, Diagnostics& diagnostics) {
  std::vector<fs::path> files;
  std::error_code error;
  if (fs::is_directory(folder, error)) {
    for (fs::recursive_directory_iterator each(folder, error), end; !error && each != end;
         each.increment(error)) {
      std::string ending = each->path().extension().string();
      if (ending == ".yaml" || ending == ".yml") files.push_back(each->path());
    }
  } else {
    files.emplace_back(folder);
  }
  std::ranges::sort(files);
  FtwSuite suite;
  for (const fs::path& file : files) {
    std::ifstream stream(file, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    if (!stream.is_open() || stream.bad()) {
      diagnostics.error({.mark = {.file = std::make_shared<const std::string>(file.string())}},
                        "the file cannot be read");
      continue;
    }
    read_tests(text.view(), file.string(), file.parent_path().filename().string(), suite,
               diagnostics);
  }
  return suite;
}

std::size_t apply_overrides(std::string_view text, const std::string& file, FtwSuite& suite,
                            Diagnostics& diagnostics) {
  std::optional<Node> tree = config::load_yaml(text, file, diagnostics);
  if (!tree) return 0;
  Reader reader(diagnostics);
  std::size_t replaced = 0;
  reader.each_of(tree->find("test_overrides"), [&](const Node& item) {
    const Node* rule = item.find("rule_id");
    if (rule == nullptr) return reader.error(item, "an override needs a rule_id");
    const std::int64_t rule_id = reader.number(*rule);
    const Node* out = item.find("output");
    const FtwOutput output = out != nullptr ? reader.output(*out) : FtwOutput{};
    reader.each_of(item.find("test_ids"), [&](const Node& id) {
      const std::int64_t test_id = reader.number(id);
      for (FtwTest& test : suite.tests) {
        if (test.rule_id != rule_id || test.test_id != test_id) continue;
        for (FtwStage& stage : test.stages) stage.output = output;
        ++replaced;
      }
    });
  });
  return replaced;
}

}  // namespace sallyport::cli::waf
