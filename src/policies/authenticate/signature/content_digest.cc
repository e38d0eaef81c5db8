#include "policies/authenticate/signature/content_digest.h"

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "async/digest.h"
#include "http/structured_fields.h"
#include "policies/authenticate/signature/signature_base.h"

namespace sallyport::policies::authenticate_detail {
namespace {

// What the digests have to be; empty: not given.
struct Expected {
  std::string sha256, sha512;
};

std::optional<Expected> expected_of(const http::Headers& headers) {
  const std::optional<std::string> field = joined_field(headers, "content-digest");
  const auto members = field ? http::parse_dictionary(*field) : std::nullopt;
  if (!members) return std::nullopt;
  Expected expected;
  for (const http::DictionaryMember& member : *members) {
    std::string* wanted = member.key == "sha-256"   ? &expected.sha256
                          : member.key == "sha-512" ? &expected.sha512
                                                    : nullptr;
    if (wanted == nullptr) continue;
    const std::optional<std::string> bytes =
        member.is_list ? std::nullopt : member.items.front().value.bytes();
    if (!bytes || bytes->empty()) return std::nullopt;
    *wanted = *bytes;
  }
  if (expected.sha256.empty() && expected.sha512.empty()) return std::nullopt;
  return expected;
}

class DigestedBody final : public http::Body {
 public:
  DigestedBody(http::Body* source, Expected expected, const Reason& mismatch)
      : source_(source), expected_(std::move(expected)), mismatch_(mismatch) {}

  // The source's piece without its last byte, behind the last byte of the piece before.
  Task<Result<http::BodyPiece>> next() override {
    Task<Result<http::BodyPiece>> asked = source_->next();
    Result<http::BodyPiece> piece = co_await asked;
    if (!piece) co_return piece;
    update(piece->bytes);
    if (piece->last && !is_right()) co_return stop(mismatch_, "the body has another digest");
    if (!piece->last && piece->bytes.empty()) co_return piece;
    const std::optional<std::byte> before = held_;
    held_.reset();
    if (!piece->last) {
      held_ = piece->bytes.back();
      piece->bytes = piece->bytes.first(piece->bytes.size() - 1);
    }
    if (before) {
      joined_.assign(1, *before);
      joined_.insert(joined_.end(), piece->bytes.begin(), piece->bytes.end());
      piece->bytes = joined_;
    }
    co_return piece;
  }

  Task<bool> available_within(std::chrono::milliseconds time) override {
    return source_->available_within(time);
  }
  void pace(bool slow) override { source_->pace(slow); }
  [[nodiscard]] const http::Headers* trailers() const override { return source_->trailers(); }

  void update(std::span<const std::byte> bytes) {
    if (!expected_.sha256.empty()) sha256_.update(bytes);
    if (!expected_.sha512.empty()) sha512_.update(bytes);
  }
  [[nodiscard]] bool is_right() {
    return (expected_.sha256.empty() || sha256_.finish() == expected_.sha256) &&
           (expected_.sha512.empty() || sha512_.finish() == expected_.sha512);
  }

 private:
  http::Body* source_;
  Expected expected_;
  const Reason& mismatch_;
  async::Digest sha256_{async::Digest::Kind::sha256};
  async::Digest sha512_{async::Digest::Kind::sha512};
  std::optional<std::byte> held_;  // the last byte that came
  std::vector<std::byte> joined_;  // what `next` has returned last
};

}  // namespace

std::string check_content_digest(Exchange& x, const Reason& mismatch) {
  std::optional<Expected> expected = expected_of(x.request.headers);
  if (!expected) return "there is no Content-Digest that can be checked";
  if (x.request.body == nullptr) {
    DigestedBody none(nullptr, std::move(*expected), mismatch);
    return none.is_right() ? std::string() : "the digest is not that of an empty body";
  }
  // In a slot, not in the arena alone: it owns memory.
  auto& body = x.slot<std::optional<DigestedBody>>(&mismatch);
  if (body) return {};  // another signature covers it too
  body.emplace(x.request.body, std::move(*expected), mismatch);
  x.request.body = &*body;
  return {};
}

}  // namespace sallyport::policies::authenticate_detail
