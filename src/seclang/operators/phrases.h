// Many phrases looked for at once, ignoring the case of ASCII letters (Aho and Corasick 1975).
//
// Immutable, shared by threads. The time of a search depends on the text's length alone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::seclang {

class Phrases {
 public:
  // Empty phrases are left out; of those that differ only in case, the first is the one reported.
  explicit Phrases(std::vector<std::string> phrases);

  struct Hit {
    std::string_view
        phrase;       // as it was given, not as it stands in the text; lives as long as this
    std::size_t end;  // in the text, behind it
  };
  // The phrase that ends first; of several that end there, the longest.
  [[nodiscard]] std::optional<Hit> find(std::string_view text) const;
  [[nodiscard]] std::size_t size() const { return phrases_.size(); }
  [[nodiscard]] const std::vector<std::string>& texts() const { return phrases_; }

 private:
  using State = std::uint32_t;  // index into `nodes_`; 0 is the root
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // A prefix of phrases. Nodes are numbered breadth first, so the children of one stand in a row.
  struct Node {
    State first_child = 0;
    std::uint32_t children = 0;
    State fallback = 0;            // the longest proper suffix that is a prefix of some phrase
    std::uint32_t phrase = kNone;  // the longest phrase that this prefix ends with
  };

  void build();
  void link();
  [[nodiscard]] State child(State state, unsigned char label) const;
  [[nodiscard]] State step(State state, unsigned char label) const;

  std::vector<std::string> phrases_;
  std::vector<Node> nodes_;
  std::vector<unsigned char> labels_;  // of the edge that leads to each node
  std::array<State, 256> from_root_{};
};

}  // namespace sallyport::seclang
