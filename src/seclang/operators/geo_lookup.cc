// @geoLookup: looks the address up and fills the GEO collection; matches when the address was
// found, so never without a database.
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class GeoLookup final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    return evaluation.geo_lookup != nullptr && (*evaluation.geo_lookup)(value);
  }
};

}  // namespace

Made make_geo_lookup(const OperatorSource& /*source*/) { return std::make_unique<GeoLookup>(); }

}  // namespace sallyport::seclang
