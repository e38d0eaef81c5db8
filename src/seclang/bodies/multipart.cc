// multipart/form-data as ModSecurity 3 reads it: piece by piece, a piece being a line or 4096 bytes
// of a longer one. Rules look at every flag, so the order and the oddities of its checks are kept.
//
// Where it differs from ModSecurity 3.0.9 on purpose, always to see what the application will see:
// line ends within a field stay (3.0.9 drops them, and UNION\r\nSELECT reads UNIONSELECT); part
// headers come without their line end, as in later versions; an empty boundary is an error.
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "seclang/bodies/body.h"
#include "seclang/bodies/multipart_parts.h"
#include "seclang/characters.h"

namespace sallyport::seclang {
namespace {

// What one look at the body takes in. Longer lines are cut, and only their first piece is compared
// with the boundary.
constexpr std::size_t kPiece = 4096;

// How often the headers of one part may end in vain. Each time the Content-Disposition is read
// again, which would be quadratic; what comes of such a part is an error in any case.
constexpr int kMostAttempts = 16;

// ModSecurity 3.0.9 leaves the CR LF on a part's headers; rule 922110 needs them off.
constexpr bool kLineEndsOnPartHeaders = false;

struct LessIgnoringCase {
  bool operator()(std::string_view a, std::string_view b) const {
    return std::ranges::lexicographical_compare(a, b, {}, text::lower, text::lower);
  }
};

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// All CR and LF at the end; but of a text of nothing else, none.
std::string_view chomp(std::string_view text) {
  const std::size_t last = text.find_last_not_of("\r\n");
  return last == std::string_view::npos ? text : text.substr(0, last + 1);
}

// The header line that is being read, which folding may prolong.
struct PartHeader {
  std::string_view name;
  std::string_view line;  // as it came, until it is folded
  std::string value;
  std::size_t value_size = 0;  // as much of `value` as goes into the line
  std::uint32_t offset = 0;
  std::uint32_t value_offset = 0;
  bool folded = false;
  bool reported = false;
};

struct Part {
  PartHeader header;
  std::set<std::string_view, LessIgnoringCase> header_names;
  std::string_view content_disposition;  // once another header has followed it
  std::uint32_t content_disposition_offset = 0;
  std::vector<Field> lines;  // of MULTIPART_PART_HEADERS, still without the name
  Disposition disposition;
  bool in_headers = true;
  int attempts = 0;  // to end the headers
  bool is_file = false;
  std::size_t content_begin = 0;
  std::size_t content_end = 0;
  std::uint32_t first_line_end = 0;  // bytes of the line end of the content's first piece
  bool has_content = false;
};

class Multipart {
 public:
  Multipart(std::string_view body, const MultipartType& type, std::size_t file_limit, Arena& arena,
            BodyObserver* observer)
      : body_(body),
        type_(type),
        delimiter_(arena.copy("--" + std::string(type.boundary))),
        file_limit_(file_limit),
        arena_(arena),
        observer_(observer) {
    found_.flags.boundary_quoted = type.quoted;
    found_.flags.boundary_whitespace = type.whitespace;
    found_.flags.missing_semicolon = type.missing_semicolon;
  }

  MultipartBody run();

 private:
  enum class Line : std::uint8_t { data, boundary, refused };

  void read_pieces();
  std::size_t piece_size() const;
  bool take_piece(std::string_view piece, bool cut);
  Line look_for_boundary(std::string_view piece);
  Line boundary_line(std::string_view rest);
  Line unmatched_boundary_line(std::string_view text);
  void end_without_line_end();

  void end_part();
  void data(std::string_view piece);
  void header(std::string_view piece);
  void end_of_headers();
  void folded_line(std::string_view piece);
  void new_header(std::string_view piece);
  void report_header();
  void take_content_disposition();
  void publish();

  void fail(std::initializer_list<std::string_view> text);
  std::uint32_t offset_of(std::string_view piece) const {
    return static_cast<std::uint32_t>(piece.data() - body_.data());
  }

  const std::string_view body_;
  const MultipartType& type_;
  const std::string_view delimiter_;
  const std::size_t file_limit_;
  Arena& arena_;
  BodyObserver* const observer_;
  MultipartBody found_;

