// What libmodsecurity makes of a body, for bodies_oracle.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::seclang {

// What one side found, written down: one line for each fact, in any order.
using Facts = std::vector<std::string>;

void add(Facts& facts, std::string_view what, std::string_view name, std::string_view value);

// Printable on one line.
std::string visible(std::string_view text);

struct Sample {
  std::string content_type;
  std::string cookie;
  std::string body;
};

enum class Kind { form, cookies, json, xml, multipart };

class BodyReference {
 public:
  BodyReference();
  ~BodyReference();
  Facts read(Kind kind, const Sample& sample);

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace sallyport::seclang
