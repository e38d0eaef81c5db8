// Memory that transactions of a thread use one after the other, so that it is not asked for anew
// each time.
#pragma once

#include <memory>
#include <vector>

#include "seclang/bodies/body.h"
#include "seclang/engine/key_store.h"
#include "seclang/engine/proven.h"
#include "seclang/engine/value.h"

namespace sallyport::seclang {

struct Buffers {
  std::vector<Field> request_headers, response_headers, cookies, args_get, args_post;
  std::vector<Value> matched, values;
  Proven proven;
  KeyStore::Memory tx;

  struct Return {
    void operator()(Buffers* buffers) const;
  };
  // Empty ones; they go back to the thread that gives them up, unless they have grown large.
  using Lent = std::unique_ptr<Buffers, Return>;
  [[nodiscard]] static Lent lend();

 private:
  static std::vector<std::unique_ptr<Buffers>>& kept();
};

}  // namespace sallyport::seclang