  std::size_t position_ = 0;
  bool at_line_start_ = true;
  bool after_bare_lf_ = false;  // the line before ended without CR
  bool crlf_seen_ = false;
  bool refused_ = false;   // nothing behind this point is read
  bool complete_ = false;  // the final boundary has been met
  std::size_t boundaries_ = 0;
  // Whether there has been content since the headers of the last part; at first, as if.
  bool content_seen_ = true;
  std::optional<Part> part_;
  std::vector<Part> parts_;
  std::size_t files_ = 0;
};

void Multipart::fail(std::initializer_list<std::string_view> text) {
  std::string whole;
  for (std::string_view piece : text) whole += piece;
  found_.error = {.failed = true, .message = arena_.copy(whole)};
  if (observer_ != nullptr) observer_->body_failed(found_.error.message);
}

MultipartBody Multipart::run() {
  MultipartFlags& flags = found_.flags;
  if (!type_.error.empty()) {
    fail({type_.error});
    flags.strict_error = true;
    if (observer_ != nullptr) observer_->multipart_read(flags);
    return std::move(found_);
  }
  if (observer_ != nullptr) observer_->boundary(type_.boundary, type_.parameter_behind);
  read_pieces();
  if (!complete_ && !refused_) end_without_line_end();
  flags.crlf_lf_lines = crlf_seen_ && flags.lf_line;
  flags.strict_error = refused_ || flags.boundary_quoted || flags.boundary_whitespace ||
                       flags.data_before || flags.data_after || flags.header_folding ||
                       flags.lf_line || flags.missing_semicolon || flags.invalid_quoting ||
                       flags.invalid_part || flags.invalid_header_folding ||
                       flags.file_limit_exceeded;
  if (observer_ != nullptr) observer_->multipart_read(flags);
  if (body_.empty()) return std::move(found_);
  if (complete_) {
    publish();
  } else {
    fail({boundaries_ > 0 ? "Multipart: Final boundary missing."
                          : "Multipart: No boundaries found in payload."});
  }
  return std::move(found_);
}

// The line that begins here, or its first 4096 bytes, but never a CR alone at their end. 0: the
// body ends before either.
std::size_t Multipart::piece_size() const {
  const std::string_view ahead = body_.substr(position_, kPiece);
  const std::size_t line_feed = ahead.find('\n');
  if (line_feed != std::string_view::npos) return line_feed + 1;
  if (ahead.size() < kPiece) return 0;
  return ahead.ends_with('\r') ? kPiece - 1 : kPiece;
}

void Multipart::read_pieces() {
  while (!complete_) {
    const std::size_t size = piece_size();
    if (size == 0) return;
    const std::string_view piece = body_.substr(position_, size);
    const bool whole_line = piece.ends_with('\n');
    if (!take_piece(piece, size == kPiece || !whole_line)) {
      refused_ = true;
      return;
    }
    position_ += size;
    at_line_start_ = whole_line;
    after_bare_lf_ = whole_line && !piece.ends_with("\r\n");
  }
  found_.flags.data_after = position_ < body_.size();
}

// `cut`: the line is too long to be a header. False: the body is beyond reading.
bool Multipart::take_piece(std::string_view piece, bool cut) {
  const Line line = at_line_start_ ? look_for_boundary(piece) : Line::data;
  if (line != Line::data) return line == Line::boundary;
  if (!part_) {
    found_.flags.data_before = true;
  } else if (!part_->in_headers) {
    data(piece);
  } else if (cut || part_->attempts > kMostAttempts) {
    return false;
  } else {
    header(piece);
  }
  return true;
}

Multipart::Line Multipart::look_for_boundary(std::string_view piece) {
  const std::string_view text = piece.substr(0, piece.find('\0'));
  if (text.size() <= 3 || !text.starts_with("--")) {
    if (piece.find(delimiter_) != std::string_view::npos) found_.flags.unmatched_boundary = 1;
    return Line::data;
  }
  if (text.starts_with(delimiter_)) return boundary_line(text.substr(delimiter_.size()));
  return unmatched_boundary_line(text);
}

// `rest`: what stands behind the boundary.
Multipart::Line Multipart::boundary_line(std::string_view rest) {
  MultipartFlags& flags = found_.flags;
  if (after_bare_lf_) flags.lf_line = true;
  if (!content_seen_) {
    // A boundary where content should begin is taken for content.
    flags.invalid_part = true;
    return Line::data;
  }
  if (boundaries_ > 0) flags.unmatched_boundary = 2;
  const bool final = rest.starts_with("--");
  if (final) rest.remove_prefix(2);
  if (rest != "\r\n" && rest != "\n") return Line::refused;
  (rest == "\n" ? flags.lf_line : crlf_seen_) = true;

  end_part();
  if (final) {
    complete_ = true;
  } else {
    part_.emplace();
    content_seen_ = false;
  }
  ++boundaries_;
  return Line::boundary;
}

Multipart::Line Multipart::unmatched_boundary_line(std::string_view text) {
  if (type_.quoted && text[2] == '"' && text.substr(3).starts_with(type_.boundary)) {
    return Line::refused;
  }
  std::size_t blank = 2;
  while (blank < text.size() && is_space(text[blank])) ++blank;
  if (blank != 2 && text.substr(blank).starts_with(type_.boundary)) return Line::refused;
  found_.flags.unmatched_boundary = 1;
  return Line::data;
}

// The final boundary needs no line end when it is the last thing there is.
void Multipart::end_without_line_end() {
  const std::string_view rest = body_.substr(position_);
  if (boundaries_ == 0 || !at_line_start_ || rest.size() != delimiter_.size() + 2 ||
      !rest.starts_with(delimiter_) || !rest.ends_with("--")) {
    return;
  }
  if (after_bare_lf_) found_.flags.lf_line = true;
  if (!content_seen_) found_.flags.invalid_part = true;
  end_part();
  complete_ = true;
}

void Multipart::end_part() {
  if (!part_) return;
  for (Field line : part_->lines) {
    line.name = part_->disposition.name.text;
    found_.part_headers.push_back(line);
  }
  if (observer_ != nullptr) {
    const std::size_t begin = part_->content_begin;
    observer_->part(part_->disposition.name.text, part_->disposition.filename.text,
                    body_.substr(begin, part_->content_end - begin), begin);
  }
  if (part_->disposition.name.text.empty()) {
    found_.flags.invalid_part = true;
  } else {
    parts_.push_back(std::move(*part_));
  }
  part_.reset();
}

// The line end of the last piece belongs to the boundary behind it, so it counts only when more
// content follows.
void Multipart::data(std::string_view piece) {
  Part& part = *part_;
  content_seen_ = true;
  const std::size_t begin = offset_of(piece);
  if (!part.has_content) {
    part.has_content = true;
    part.content_begin = begin;
    part.first_line_end = static_cast<std::uint32_t>(piece.size() - without_line_end(piece).size());
    if (part.is_file && file_limit_ != 0 && files_ == file_limit_) {
      if (!found_.flags.file_limit_exceeded) {
        fail({"Multipart: Upload file limit exceeded ", std::to_string(file_limit_),
              ". Use SecUploadFileLimit to change the limit."});
      }
      found_.flags.file_limit_exceeded = true;
    } else if (part.is_file) {
      ++files_;
    }
  }
  part.content_end = begin + without_line_end(piece).size();
  if (observer_ != nullptr && !part.is_file) observer_->field_content(without_line_end(piece));
}

// One line of a part's headers. What is wrong with it is an error, and yet the next one is read.
void Multipart::header(std::string_view piece) {
  if (piece.find('\0') != std::string_view::npos)
    return fail({"Multipart: Nul byte in part headers."});
  found_.size_without_files += piece.size();
  (piece.ends_with("\r\n") ? crlf_seen_ : found_.flags.lf_line) = true;

  if (piece == "\r\n" || piece == "\n") {
    end_of_headers();
  } else if (is_space(piece.front())) {
    folded_line(piece);
  } else {
    new_header(piece);
  }
}

void Multipart::end_of_headers() {
  report_header();
  Part& part = *part_;
  ++part.attempts;
  if (!part.header_names.contains("Content-Disposition")) {
    return fail({"Multipart: Part missing Content-Disposition header."});
  }
  take_content_disposition();
  const std::string_view value = part.content_disposition;
  Disposition& disposition = part.disposition;
  read_disposition(value, part.content_disposition_offset, disposition, arena_, observer_);
  if (disposition.invalid_quoting) found_.flags.invalid_quoting = true;
  std::ranges::copy(std::exchange(disposition.names, {}), std::back_inserter(found_.names));
  std::ranges::copy(std::exchange(disposition.filenames, {}), std::back_inserter(found_.filenames));
  if (disposition.error != 0) {
    return fail({"Multipart: Invalid Content-Disposition header (",
                 std::to_string(disposition.error), "): ", value});
  }
  if (disposition.name.text.empty()) {
    return fail({"Multipart: Content-Disposition header missing name field."});
  }
  if (!disposition.filename.text.empty()) {
    // Simple parsers look for exactly this; what they cannot see they would take for a field.
    if (value.find("filename=") == std::string_view::npos) {
      return fail({"Multipart: Invalid Content-Disposition header (filename)."});
    }
    part.is_file = true;
  }
  part.in_headers = false;
}

void Multipart::folded_line(std::string_view piece) {
  found_.flags.header_folding = true;
  if (piece.front() != ' ' && piece.front() != '\t') found_.flags.invalid_header_folding = true;
  PartHeader& header = part_->header;
  if (header.name.empty()) return fail({"Multipart: Invalid part header (folding error)."});

  while (!piece.empty() && is_space(piece.front())) {
    if (piece.front() != ' ' && piece.front() != '\t') found_.flags.invalid_header_folding = true;
    piece.remove_prefix(1);
  }
  header.value.append(" ").append(chomp(piece));
  if (header.value.size() > kPiece) return fail({"Multipart: Part header too long."});
  header.value_size = header.value.size();
  header.folded = true;
  header.reported = false;
}

void Multipart::new_header(std::string_view piece) {
  report_header();
  const std::size_t colon = piece.find(':');
  if (colon == std::string_view::npos) {
    return fail({"Multipart: Invalid part header (colon missing): ", piece});
  }
  if (colon == 0) return fail({"Multipart: Invalid part header (header name missing)."});
  const std::string_view name = piece.substr(0, colon);
  // An error since ModSecurity 3.0.13; rules see the header all the same.
  if (!std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7F'; })) {
    fail({"Multipart: Invalid part header (contains invalid character)."});
  }
  std::string_view value = piece.substr(colon + 1);
  while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);

