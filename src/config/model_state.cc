// See model_state.h.
#include "config/model_state.h"

#include "config/secrets.h"

namespace sallyport::config::model {

using schema::field;
using schema::Fields;

Fields<MasterKey> MasterKey::fields() {
  Fields<MasterKey> fields{
      field("file", &MasterKey::file,
            "File with 32 random bytes, as hexadecimal digits, in base64 or as they are; not open "
            "to other users of the machine.")
          .example("/etc/sallyport/master.key"),
      field("env", &MasterKey::env,
            "Environment variable with the same as text; it is removed from the environment once "
            "it was read.")
          .check([](const std::string& name) {
            return is_variable_name(name) ? std::string() : "is no name of an environment variable";
          })
          .example("SALLYPORT_MASTER_KEY"),
  };
  return fields.exactly_one_of({"file", "env"});
}

Fields<State> State::fields() {
  Fields<State> fields{
      field("path", &State::path,
            "Folder that is the gateway's own: the store of callers and the audit trail. It is "
            "made if it is not there.")
          .required()
          .example("/var/lib/sallyport"),
      field("master_key", &State::master_key,
            "The key that secrets are kept under and the audit trail is signed with.")
          .default_text("`master.key` in the folder, made at the first start"),
      field("audit_denials", &State::audit_denials,
            "Whether requests that are refused for who asks (401, 403) are recorded in the audit "
            "trail: a hundred a second, and how many more there were."),
  };
  fields.shorthand("path");
  return fields;
}

}  // namespace sallyport::config::model
