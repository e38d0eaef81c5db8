// libxml2 as this folder uses it. Internal to the folder, the only place that knows libxml2.
#pragma once

#include <libxml/tree.h>

#include <expected>
#include <functional>
#include <memory>
#include <string>

namespace sallyport::seclang {

// For unique_ptr: what libxml2 gave is given back with its own function.
template <auto release>
struct Release {
  template <typename T>
  void operator()(T* what) const {
    release(what);
  }
};

// Settings that libxml2 has for the whole process (nothing else in it uses libxml2) and, for
// messages, for each thread. After this it opens no file, and the net never.
void prepare_xml_library();

using ReadFile = std::function<std::expected<std::string, std::string>(const std::string& path)>;

// While there is one, libxml2 may read files on this thread, through `read`: for what operators
// have written, never for a body.
class XmlFilesAllowed {
 public:
  explicit XmlFilesAllowed(const ReadFile& read);
  XmlFilesAllowed(const XmlFilesAllowed&) = delete;
  XmlFilesAllowed& operator=(const XmlFilesAllowed&) = delete;
  ~XmlFilesAllowed();
};

}  // namespace sallyport::seclang
