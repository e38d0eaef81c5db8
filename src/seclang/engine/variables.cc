// What the variables of the rule language hold.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <initializer_list>
#include <span>

#include "base/text.h"
#include "seclang/engine/transaction.h"
#include "seclang/plan/plan.h"

namespace sallyport::seclang {
namespace {

// Rules compare it as a number: 03 00 09 and 100, which is ModSecurity 3.0.9, whose behaviour this
// is.
constexpr std::string_view kBuild = "030009100";

std::string_view flag(bool set) { return set ? "1" : "0"; }

std::string_view joined(std::initializer_list<std::string_view> parts, Arena& arena) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  char* const all = arena.chars(size);
  char* end = all;
  for (std::string_view part : parts) end = std::ranges::copy(part, end).out;
  return {all, size};
}

}  // namespace

std::string_view Transaction::number(std::int64_t value) {
  char* text = arena_.chars(24);
  return {text, static_cast<std::size_t>(std::to_chars(text, text + 24, value).ptr - text)};
}

std::string_view Transaction::whole_name(const Value& value) {
  std::string_view collection = name_of(value.variable);
  if (!value.keyed) return collection;
  return joined({collection, ":", value.key}, arena_);
}

KeyStore* Transaction::record_of(Variable collection) {
  if (collection == Variable::tx) return &tx_;
  if (collection == Variable::env) return &env_;
  if (KeyStore* opened = opened_record(collection)) return opened;
  if (collection != Variable::global) return nullptr;
  open_record(collection, {});  // there is one for all, which nobody needs to open
  return &records_.back()->values;
}

KeyStore* Transaction::opened_record(Variable collection) const {
  for (const std::unique_ptr<Record>& record : records_) {
    if (record->collection == collection) return &record->values;
  }
  return nullptr;
}

std::string_view Transaction::tx(const Name& name) const {
  const KeyStore::Entry* found = tx_.find(name);
  return found != nullptr ? found->value : std::string_view{};
}

std::vector<Value> Transaction::values(Variable variable, std::string_view key) {
  Target target{.variable = variable};
  target.selector.name = key;
  target.selector.hash = hash_of_name(key);
  std::vector<Value> found;
  collect(target, found);
  return found;
}

void Transaction::collect(const Target& target, std::vector<Value>& into) {
  const std::size_t begin = into.size();
  const Selector& selector = target.selector;
  if (target.variable == Variable::xml) {
    if (surroundings_.xml != nullptr) {
      std::vector<Field> found;
      select_xml(*surroundings_.xml, selector.name.empty() ? "/*" : selector.name,
                 selector.namespaces, arena_, found);
      for (const Field& field : found) {
        into.push_back({.variable = Variable::xml,
                        .key = selector.text,
                        .text = field.value,
                        .keyed = !selector.all()});
      }
    }
    // The document itself, which @validateSchema has to refuse where it is missing.
    if (selector.all() && into.size() == begin) into.push_back({.variable = Variable::xml});
  } else if (KeyStore* store = record_of(target.variable);
             store != nullptr && !selector.name.empty() && selector.regex == nullptr) {
    if (const KeyStore::Entry* found = store->find(Name::hashed(selector.name, selector.hash));
        found != nullptr) {
      into.push_back(
          {.variable = target.variable, .key = found->name, .text = found->value, .keyed = true});
    } else if (target.variable == Variable::env) {
      const char* value = std::getenv(selector.text.c_str());
      if (value != nullptr) {
        into.push_back(
            {.variable = target.variable, .key = selector.text, .text = value, .keyed = true});
      }
    }
  } else {
    collect_all(target.variable, selector, into);
  }
  if (target.count) {
    auto count = static_cast<std::int64_t>(into.size() - begin);
    into.resize(begin);
    into.push_back({.variable = target.variable,
                    .key = selector.text,
                    .text = number(count),
                    .keyed = !selector.all(),
                    .counted = true});
  }
}

// A selector that gives up selects: to look at one value more is no harm.
bool Transaction::finds(const Regex& selector, std::string_view name) {
  const Regex::Outcome outcome = selector.search(name, nullptr);
  if (outcome == Regex::Outcome::limit_exceeded) give_up();
  return outcome != Regex::Outcome::not_matched;
}

