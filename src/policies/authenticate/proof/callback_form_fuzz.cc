// Whatever a form holds is read in one way or refused, and comes back when it is written again.
#include "base/fuzzing.h"
#include "policies/authenticate/proof/form.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;  // NOLINT(google-build-using-namespace): one function
  using policies::authenticate_detail::Form;
  const fuzzing::ExactCopy input({reinterpret_cast<const char*>(data), size});
  const auto form = Form::parse(input.text());
  if (!form) return 0;
  std::string text;
  for (std::string_view name : {"state", "code", "a"}) {
    policies::authenticate_detail::append_parameter(text, name, form->get(name));
  }
  const auto again = Form::parse(text);
  fuzzing::require(again.has_value());
  for (std::string_view name : {"state", "code", "a"}) {
    fuzzing::require(again->get(name) == form->get(name));
  }
  return 0;
}
