#include "async/tls_certificate.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/pemerr.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/clock.h"

namespace sallyport::async {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kWarnBeforeExpiry = 14 * kDay;
constexpr std::size_t kLargestFile = std::size_t{16} * 1024 * 1024;

std::string date_text(std::int64_t unix_seconds) {
  std::array<char, 24> text{};
  write_rfc3339(text.data(), unix_seconds * 1000);
  return {text.data(), 10};
}

// True when reading stopped because there was nothing more, not because of a damaged block.
bool at_end_of_pem() {
  unsigned long code = ERR_peek_last_error();
  bool end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
  if (end) ERR_clear_error();
  return end;
}

BioHandle bio_over(const std::string& text) {
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// All blocks of one kind; an error when one is damaged or there is none.
template <typename Handle, typename Read>
std::vector<Handle> parse_all(const std::string& pem, const std::string& subject,
                              const std::string& block, Read read,
                              std::vector<std::string>& errors) {
  std::vector<Handle> all;
  ERR_clear_error();
  BioHandle bio = bio_over(pem);
  while (auto* each = read(bio.get(), nullptr, nullptr, nullptr)) all.emplace_back(each);
  if (!at_end_of_pem()) {
    errors.push_back(subject + " is damaged (" + openssl_error() + " after " +
                     std::to_string(all.size()) + " good PEM blocks): replace it.");
    all.clear();
  } else if (all.empty()) {
    errors.push_back(subject + " holds no PEM block \"" + block + "\"" +
                     (pem.find("PRIVATE KEY-----") != std::string::npos
                          ? ", but a private key: the two files may be swapped."
                          : ": name a PEM file."));
  }
  return all;
}

struct KeyReading {
  bool wanted_passphrase = false;
  static int passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* self) {
    static_cast<KeyReading*>(self)->wanted_passphrase = true;
    return -1;
  }
};

KeyHandle load_key(const std::string& file, std::vector<std::string>& errors,
                   std::vector<std::string>& warnings) {
  std::optional<std::string> pem = read_pem_file(file, "Key file ", errors);
  if (!pem) return nullptr;
  struct stat status{};
  if (stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
      (status.st_mode & S_IROTH) != 0) {
    warnings.push_back("Key file " + file +
                       " can be read by every user of this machine: chmod 600.");
  }
  bool has_key = pem->find("PRIVATE KEY-----") != std::string::npos;
  KeyReading reading;
  ERR_clear_error();
  BioHandle bio = bio_over(*pem);
  KeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &KeyReading::passphrase, &reading));
  OPENSSL_cleanse(pem->data(), pem->size());
  if (key != nullptr) return key;
  if (reading.wanted_passphrase) {
    errors.push_back("Key file " + file +
                     " is encrypted and there is nobody to ask for the passphrase: store it "
                     "decrypted (openssl pkey -in FILE -out FILE) with mode 600.");
  } else if (!has_key) {
    errors.push_back("Key file " + file +
                     " holds no private key in PEM form: name the key's file.");
  } else {
    errors.push_back("Key file " + file + " is damaged (" + openssl_error() + "): replace it.");
  }
  ERR_clear_error();
  return nullptr;
}

bool check_validity(const Certificate& certificate, std::vector<std::string>& errors,
                    std::vector<std::string>& warnings) {
  const std::int64_t now = time(nullptr);
  const std::int64_t begins = unix_time(X509_get0_notBefore(certificate.leaf.get()));
  if (certificate.expires <= now) {
    errors.push_back("Certificate " + certificate.file + " expired on " +
                     date_text(certificate.expires) + ": renew it.");
    return false;
  }
  if (begins > now) {
    errors.push_back("Certificate " + certificate.file + " is not valid before " +
                     date_text(begins) + ": check the clock, or wait until then.");
    return false;
  }
  if (certificate.expires - now < kWarnBeforeExpiry) {
    warnings.push_back("Certificate " + certificate.file + " expires on " +
                       date_text(certificate.expires) + ": renew it.");
  }
  for (const X509Handle& issuer : certificate.chain) {
    std::int64_t end = unix_time(X509_get0_notAfter(issuer.get()));
    if (end > now) continue;
    warnings.push_back("Certificate " + certificate.file + " carries an intermediate (" +
                       name_text(X509_get_subject_name(issuer.get())) + ") that expired on " +
                       date_text(end) + ": clients will refuse it.");
  }
  return true;
}