void Transaction::collect_all(Variable variable, const Selector& selector,
                              std::vector<Value>& into) {
  auto wanted = [&](std::string_view name) {
    if (selector.regex != nullptr) return finds(*selector.regex, name);
    return selector.name.empty() || text::equals_ignoring_case(name, selector.name);
  };
  auto add = [&](std::string_view name, std::string_view text) {
    if (wanted(name)) {
      into.push_back({.variable = variable, .key = name, .text = text, .keyed = true});
    }
  };
  auto fields = [&](const std::vector<Field>& from) {
    for (const Field& field : from) add(field.name, field.value);
  };
  auto names = [&](const std::vector<Field>& from) {
    for (const Field& field : from) add(field.name, field.name);
  };
  auto of_files = [&](auto text_of) {
    for (const FilePart& file : files_) add(file.name, text_of(file));
  };
  switch (variable) {
    case Variable::args:
      fields(args_get_);
      fields(args_post_);
      return;
    case Variable::args_get:
      return fields(args_get_);
    case Variable::args_post:
      return fields(args_post_);
    case Variable::args_names:
      names(args_get_);
      names(args_post_);
      return;
    case Variable::args_get_names:
      return names(args_get_);
    case Variable::args_post_names:
      return names(args_post_);
    case Variable::request_headers:
      return fields(request_headers_);
    case Variable::request_headers_names:
      return names(request_headers_);
    case Variable::request_cookies:
      return fields(cookies_);
    case Variable::request_cookies_names:
      return names(cookies_);
    case Variable::response_headers:
      return fields(response_headers_);
    case Variable::response_headers_names:
      return names(response_headers_);
    case Variable::files:
      return of_files([](const FilePart& file) { return file.filename; });
    case Variable::files_names:
      return of_files([](const FilePart& file) { return file.name; });
    case Variable::files_sizes:
      return of_files([&](const FilePart& file) {
        return number(static_cast<std::int64_t>(file.content.size()));
      });
    case Variable::files_tmp_content:
      return of_files([](const FilePart& file) { return file.content; });
    case Variable::multipart_part_headers:
      return fields(part_headers_);
    case Variable::multipart_filename:
    case Variable::multipart_name:
      for (const auto& [name, offset] :
           variable == Variable::multipart_name ? multipart_names_ : multipart_filenames_) {
        add(name, name);
      }
      return;
    case Variable::matched_vars:
      for (const Value& value : matched_all_) {
        add(whole_name(value), value.text);
      }
      return;
    case Variable::matched_vars_names:
      for (const Value& value : matched_all_) {
        std::string_view name = whole_name(value);
        add(name, name);
      }
      return;
    case Variable::tx:
      return collect_tx(selector, into);
    case Variable::env:
    case Variable::ip:
    case Variable::global:
    case Variable::session:
    case Variable::user:
    case Variable::resource:
      if (const KeyStore* store = record_of(variable); store != nullptr) {
        for (const KeyStore::Entry& entry : store->entries()) {
          if (!entry.gone) add(entry.name, entry.value);
        }
      }
      return;
    case Variable::rule:
      if (current_ != nullptr) {
        add("id", number(current_->id));
        add("rev", current_->rev);
        const LinkActions& actions = current_->chain.front().actions;
        if (actions.severity) add("severity", number(*actions.severity));
        if (!actions.msg.empty()) add("msg", expand(actions.msg, current_));
        if (!actions.logdata.empty()) add("logdata", expand(actions.logdata, current_));
      }
      return;
    case Variable::geo:
      return fields(surroundings_.place);
    case Variable::files_tmpnames:  // nothing is written to disk
      return;
    default:
      if (selector.all()) into.push_back({.variable = variable, .text = scalar(variable)});
  }
}