  // A second header of a name is passed over, without an error; its folded lines are not.
  if (!part_->header_names.insert(name).second) return;
  take_content_disposition();
  part_->header = {.name = name,
                   .line = kLineEndsOnPartHeaders ? piece : without_line_end(piece),
                   .value = std::string(chomp(value)),
                   .offset = offset_of(piece),
                   .value_offset = offset_of(value)};
}

// A header that nothing can prolong any more goes to MULTIPART_PART_HEADERS.
void Multipart::report_header() {
  PartHeader& header = part_->header;
  if (header.name.empty() || std::exchange(header.reported, true)) return;
  std::string_view line = header.line;
  if (header.folded) {
    std::string text(header.name);
    text.append(": ").append(header.value, 0, header.value_size);
    line = arena_.copy(text);
  }
  part_->lines.push_back({.name = {}, .value = line, .offset = header.offset});
}

// Keeps the header that was read last, if it is this one: another is about to take its place.
void Multipart::take_content_disposition() {
  const PartHeader& header = part_->header;
  if (!text::equals_ignoring_case(header.name, "Content-Disposition")) return;
  part_->content_disposition = arena_.copy(header.value);
  part_->content_disposition_offset = header.value_offset;
}

void Multipart::publish() {
  for (const Part& part : parts_) {
    const std::string_view content =
        body_.substr(part.content_begin, part.content_end - part.content_begin);
    if (part.is_file) {
      found_.files.push_back({.name = part.disposition.name.text,
                              .filename = part.disposition.filename.text,
                              .content = content,
                              .name_offset = part.disposition.name.offset,
                              .filename_offset = part.disposition.filename.offset,
                              .content_offset = static_cast<std::uint32_t>(part.content_begin),
                              .first_line_end = part.first_line_end});
    } else {
      found_.arguments.push_back({.name = part.disposition.name.text,
                                  .value = content,
                                  .offset = static_cast<std::uint32_t>(part.content_begin)});
      found_.size_without_files += content.size();
    }
  }
}

}  // namespace

MultipartBody parse_multipart(std::string_view body, std::string_view content_type,
                              std::size_t file_limit, Arena& arena, BodyObserver* observer) {
  const MultipartType type = read_multipart_type(content_type);
  return Multipart(body, type, file_limit, arena, observer).run();
}

}  // namespace sallyport::seclang
