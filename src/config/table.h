// Field tables for structs of folders that know nothing of configuration: specialise Table<T> with
//   static schema::Fields<T> fields();
// and T is read like a struct that brings its own table. Its member initialisers stay the defaults.
#pragma once

#include <concepts>
#include <string>

#include "schema/field.h"

namespace sallyport::config {

template <typename T>
struct Table;

template <typename T>
concept HasTable = requires {
  { Table<T>::fields() } -> std::same_as<schema::Fields<T>>;
};

template <HasTable T>
[[nodiscard]] const schema::Fields<T>& table_of() {
  static const schema::Fields<T> table = Table<T>::fields();
  return table;
}

}  // namespace sallyport::config

namespace sallyport::schema {

template <config::HasTable T>
struct Codec<T> {
  static bool read(const Node& node, Context& context, T& out) {
    return config::table_of<T>().read(node, context, out);
  }
  static Shape shape(const T& initial) { return config::table_of<T>().shape(initial); }
  static std::string to_json(const T& /*value*/) { return {}; }
};

}  // namespace sallyport::schema
