// @detectXSS: the value is a script injection, says libinjection. Captures the whole value.
#include "seclang/operators/factories.h"
#include "seclang/tokens/libinjection.h"

namespace sallyport::seclang {
namespace {

class DetectXss final : public Operator {
 public:
  explicit DetectXss(const Libinjection& library) : library_(library) {}

  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    if (!library_.xss(value)) return false;
    evaluation.groups.text[0] = value;
    evaluation.groups.count = 1;
    return true;
  }

 private:
  const Libinjection& library_;
};

}  // namespace

Made make_detect_xss(const OperatorSource& /*source*/) {
  auto library = Libinjection::load();
  if (!library) return std::unexpected(library.error());
  return std::make_unique<DetectXss>(**library);
}

}  // namespace sallyport::seclang
