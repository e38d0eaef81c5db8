#include "policy/identity_headers.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace sallyport {
namespace {

constexpr const char* kShared = "identity_headers";

constexpr char normal_of(char c) {
  c = text::lower(c);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}

}  // namespace

// A body as it comes, but for some of its trailers. In an arena.
class TrailersWithoutIdentity final : public http::Body {
 public:
  TrailersWithoutIdentity(http::Body& source, const IdentityHeaders& left_out, Arena& arena)
      : source_(source), left_out_(left_out), trailers_(arena) {}

  Task<Result<http::BodyPiece>> next() override { return source_.next(); }
  Task<bool> available_within(std::chrono::milliseconds time) override {
    return source_.available_within(time);
  }
  void pace(bool slow) override { source_.pace(slow); }

  [[nodiscard]] const http::Headers* trailers() const override {
    const http::Headers* all = source_.trailers();
    if (all == nullptr || read_) return all == nullptr ? nullptr : &trailers_;
    read_ = true;
    for (const http::Field& field : *all) {
      if (!field.removed && !left_out_.contains(field.name())) {
        trailers_.add(field.name(), field.value());
      }
    }
    return &trailers_;
  }

 private:
  http::Body& source_;
  const IdentityHeaders& left_out_;
  mutable http::Headers trailers_;  // filled when they are first asked for
  mutable bool read_ = false;
};

std::string IdentityHeaders::normal(std::string_view name) {
  std::string out(name);
  std::ranges::transform(out, out.begin(), normal_of);
  return out;
}

void IdentityHeaders::note(schema::Context& context, std::span<const std::string> names) {
  if (context.scope() == nullptr) return;
  std::shared_ptr<void>& shared = context.scope()->shared[kShared];
  if (shared == nullptr) shared = std::make_shared<IdentityHeaders>();
  std::vector<std::string>& all = static_cast<IdentityHeaders*>(shared.get())->names_;
  for (const std::string& name : names) {
    std::string one = normal(name);
    if (std::ranges::find(all, one) == all.end()) all.push_back(std::move(one));
  }
}

IdentityHeaders IdentityHeaders::of(const schema::LoadScope& scope) {
  auto found = scope.shared.find(kShared);
  if (found == scope.shared.end()) return {};
  return *static_cast<const IdentityHeaders*>(found->second.get());
}

bool IdentityHeaders::contains(std::string_view name) const {
  return std::ranges::any_of(names_, [name](const std::string& one) {
    return std::ranges::equal(one, name, {}, {}, normal_of);
  });
}

void IdentityHeaders::strip_all(http::Request& request, Arena& arena) const {
  for (http::Field& field : request.headers) {
    if (field.id == http::HeaderId::unknown && contains(field.name())) field.removed = true;
  }
  // Only a body whose length is not announced has trailers.
  if (request.body == nullptr || request.content_length) return;
  request.body = new (arena.allocate(sizeof(TrailersWithoutIdentity)))
      TrailersWithoutIdentity(*request.body, *this, arena);
}

}  // namespace sallyport
