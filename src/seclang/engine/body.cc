// The request body taken apart by the processor that the content type or a rule chose.
#include "seclang/engine/transaction.h"

namespace sallyport::seclang {

void Transaction::take_body_apart() {
  std::string_view prefix;
  switch (processor_) {
    case Processor::none:
      body_error_known_ = true;
      return;
    case Processor::urlencoded: {
      FormBody form = parse_form(request_body_, rules_.settings.argument_separator,
                                 room_for_arguments(), arena_);
      bad_urlencoding_ = bad_urlencoding_ || form.invalid_encoding;
      add_arguments(form.arguments, true);
      return;
    }
    case Processor::multipart: {
      prefix = "Multipart parsing error: ";
      MultipartBody body =
          parse_multipart(request_body_, content_type_, rules_.settings.upload_file_limit, arena_);
      body_error_ = body.error;
      multipart_ = body.flags;
      multipart_names_ = std::move(body.names);
      multipart_filenames_ = std::move(body.filenames);
      part_headers_ = std::move(body.part_headers);
      add_arguments(body.arguments, true);
      for (const FilePart& file : body.files) {
        files_.push_back({.name = file.name, .value = file.filename});
        file_contents_.push_back(file.content);
      }
      break;
    }
    case Processor::json: {
      prefix = "JSON parsing error: ";
      JsonBody body =
          parse_json(request_body_, rules_.settings.json_depth_limit, room_for_arguments(), arena_);
      body_error_ = body.error;
      add_arguments(body.arguments, true);
      break;
    }
    case Processor::xml: {
      prefix = "XML parsing error: ";
      XmlBody body = parse_xml(request_body_, arena_);
      body_error_ = body.error;
      xml_ = std::move(body.document);
      break;
    }
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
  }
}

}  // namespace sallyport::seclang