// Which of the values that every transaction begins with an expression finds is known.
void Transaction::collect_tx(const Selector& selector, std::vector<Value>& into) {
  const std::vector<KeyStore::Entry>& entries = tx_.entries();
  auto add = [&](const KeyStore::Entry& entry) {
    if (entry.gone) return;
    into.push_back(
        {.variable = Variable::tx, .key = entry.name, .text = entry.value, .keyed = true});
  };
  std::size_t from = 0;
  if (plan_ != nullptr && selector.regex != nullptr) {
    auto known = plan_->tx->found.find(selector.regex.get());
    if (known != plan_->tx->found.end()) {
      for (std::uint32_t index : known->second) add(entries[index]);
      from = plan_->tx->values.entries().size();
    }
  }
  for (const KeyStore::Entry& entry : std::span(entries).subspan(from)) {
    if (selector.regex == nullptr || finds(*selector.regex, entry.name)) add(entry);
  }
}

std::string_view Transaction::scalar(Variable variable) {
  switch (variable) {
    case Variable::args_combined_size:
      return number(static_cast<std::int64_t>(arguments_size_));
    case Variable::auth_type:
      return auth_type_;
    case Variable::duration: {
      using std::chrono::microseconds;
      const auto since = std::chrono::steady_clock::now().time_since_epoch();
      const auto now = std::chrono::duration_cast<microseconds>(since).count();
      const auto passed = now - facts_.microseconds;
      char* text = arena_.chars(32);  // seconds with six places
      const int size =
          std::snprintf(text, 32, "%lld.%06lld", static_cast<long long>(passed / 1'000'000),
                        static_cast<long long>(passed % 1'000'000));
      return {text, static_cast<std::size_t>(size)};
    }
    case Variable::files_combined_size: {
      std::size_t all = 0;
      for (const FilePart& file : files_) all += file.content.size();
      return number(static_cast<std::int64_t>(all));
    }
    case Variable::full_request:
      return full_request();
    case Variable::full_request_length:
      return number(static_cast<std::int64_t>(full_request().size()));
    case Variable::highest_severity:
      return number(highest_severity_);
    case Variable::inbound_data_error:
      return body_done_ ? flag(inbound_error_) : "";
    case Variable::matched_var:
      return has_matched_ ? matched_text_ : std::string_view{};
    case Variable::matched_var_name:
      return has_matched_ ? whole_name(matched_) : "";
    case Variable::modsec_build:
      return kBuild;
    case Variable::msc_pcre_error:
    case Variable::msc_pcre_limits_exceeded:
      return flag(pcre_errors_ > 0);
    case Variable::multipart_boundary_quoted:
      return flag(multipart_.boundary_quoted);
    case Variable::multipart_boundary_whitespace:
      return flag(multipart_.boundary_whitespace);
    case Variable::multipart_crlf_lf_lines:
      return flag(multipart_.crlf_lf_lines);
    case Variable::multipart_data_after:
      return flag(multipart_.data_after);
    case Variable::multipart_data_before:
      return flag(multipart_.data_before);
    case Variable::multipart_file_limit_exceeded:
      return flag(multipart_.file_limit_exceeded);
    case Variable::multipart_header_folding:
      return flag(multipart_.header_folding);
    case Variable::multipart_invalid_header_folding:
      return flag(multipart_.invalid_header_folding);
    case Variable::multipart_invalid_part:
      return flag(multipart_.invalid_part);
    case Variable::multipart_invalid_quoting:
      return flag(multipart_.invalid_quoting);
    case Variable::multipart_lf_line:
      return flag(multipart_.lf_line);
    case Variable::multipart_missing_semicolon:
      return flag(multipart_.missing_semicolon);
    case Variable::multipart_strict_error:
      return flag(multipart_.strict_error);
    case Variable::multipart_unmatched_boundary:
      return std::string_view("012").substr(multipart_.unmatched_boundary, 1);
    case Variable::multipart_name:
      return multipart_names_.empty() ? "" : multipart_names_.front().text;
    case Variable::multipart_filename:
      return multipart_filenames_.empty() ? "" : multipart_filenames_.front().text;
    case Variable::outbound_data_error:
      return response_body_done_ ? flag(outbound_error_) : "";
    case Variable::path_info:
    case Variable::request_filename:
      return uri_path_;
    case Variable::query_string:
      return query_;
    case Variable::remote_addr:
    case Variable::remote_host:
      return client_;
    case Variable::remote_port:
      return number(client_port_);
    case Variable::remote_user:
      return remote_user();
    case Variable::reqbody_error:
    case Variable::reqbody_processor_error:
      return body_error_known_ ? flag(body_error_.failed) : "";
    case Variable::reqbody_error_msg:
    case Variable::reqbody_processor_error_msg:
      return body_error_text_;
    case Variable::reqbody_processor:
      return processor_name_;
    case Variable::request_basename: {
      std::size_t slash = uri_path_.find_last_of("/\\");
      return slash == std::string_view::npos ? std::string_view{} : uri_path_.substr(slash + 1);
    }
    case Variable::request_body:
      return request_body_for_rules_;
    case Variable::request_body_length:
      return request_body_for_rules_.empty()
                 ? std::string_view{}
                 : number(static_cast<std::int64_t>(request_body_for_rules_.size()));
    case Variable::request_line:
      return joined({method_, " ", uri_raw_, " HTTP/", version_}, arena_);
    case Variable::request_method:
      return method_;
    case Variable::request_protocol:
      return joined({"HTTP/", version_}, arena_);
    case Variable::request_uri:
      return uri_;
    case Variable::request_uri_raw:
      return uri_raw_;
    case Variable::response_body:
      return response_body_;
    case Variable::response_content_length:
      return response_body_done_ ? number(static_cast<std::int64_t>(response_body_.size())) : "";
    case Variable::response_content_type:
      return response_content_type_;
    case Variable::response_protocol:
      return response_protocol_;
    case Variable::response_status:
      return status_ == 0 ? "" : number(status_);
    case Variable::server_addr:
      return server_;
    case Variable::server_name:
      return host_;
    case Variable::server_port:
      return number(server_port_);
    case Variable::sessionid:
      return session_id_;
    case Variable::status_line:
      return {};
    case Variable::time:
    case Variable::time_day:
    case Variable::time_epoch:
    case Variable::time_hour:
    case Variable::time_min:
    case Variable::time_mon:
    case Variable::time_sec:
    case Variable::time_wday:
    case Variable::time_year:
      return clock_text(variable);
    case Variable::unique_id:
      return facts_.unique_id;
    case Variable::urlencoded_error:
      return flag(bad_urlencoding_);
    case Variable::userid:
      return user_id_;
    case Variable::webappid:
      return rules_.settings.web_app_id;
    default:
      return {};
  }
}

