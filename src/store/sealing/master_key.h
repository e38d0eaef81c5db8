// The one key that everything kept secret at rest hangs from: 32 bytes, from a file or the
// environment, never from the configuration and never in a message.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "store/sealing/locked_memory.h"

namespace sallyport::store {

class MasterKey {
 public:
  static constexpr std::size_t kSize = 32;
  // Names a key without telling it: derived from the key, and so the same wherever it is loaded.
  using Id = std::array<std::uint8_t, 8>;

  [[nodiscard]] static MasterKey random();
  // 64 hexadecimal digits, or base64 (either alphabet, padded or not) of 32 bytes; blanks and line
  // ends at the end are ignored. `source` is what an error, a sentence, calls the text.
  [[nodiscard]] static std::expected<MasterKey, std::string> from_text(std::string_view text,
                                                                       std::string_view source);
  // A file of such a text, or of 32 bytes. It must not be readable by others than its owner and
  // group.
  [[nodiscard]] static std::expected<MasterKey, std::string> from_file(const std::string& path);
  // The variable is removed from the environment once it was read, so that no child inherits it.
  // Before other threads start.
  [[nodiscard]] static std::expected<MasterKey, std::string> from_environment(
      const std::string& name);

  [[nodiscard]] const Id& id() const { return id_; }
  // A key of `size` bytes for one purpose (HKDF-SHA-256, RFC 5869): other purposes do not reveal
  // it, nor it them.
  [[nodiscard]] LockedMemory derive(std::string_view purpose, std::size_t size = kSize) const;
  // The same as a master key of its own, for whoever seals so much that it had better not be with
  // this one.
  [[nodiscard]] MasterKey branch(std::string_view purpose) const;
  // For whoever makes a new key file: 64 hexadecimal digits.
  [[nodiscard]] SecretText text() const;

 private:
  explicit MasterKey(LockedMemory bytes);
  LockedMemory bytes_;
  Id id_{};
};

}  // namespace sallyport::store