bool check_key(const Certificate& certificate, const std::string& key_file,
               std::vector<std::string>& errors) {
  if (X509_check_private_key(certificate.leaf.get(), certificate.key.get()) == 1) return true;
  ERR_clear_error();
  bool out_of_order = std::ranges::any_of(certificate.chain, [&](const X509Handle& other) {
    return X509_check_private_key(other.get(), certificate.key.get()) == 1;
  });
  ERR_clear_error();
  errors.push_back(out_of_order
                       ? "Certificate " + certificate.file +
                             " does not begin with the certificate of its key: put the leaf first."
                       : "Key file " + key_file + " does not belong to certificate " +
                             certificate.file + ": name the key it was issued for.");
  return false;
}

std::vector<std::string> dns_names(const X509* certificate) {
  std::vector<std::string> names;
  auto* alternatives = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME* alternative = sk_GENERAL_NAME_value(alternatives, i);
    if (alternative->type != GEN_DNS) continue;
    const ASN1_IA5STRING* value = alternative->d.dNSName;
    std::string name(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                     static_cast<std::size_t>(ASN1_STRING_length(value)));
    // A name with a byte that no host name has, NUL above all, could be read as another name.
    bool sound = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '.' || c == '_' || c == '*';
    });
    if (!sound) continue;
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  GENERAL_NAMES_free(alternatives);
  return names;
}

}  // namespace

std::int64_t unix_time(const ASN1_TIME* time) {
  tm broken{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &broken) != 1) return 0;
  return timegm(&broken);
}

std::string name_text(const X509_NAME* name) {
  BioHandle text(BIO_new(BIO_s_mem()));
  if (text == nullptr) return {};
  X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  long length = BIO_get_mem_data(text.get(), &data);
  return length > 0 ? std::string(data, static_cast<std::size_t>(length)) : std::string();
}

std::optional<std::string> read_pem_file(const std::string& file, const char* what,
                                         std::vector<std::string>& errors) {
  auto fail = [&](int error) {
    errors.push_back(what + file + " cannot be read (" + std::strerror(error) +
                     "): check its path and permissions.");
    return std::nullopt;
  };
  // O_NONBLOCK: a FIFO under this name must not hold up the start.
  int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fail(errno);
  std::string text;
  std::array<char, 16384> part;  // NOLINT(*-member-init): filled by read
  ssize_t got = 0;
  int error = 0;
  while (error == 0 && (got = read(fd, part.data(), part.size())) != 0) {
    if (got > 0) {
      text.append(part.data(), static_cast<std::size_t>(got));
      if (text.size() > kLargestFile) error = EFBIG;
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  close(fd);
  OPENSSL_cleanse(part.data(), part.size());
  if (error != 0) return fail(error);
  return text;
}

std::vector<X509Handle> parse_bundle(const std::string& pem, const std::string& file,
                                     std::vector<std::string>& errors) {
  return parse_all<X509Handle>(pem, "CA bundle " + file, "CERTIFICATE", &PEM_read_bio_X509, errors);
}

std::vector<CrlHandle> parse_crls(const std::string& pem, const std::string& file,
                                  std::vector<std::string>& errors) {
  return parse_all<CrlHandle>(pem, "Revocation list " + file, "X509 CRL", &PEM_read_bio_X509_CRL,
                              errors);
}

std::optional<Certificate> load_certificate(const CertificateFiles& files,
                                            std::vector<std::string>& errors,
                                            std::vector<std::string>& warnings) {
  Certificate certificate;
  certificate.file = files.certificate;
  if (auto pem = read_pem_file(files.certificate, "Certificate ", errors)) {
    certificate.chain = parse_all<X509Handle>(*pem, "Certificate " + files.certificate,
                                              "CERTIFICATE", &PEM_read_bio_X509, errors);
  }
  certificate.key = load_key(files.key, errors, warnings);
  if (certificate.chain.empty() || certificate.key == nullptr) return std::nullopt;
  certificate.leaf = std::move(certificate.chain.front());
  certificate.chain.erase(certificate.chain.begin());
  certificate.expires = unix_time(X509_get0_notAfter(certificate.leaf.get()));
  certificate.names = dns_names(certificate.leaf.get());
  bool fits = check_key(certificate, files.key, errors);
  bool valid = check_validity(certificate, errors, warnings);
  if (!fits || !valid) return std::nullopt;
  return certificate;
}

bool use_certificate(SSL_CTX* context, const Certificate& certificate) {
  STACK_OF(X509)* chain = sk_X509_new_null();
  if (chain == nullptr) return false;
  bool pushed = std::ranges::all_of(certificate.chain, [chain](const X509Handle& each) {
    return sk_X509_push(chain, each.get()) > 0;
  });
  ERR_clear_error();
  bool used = pushed && SSL_CTX_use_cert_and_key(context, certificate.leaf.get(),
                                                 certificate.key.get(), chain, 1) == 1;
  sk_X509_free(chain);  // the context holds its own references
  return used;
}

}  // namespace sallyport::async