std::string_view Transaction::clock_text(Variable variable) {
  if (variable == Variable::time_epoch) return number(facts_.seconds);
  std::tm local{};
  std::time_t seconds = facts_.seconds;
  localtime_r(&seconds, &local);
  switch (variable) {
    case Variable::time_day:
      return number(local.tm_mday);
    case Variable::time_hour:
      return number(local.tm_hour);
    case Variable::time_min:
      return number(local.tm_min);
    case Variable::time_mon:
      return number(local.tm_mon);
    case Variable::time_sec:
      return number(local.tm_sec);
    case Variable::time_wday:
      return number(local.tm_wday);
    case Variable::time_year:
      return number(local.tm_year + 1900);
    default:
      break;
  }
  char* text = arena_.chars(16);
  return {text, std::strftime(text, 16, "%H:%M:%S", &local)};
}

// Of HTTP Basic authentication; other schemes name no user here.
std::string_view Transaction::remote_user() {
  static constexpr std::string_view kBasic = "Basic ";
  static const Transformation* const kBase64 = find_transformation("base64Decode");
  for (const Field& header : request_headers_) {
    if (!text::equals_ignoring_case(header.name, "authorization")) continue;
    if (!text::equals_ignoring_case(header.value.substr(0, kBasic.size()), kBasic)) return {};
    const std::string_view pair =
        kBase64->apply(header.value.substr(kBasic.size()), {.arena = arena_});
    const std::size_t colon = pair.find(':');
    return colon == std::string_view::npos ? std::string_view{} : pair.substr(0, colon);
  }
  return {};
}

// Made once, and again when the body has come.
std::string_view Transaction::full_request() {
  if (full_request_) return *full_request_;
  std::string text;
  for (const Field& header : request_headers_) {
    text.append(header.name).append(": ").append(header.value).append("\n");
  }
  text.append("\n\n").append(request_body_);
  full_request_ = arena_.copy(text);
  return *full_request_;
}

}  // namespace sallyport::seclang
