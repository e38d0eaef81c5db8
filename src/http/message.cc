// Method names.
#include "http/message.h"

namespace sallyport::http {

Method method_id(std::string_view method) {
  switch (method.size()) {
    case 3:
      if (method == "GET") return Method::get;
      if (method == "PUT") return Method::put;
      break;
    case 4:
      if (method == "POST") return Method::post;
      if (method == "HEAD") return Method::head;
      break;
    case 5:
      if (method == "PATCH") return Method::patch;
      break;
    case 6:
      if (method == "DELETE") return Method::delete_;
      break;
    case 7:
      if (method == "OPTIONS") return Method::options;
      break;
    default:
      break;
  }
  return Method::other;
}

bool is_idempotent(Method method) {
  switch (method) {
    case Method::get:
    case Method::head:
    case Method::put:
    case Method::delete_:
    case Method::options:
      return true;
    case Method::other:
    case Method::post:
    case Method::patch:
      return false;
  }
  return false;
}

}  // namespace sallyport::http
