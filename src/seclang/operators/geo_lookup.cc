// @geoLookup: looks the address up and fills the GEO collection; matches when the address was
// found, so never without a database.
#include "seclang/geo_database.h"
#include "seclang/operators/factories.h"

namespace sallyport::seclang {
namespace {

class GeoLookup final : public Operator {
 public:
  bool evaluate(std::string_view value, Evaluation& evaluation) const override {
    Surroundings* around = evaluation.surroundings;
    return around != nullptr && around->geo != nullptr &&
           around->geo->find(value, evaluation.arena, around->place);
  }
};

}  // namespace

Made make_geo_lookup(const OperatorSource& /*source*/) { return std::make_unique<GeoLookup>(); }

}  // namespace sallyport::seclang
