// The request body taken apart by the processor that the content type or a rule chose.
#include "seclang/engine/transaction.h"

namespace sallyport::seclang {

void Transaction::set_processor(Processor processor) {
  processor_ = processor;
  switch (processor) {
    case Processor::none:
      processor_name_ = "";
      break;
    case Processor::urlencoded:
      processor_name_ = "URLENCODED";
      break;
    case Processor::multipart:
      processor_name_ = "MULTIPART";
      break;
    case Processor::json:
      processor_name_ = "JSON";
      break;
    case Processor::xml:
      processor_name_ = "XML";
      break;
  }
}

bool Transaction::beyond_no_files_limit(std::size_t size) {
  const std::size_t limit = rules_.settings.request_body_no_files_limit;
  if (limit == 0 || size <= limit) return false;
  body_error_ = {.failed = true,
                 .message = "Request body excluding files is bigger than the maximum expected."};
  body_error_text_ = body_error_.message;
  body_error_known_ = true;
  inbound_error_ = true;
  if (observer_ != nullptr) observer_->body_failed(body_error_text_);
  return true;
}

void Transaction::take_body_apart() {
  // What is too large is not even taken apart; of a multipart body only its reader knows.
  if (processor_ != Processor::none && processor_ != Processor::multipart &&
      beyond_no_files_limit(request_body_.size())) {
    return;
  }
  std::string_view prefix;
  switch (processor_) {
    case Processor::none:
      body_error_known_ = true;
      return;
    case Processor::urlencoded:
      return read_form();
    case Processor::multipart:
      prefix = "Multipart parsing error: ";
      read_multipart();
      break;
    case Processor::json:
      prefix = "JSON parsing error: ";
      read_json();
      break;
    case Processor::xml:
      prefix = "XML parsing error: ";
      read_xml();
      break;
  }
  body_error_known_ = true;
  // Of a body whose end is not there, that it does not end well says nothing about the client.
  if (!request_body_complete_) {
    body_error_ = {};
    multipart_ = {};
  }
  if (body_error_.failed) {
    std::string text(prefix);
    text += body_error_.message;
    body_error_text_ = arena_.copy(text);
  } else if (processor_ == Processor::multipart) {
    (void)beyond_no_files_limit(multipart_size_without_files_);
  }
}

void Transaction::read_form() {
  FormBody form =
      parse_form(request_body_, rules_.settings.argument_separator, room_for_arguments(), arena_);
  bad_urlencoding_ = bad_urlencoding_ || form.invalid_encoding;
  if (form.too_many && observer_ != nullptr) observer_->too_many_arguments();
  add_arguments(form.arguments, true);
}

void Transaction::read_multipart() {
  MultipartBody body = parse_multipart(request_body_, content_type_,
                                       rules_.settings.upload_file_limit, arena_, observer_);
  body_error_ = body.error;
  multipart_ = body.flags;
  multipart_size_without_files_ = body.size_without_files;
  multipart_names_ = std::move(body.names);
  multipart_filenames_ = std::move(body.filenames);
  part_headers_ = std::move(body.part_headers);
  files_ = std::move(body.files);
  add_arguments(body.arguments, true);
}

void Transaction::read_json() {
  JsonBody body =
      parse_json(request_body_, rules_.settings.json_depth_limit, room_for_arguments(), arena_);
  body_error_ = body.error;
  if (body.too_many && observer_ != nullptr) observer_->too_many_arguments();
  add_arguments(body.arguments, true);
}

void Transaction::read_xml() {
  XmlBody body = parse_xml(request_body_, arena_);
  body_error_ = body.error;
  surroundings_.xml = std::move(body.document);
}

}  // namespace sallyport::seclang
