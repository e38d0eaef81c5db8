// @detectSQLi: the value is an SQL injection, says libinjection. Captures its fingerprint.
#include "seclang/operators/factories.h"
#include "seclang/tokens/libinjection.h"

namespace sallyport::seclang {
namespace {

class DetectSqli final : public Operator {
 public:
  explicit DetectSqli(const Libinjection& library) : library_(library) {}

  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    Fingerprint fingerprint;
    if (!library_.sqli(value, fingerprint)) return false;
    evaluation.groups.text[0] = evaluation.arena.copy(fingerprint.view());
    evaluation.groups.count = 1;
    return true;
  }

 private:
  const Libinjection& library_;
};

}  // namespace

Made make_detect_sqli(const OperatorSource& /*source*/) {
  auto library = Libinjection::load();
  if (!library) return std::unexpected(library.error());
  return std::make_unique<DetectSqli>(**library);
}

}  // namespace sallyport::seclang
