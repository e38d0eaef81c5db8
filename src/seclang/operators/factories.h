// How each operator is made; operator.cc holds the table of their names. Internal to this folder.
//
// A maker refuses arguments that cannot mean anything; its error is what follows "@name: ".
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "seclang/operators/operator.h"

namespace sallyport::seclang {

using Made = std::expected<std::unique_ptr<Operator>, std::string>;

Made make_begins_with(const OperatorSource& source);
Made make_contains(const OperatorSource& source);
Made make_contains_word(const OperatorSource& source);
Made make_detect_sqli(const OperatorSource& source);
Made make_detect_xss(const OperatorSource& source);
Made make_ends_with(const OperatorSource& source);
Made make_eq(const OperatorSource& source);
Made make_fuzzy_hash(const OperatorSource& source);
Made make_ge(const OperatorSource& source);
Made make_geo_lookup(const OperatorSource& source);
Made make_gt(const OperatorSource& source);
Made make_ip_match(const OperatorSource& source);
Made make_ip_match_from_file(const OperatorSource& source);
Made make_le(const OperatorSource& source);
Made make_lt(const OperatorSource& source);
Made make_no_match(const OperatorSource& source);
Made make_pm(const OperatorSource& source);
Made make_pm_from_file(const OperatorSource& source);
Made make_rbl(const OperatorSource& source);
Made make_rx(const OperatorSource& source);
Made make_rx_global(const OperatorSource& source);
Made make_streq(const OperatorSource& source);
Made make_strmatch(const OperatorSource& source);
Made make_unconditional_match(const OperatorSource& source);
Made make_validate_byte_range(const OperatorSource& source);
Made make_validate_dtd(const OperatorSource& source);
Made make_validate_schema(const OperatorSource& source);
Made make_validate_url_encoding(const OperatorSource& source);
Made make_validate_utf8_encoding(const OperatorSource& source);
Made make_verify_cc(const OperatorSource& source);
Made make_verify_cpf(const OperatorSource& source);
Made make_verify_ssn(const OperatorSource& source);
Made make_verify_svnr(const OperatorSource& source);
Made make_within(const OperatorSource& source);

}  // namespace sallyport::seclang
