// Puts a text in the place of a file: all of it or none of it, whatever ends the process meanwhile.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace sallyport::gateway {

// The text, on the disk beside the file it is to replace. Gone again unless it is published. Errors
// are sentences for the operator.
class Replacement {
 public:
  // Owner and mode are those of the file, which has to be there; a symbolic link is followed.
  [[nodiscard]] static std::expected<Replacement, std::string> prepare(const std::string& file,
                                                                       std::string_view text);
  Replacement(Replacement&& other) noexcept;
  Replacement& operator=(Replacement&&) = delete;
  ~Replacement();

  // The file becomes the text; what it was stays beside it, as former().
  [[nodiscard]] std::expected<void, std::string> publish();
  [[nodiscard]] std::string former() const { return file_ + ".replaced"; }

 private:
  Replacement(std::string file, std::string aside)
      : file_(std::move(file)), aside_(std::move(aside)) {}
  std::string file_;
  std::string aside_;  // empty: published
};

}  // namespace sallyport::gateway
