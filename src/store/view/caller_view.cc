// See caller_view.h.
#include "store/view/caller_view.h"

#include "store/key_text.h"
#include "store/records/clients.h"

namespace sallyport::store {
namespace {

// Compared with where there is no key, so that the answer takes as long.
constexpr Hash kNoHash{};

}  // namespace

FoundKey CallerView::find_key(std::string_view presented, std::int64_t now, bool is_use) const {
  const std::optional<PublicId> id = PresentedKey::id_of(presented);
  if (!id) return {.verdict = KeyVerdict::malformed};
  const CallerKey* key = keys_.find(*id);
  if (key != nullptr) {
    // What a good key needs next comes from memory while the hash is computed: of the consumer,
    // whoever asked reads the name and the lists at the end.
    marks_->prefetch(key->mark);
    if (key->record != nullptr) {
      __builtin_prefetch(&key->record->name);
      __builtin_prefetch(&key->record->disabled);
      __builtin_prefetch(&key->record->group_views);
    }
  }
  const Hash& stored = key != nullptr ? key->secret_hash : kNoHash;
  const UseMarks::Proof proof = marks_->proof_of(presented, stored);
  if (key == nullptr || !marks_->is_kept(key->mark, proof)) {
    const std::optional<PresentedKey> parsed = PresentedKey::parse(presented);
    if (!parsed) return {.verdict = KeyVerdict::malformed};
    const bool proven = equal_in_constant_time(parsed->hash(*hash_), stored);
    if (key == nullptr) return {.verdict = KeyVerdict::unknown};
    if (!proven) return {.verdict = KeyVerdict::wrong_secret};
    marks_->keep(key->mark, proof);
  }
  FoundKey found = judge(*key, now);
  if (is_use && found.verdict == KeyVerdict::good) marks_->note(key->mark, now);
  return found;
}

FoundKey CallerView::judge(const CallerKey& key, std::int64_t now) {
  FoundKey found{.verdict = KeyVerdict::good, .key = &key, .consumer = key.record.get()};
  if (key.revoked) {
    found.verdict = KeyVerdict::revoked;
  } else if (now < key.not_before) {
    found.verdict = KeyVerdict::not_yet;
  } else if (now >= key.expires) {
    found.verdict = KeyVerdict::expired;
  } else if (found.consumer == nullptr) {
    found.verdict = KeyVerdict::no_consumer;
  } else if (found.consumer->disabled) {
    found.verdict = KeyVerdict::disabled;
  }
  return found;
}

std::shared_ptr<const KnownConsumer> CallerView::known_consumer(const PublicId& id) const {
  const CallerConsumer* found = consumers_.find(id);
  return found == nullptr ? nullptr : found->record;
}

const KnownConsumer* CallerView::consumer(const PublicId& id) const {
  const CallerConsumer* found = consumers_.find(id);
  return found == nullptr ? nullptr : found->record.get();
}

const KnownConsumer* CallerView::consumer(std::string_view id) const {
  const std::optional<PublicId> parsed = PublicId::parse(id);
  return parsed ? consumer(*parsed) : nullptr;
}

const KnownConsumer* CallerView::consumer_named(std::string_view name) const {
  const NamedConsumer* found = consumers_by_name_.find(name);
  return found == nullptr ? nullptr : found->record.get();
}

const Client* CallerView::client(std::string_view id) const {
  const CallerClient* found = clients_.find(id);
  return found == nullptr ? nullptr : found->record.get();
}

bool CallerView::is_secret_of(const Client& client, std::string_view secret) const {
  const Hash presented = client_secret_hash(*hash_, client.id, secret);
  return equal_in_constant_time(presented, client.secret_hash.value_or(kNoHash)) &&
         client.secret_hash.has_value();
}

const Revocation* CallerView::revocation(RevocationKind kind, std::string_view value,
                                         std::int64_t now) const {
  const CallerRevocation* found = revocations_.find({.kind = kind, .value = value});
  return found != nullptr && now < found->record.until ? &found->record : nullptr;
}

FoundAdminToken CallerView::find_admin_token(std::string_view presented, std::int64_t now) const {
  const std::optional<PresentedKey> parsed = PresentedKey::parse(presented, kAdminTokenPrefix);
  if (!parsed) return {.verdict = KeyVerdict::malformed};
  const KnownAdminToken* known = admin_tokens_.find(parsed->id());
  const bool proven = equal_in_constant_time(
      parsed->hash(*hash_), known != nullptr ? known->record->secret_hash : kNoHash);
  if (known == nullptr) return {.verdict = KeyVerdict::unknown};
  if (!proven) return {.verdict = KeyVerdict::wrong_secret};
  FoundAdminToken found{.verdict = KeyVerdict::good, .token = known->record};
  if (found.token->revoked) {
    found.verdict = KeyVerdict::revoked;
  } else if (found.token->expires && now >= *found.token->expires) {
    found.verdict = KeyVerdict::expired;
  }
  return found;
}

}  // namespace sallyport::store
