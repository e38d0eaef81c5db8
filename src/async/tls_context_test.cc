#include "async/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "async/test_certificates.h"

namespace sallyport::async {
namespace {

using ::testing::AllOf;
using testing::CertificateRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::make_certificate;
using testing::make_crl;
using testing::TestCertificate;
using testing::TestFolder;

using SslHandle = std::unique_ptr<SSL, FreeWith<SSL_free>>;
using SessionHandle = std::unique_ptr<SSL_SESSION, FreeWith<SSL_SESSION_free>>;

struct Made {
  std::shared_ptr<TlsServerContext> context;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

Made set_up(const TlsServerOptions& options, std::shared_ptr<TicketKeys> keys = nullptr) {
  Made made;
  if (keys == nullptr) keys = std::make_shared<TicketKeys>();
  made.context = TlsServerContext::create(options, std::move(keys), made.errors, made.warnings);
  return made;
}

// What a client does and what came of it.
struct Client {
  ContextHandle context{SSL_CTX_new(TLS_client_method())};
  std::string server_name;
  SSL_SESSION* resume = nullptr;

  bool ok = false;
  bool resumed = false;
  std::string presented;  // CN of the server's certificate
  std::string protocol;   // by ALPN
  std::string version;
  std::string cipher;
  std::string failure;
  std::string server_failure;
  SessionHandle session;

  void present(const TestCertificate& certificate) {
    SSL_CTX_use_certificate(context.get(), certificate.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), certificate.key.get());
  }
  void offer(const std::string& alpn) {
    std::string wire = static_cast<char>(alpn.size()) + alpn;
    SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()));
  }
  void connect(const TlsServerContext& server);
};

std::string common_name(const X509* certificate) {
  if (certificate == nullptr) return {};
  std::string text = name_text(X509_get_subject_name(certificate));
  return text.starts_with("CN=") ? text.substr(3) : text;
}

void Client::connect(const TlsServerContext& server) {
  BIO* near = nullptr;
  BIO* far = nullptr;
  BIO_new_bio_pair(&near, 0, &far, 0);
  SslHandle client(SSL_new(context.get()));
  SslHandle accepting(SSL_new(server.get()));
  SSL_set_bio(client.get(), near, near);
  SSL_set_bio(accepting.get(), far, far);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(accepting.get());
  if (!server_name.empty()) SSL_set_tlsext_host_name(client.get(), server_name.c_str());
  if (resume != nullptr) SSL_set_session(client.get(), resume);

  auto advance = [](SSL* ssl, std::string& failed) {
    ERR_clear_error();
    int done = SSL_do_handshake(ssl);
    if (done == 1) return true;
    if (int error = SSL_get_error(ssl, done); error != SSL_ERROR_WANT_READ && failed.empty()) {
      failed = openssl_error();
    }
    return false;
  };
  bool client_done = false;
  bool server_done = false;
  for (int i = 0; i < 20 && (!client_done || !server_done); ++i) {
    client_done = advance(client.get(), failure);
    server_done = advance(accepting.get(), server_failure);
  }
  char byte = 0;
  int got = SSL_read(client.get(), &byte, 1);  // takes the ticket, or the alert
  ok = client_done && server_done && SSL_get_error(client.get(), got) == SSL_ERROR_WANT_READ;
  if (!ok && failure.empty()) failure = openssl_error();
  ERR_clear_error();
  resumed = SSL_session_reused(client.get()) == 1;
  presented = common_name(SSL_get0_peer_certificate(client.get()));
  version = SSL_get_version(client.get());
  cipher = SSL_get_cipher(client.get());
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.get(), &chosen, &size);
  protocol.assign(reinterpret_cast<const char*>(chosen), size);
  session.reset(SSL_get1_session(client.get()));
  SSL_set_shutdown(client.get(), SSL_SENT_SHUTDOWN);  // or the session counts as broken
  SSL_set_shutdown(accepting.get(), SSL_SENT_SHUTDOWN);
}

class TlsContextTest : public ::testing::Test {
 protected:
  CertificateFiles files(const std::string& name, const TestCertificate& made) const {
    return {.certificate = folder_.put(name + ".pem", made.certificate_pem()),
            .key = folder_.put(name + ".key", made.key_pem())};
  }
  CertificateFiles files(const std::string& name, const std::string& alternatives,
                         bool rsa = false) const {
    return files(name,
                 make_certificate({.common_name = name, .alternatives = alternatives, .rsa = rsa}));
  }
  TlsServerOptions one(const std::string& name = "only") const {
    return {.certificates = {files(name, "DNS:" + name + ".example")}};
  }
  TestFolder folder_;
};

std::string presented_for(const TlsServerContext& server, const std::string& name) {
  Client client;
  client.server_name = name;
  client.connect(server);
  EXPECT_TRUE(client.ok) << name << ": " << client.failure;
  return client.presented;
}

TEST_F(TlsContextTest, chooses_the_certificate_by_server_name) {
  Made made = set_up({.certificates = {files("first", "DNS:first.example"),
                                       files("api", "DNS:api.example.com,DNS:API2.example.com"),
                                       files("wild", "DNS:*.example.com")}});
  ASSERT_NE(made.context, nullptr);
  EXPECT_THAT(made.warnings, IsEmpty());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"first.example", "first"},  {"api.example.com", "api"},    {"API.Example.COM", "api"},
      {"api2.example.com", "api"}, {"other.example.com", "wild"}, {"a.b.example.com", "first"},
      {"example.com", "first"},    {"unknown.test", "first"},     {"", "first"},
      {"*.example.com", "wild"},
  };
  for (const auto& [name, expected] : cases) {
    EXPECT_EQ(presented_for(*made.context, name), expected) << name;
  }
  EXPECT_THAT(made.context->names(),
              ElementsAre("*.example.com", "api.example.com", "api2.example.com", "first.example"));
}

TEST_F(TlsContextTest, serves_rsa_and_ecdsa_for_one_name) {
  Made made = set_up({.certificates = {files("rsa", "DNS:both.example", true),
                                       files("ecdsa", "DNS:both.example")}});
  ASSERT_NE(made.context, nullptr);
  EXPECT_THAT(made.warnings, IsEmpty());
  for (const char* name : {"both.example", "unknown.test"}) {
    Client modern;
    modern.server_name = name;
    modern.connect(*made.context);
    EXPECT_EQ(modern.presented, "ecdsa");
    Client old;
    old.server_name = name;
    SSL_CTX_set1_sigalgs_list(old.context.get(), "RSA-PSS+SHA256:RSA+SHA256");
    old.connect(*made.context);
    EXPECT_TRUE(old.ok) << old.failure;
    EXPECT_EQ(old.presented, "rsa");
  }
}

TEST_F(TlsContextTest, warns_of_a_name_in_two_certificates) {
  Made made =
      set_up({.certificates = {files("a", "DNS:same.example"), files("b", "DNS:same.example")}});
  ASSERT_NE(made.context, nullptr);
  EXPECT_THAT(made.warnings, ElementsAre(AllOf(HasSubstr("same.example"), HasSubstr("a.pem"),
                                               HasSubstr("b.pem"))));
  EXPECT_EQ(presented_for(*made.context, "same.example"), "a");
}

TEST_F(TlsContextTest, prefers_its_own_order_of_modern_ciphers) {
  Made made = set_up(one());
  Client client;
  client.connect(*made.context);
  EXPECT_EQ(client.version, "TLSv1.3");
  EXPECT_EQ(client.cipher, "TLS_AES_128_GCM_SHA256");
  Client old;
  SSL_CTX_set_max_proto_version(old.context.get(), TLS1_2_VERSION);
  old.connect(*made.context);
  EXPECT_EQ(old.version, "TLSv1.2");
  EXPECT_EQ(old.cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
  Client weak;
  SSL_CTX_set_max_proto_version(weak.context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(weak.context.get(), "ECDHE-ECDSA-AES128-SHA256:AES128-GCM-SHA256");
  weak.connect(*made.context);
  EXPECT_FALSE(weak.ok);
  Client ancient;
  SSL_CTX_set_security_level(ancient.context.get(), 0);
  SSL_CTX_set_min_proto_version(ancient.context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(ancient.context.get(), TLS1_1_VERSION);
  ancient.connect(*made.context);
  EXPECT_FALSE(ancient.ok);
}

TEST_F(TlsContextTest, strict_profile_is_tls_1_3_only) {
  TlsServerOptions options = one();
  options.profile = TlsProfile::strict;
  Made made = set_up(options);
  Client client;
  client.connect(*made.context);
  EXPECT_TRUE(client.ok);
  Client old;
  SSL_CTX_set_max_proto_version(old.context.get(), TLS1_2_VERSION);
  old.connect(*made.context);
  EXPECT_FALSE(old.ok);
}

TEST_F(TlsContextTest, refuses_a_client_that_shares_no_application_protocol) {
  Made made = set_up(one());
  Client fitting;
  fitting.offer("http/1.1");
  fitting.connect(*made.context);
  EXPECT_TRUE(fitting.ok);
  EXPECT_EQ(fitting.protocol, "http/1.1");
  Client silent;
  silent.connect(*made.context);
  EXPECT_TRUE(silent.ok);
  Client other;
  other.offer("h2");
  other.connect(*made.context);
  EXPECT_FALSE(other.ok);
  EXPECT_THAT(other.failure, HasSubstr("no application protocol"));
}

TEST_F(TlsContextTest, resumes_sessions_across_reloads_and_two_rotations) {
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto keys = std::make_shared<TicketKeys>();
    TlsServerOptions options = one();
    Made before = set_up(options, keys);
    Client first;
    SSL_CTX_set_max_proto_version(first.context.get(), version);
    first.connect(*before.context);
    ASSERT_TRUE(first.ok) << first.failure;
    EXPECT_FALSE(first.resumed);

    Made after = set_up(options, keys);
    auto resumes = [&](SSL_SESSION* session, SessionHandle* renewed = nullptr) {
      Client again;
      SSL_CTX_set_max_proto_version(again.context.get(), version);
      SessionHandle copy(SSL_SESSION_dup(session));  // a failed attempt would spoil the original
      again.resume = copy.get();
      again.connect(*after.context);
      EXPECT_TRUE(again.ok) << again.failure;
      if (renewed != nullptr) *renewed = std::move(again.session);
      return again.resumed;
    };
    EXPECT_TRUE(resumes(first.session.get()));
    keys->rotate();
    SessionHandle renewed;
    EXPECT_TRUE(resumes(first.session.get(), &renewed));
    keys->rotate();
    EXPECT_TRUE(resumes(first.session.get()));
    keys->rotate();
    EXPECT_FALSE(resumes(first.session.get())) << "the key is gone";
    EXPECT_TRUE(resumes(renewed.get())) << "a ticket under an old key is renewed";
  }
}

TEST_F(TlsContextTest, without_tickets_nothing_is_resumed) {
  TlsServerOptions options = one();
  options.session_tickets = false;
  Made made = set_up(options);
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Client first;
    SSL_CTX_set_max_proto_version(first.context.get(), version);
    first.connect(*made.context);
    ASSERT_TRUE(first.ok);
    EXPECT_EQ(SSL_SESSION_has_ticket(first.session.get()), 0);
    Client again;
    SSL_CTX_set_max_proto_version(again.context.get(), version);
    again.resume = first.session.get();
    again.connect(*made.context);
    EXPECT_TRUE(again.ok);
    EXPECT_FALSE(again.resumed);
  }
}

class ClientCertificateTest : public TlsContextTest {
 protected:
  TlsServerOptions asking(ClientCertificate how, const std::string& crl = "") const {
    TlsServerOptions options = one();
    options.client_certificate = how;
    options.client_ca = folder_.put("ca.pem", authority_.certificate_pem());
    if (!crl.empty()) options.client_crl = folder_.put("ca.crl", crl);
    return options;
  }
  TestCertificate authority_ = make_certificate({.common_name = "Partners", .authority = true});
  TestCertificate partner_ =
      make_certificate({.common_name = "partner", .issuer = &authority_, .serial = 7});
  TestCertificate stranger_ = make_certificate({.common_name = "stranger"});
};

TEST_F(ClientCertificateTest, is_required_or_requested) {
  for (ClientCertificate how : {ClientCertificate::require, ClientCertificate::request}) {
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      Made made = set_up(asking(how));
      ASSERT_NE(made.context, nullptr);
      Client partner;
      SSL_CTX_set_max_proto_version(partner.context.get(), version);
      partner.present(partner_);
      partner.connect(*made.context);
      EXPECT_TRUE(partner.ok) << partner.failure;
      Client nobody;
      SSL_CTX_set_max_proto_version(nobody.context.get(), version);
      nobody.connect(*made.context);
      EXPECT_EQ(nobody.ok, how == ClientCertificate::request);
      Client stranger;
      SSL_CTX_set_max_proto_version(stranger.context.get(), version);
      stranger.present(stranger_);
      stranger.connect(*made.context);
      EXPECT_FALSE(stranger.ok) << "a certificate that does not verify is refused either way";
    }
  }
}

TEST_F(ClientCertificateTest, names_the_authorities_it_accepts) {
  Made made = set_up(asking(ClientCertificate::require));
  Client client;
  SSL_CTX_set_client_cert_cb(client.context.get(), [](SSL* ssl, X509**, EVP_PKEY**) {
    const STACK_OF(X509_NAME)* names = SSL_get0_peer_CA_list(ssl);
    EXPECT_EQ(sk_X509_NAME_num(names), 1);
    EXPECT_EQ(name_text(sk_X509_NAME_value(names, 0)), "CN=Partners");
    return 0;
  });
  client.connect(*made.context);
  EXPECT_FALSE(client.ok);
}

TEST_F(ClientCertificateTest, is_refused_when_revoked_or_not_known_to_be_good) {
  TestCertificate other = make_certificate({.common_name = "Other", .authority = true});
  struct Case {
    std::string crl;
    bool admitted;
    std::string warning;
  };
  const std::vector<Case> cases = {
      {make_crl(authority_, {}), true, ""},
      {make_crl(authority_, {8}), true, ""},
      {make_crl(authority_, {7}), false, ""},
      {make_crl(authority_, {}, -1), false, "only an expired list of CN=Partners"},
      {make_crl(other, {}), false, "no list of CN=Partners"},
  };
  for (const Case& each : cases) {
    Made made = set_up(asking(ClientCertificate::require, each.crl));
    ASSERT_NE(made.context, nullptr);
    if (each.warning.empty()) {
      EXPECT_THAT(made.warnings, IsEmpty());
    } else {
      EXPECT_THAT(made.warnings, ElementsAre(HasSubstr(each.warning)));
    }
    Client client;
    client.present(partner_);
    client.connect(*made.context);
    EXPECT_EQ(client.ok, each.admitted) << each.warning;
  }
}

TEST_F(ClientCertificateTest, is_asked_for_again_where_other_rules_hold) {
  auto keys = std::make_shared<TicketKeys>();
  Made open = set_up(one(), keys);
  Made closed = set_up(asking(ClientCertificate::require), keys);
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Client visitor;
    SSL_CTX_set_max_proto_version(visitor.context.get(), version);
    visitor.connect(*open.context);
    ASSERT_TRUE(visitor.ok);
    Client intruder;
    SSL_CTX_set_max_proto_version(intruder.context.get(), version);
    intruder.resume = visitor.session.get();
    intruder.connect(*closed.context);
    EXPECT_FALSE(intruder.ok) << "a ticket of a listener without client certificates";

    Client partner;
    SSL_CTX_set_max_proto_version(partner.context.get(), version);
    partner.present(partner_);
    partner.connect(*closed.context);
    ASSERT_TRUE(partner.ok);
    Made revoked = set_up(asking(ClientCertificate::require, make_crl(authority_, {7})), keys);
    Client again;
    SSL_CTX_set_max_proto_version(again.context.get(), version);
    again.present(partner_);
    again.resume = partner.session.get();
    again.connect(*revoked.context);
    EXPECT_FALSE(again.ok) << "a ticket from before the revocation";
  }
}

TEST_F(TlsContextTest, says_what_is_wrong_with_its_files) {
  TestCertificate good = make_certificate({.alternatives = "DNS:a.example"});
  TestCertificate other = make_certificate({.alternatives = "DNS:a.example"});
  TestCertificate expired = make_certificate({.from_days = -20, .to_days = -10});
  TestCertificate future = make_certificate({.from_days = 10, .to_days = 20});
  TestCertificate authority = make_certificate({.common_name = "CA", .authority = true});
  TestCertificate leaf = make_certificate({.issuer = &authority});
  TestCertificate weak = make_certificate({.rsa = true, .rsa_bits = 1024});
  std::string damaged = good.certificate_pem();
  damaged.insert(damaged.size() / 2, "!!!!");

  struct Case {
    std::string name;
    std::string certificate;
    std::string key;
    std::vector<std::string> expected;
  };
  const std::vector<Case> cases = {
      {"mismatch", good.certificate_pem(), other.key_pem(), {"does not belong to certificate"}},
      {"expired", expired.certificate_pem(), expired.key_pem(), {"expired on 20"}},
      {"future", future.certificate_pem(), future.key_pem(), {"is not valid before 20"}},
      {"empty", "", good.key_pem(), {"holds no PEM block \"CERTIFICATE\""}},
      {"text", "hello", good.key_pem(), {"holds no PEM block \"CERTIFICATE\""}},
      {"damaged", damaged, good.key_pem(), {"is damaged"}},
      {"swapped", good.key_pem(), good.certificate_pem(), {"swapped", "private key"}},
      {"locked", good.certificate_pem(), good.key_pem("secret"), {"is encrypted"}},
      {"order",
       authority.certificate_pem() + leaf.certificate_pem(),
       leaf.key_pem(),
       {"put the leaf first"}},
      {"weak", weak.certificate_pem(), weak.key_pem(), {"RSA key of 2048 bits"}},
  };
  for (const Case& each : cases) {
    CertificateFiles files{.certificate = folder_.put(each.name + ".pem", each.certificate),
                           .key = folder_.put(each.name + ".key", each.key)};
    Made made = set_up({.certificates = {files}});
    EXPECT_EQ(made.context, nullptr) << each.name;
    ASSERT_EQ(made.errors.size(), each.expected.size()) << each.name;
    for (std::size_t i = 0; i < each.expected.size(); ++i) {
      EXPECT_THAT(made.errors[i], AllOf(HasSubstr(each.expected[i]), HasSubstr(each.name)));
      EXPECT_TRUE(made.errors[i].ends_with('.')) << made.errors[i];
    }
  }
}

TEST_F(TlsContextTest, reports_every_problem_at_once) {
  TlsServerOptions options{
      .certificates = {{.certificate = folder_.at("none.pem"), .key = folder_.at("none.key")}},
      .client_certificate = ClientCertificate::require,
      .client_ca = folder_.put("empty.pem", "")};
  Made made = set_up(options);
  EXPECT_EQ(made.context, nullptr);
  EXPECT_THAT(made.errors, ElementsAre(AllOf(HasSubstr("none.pem"), HasSubstr("No such file")),
                                       AllOf(HasSubstr("none.key"), HasSubstr("No such file")),
                                       AllOf(HasSubstr("CA bundle"), HasSubstr("empty.pem"))));
  EXPECT_THAT(set_up({}).errors, ElementsAre(HasSubstr("without a certificate")));
  TlsServerOptions asking = one();
  asking.client_certificate = ClientCertificate::request;
  EXPECT_THAT(set_up(asking).errors, ElementsAre(HasSubstr("client_ca")));
}

TEST_F(TlsContextTest, warns_of_open_keys_and_of_certificates_about_to_expire) {
  CertificateFiles soon =
      files("soon", make_certificate({.alternatives = "DNS:soon.example", .to_days = 5}));
  std::filesystem::permissions(
      soon.key, std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  Made made = set_up({.certificates = {soon}});
  EXPECT_NE(made.context, nullptr);
  EXPECT_THAT(made.warnings, ElementsAre(AllOf(HasSubstr("soon.key"), HasSubstr("every user")),
                                         AllOf(HasSubstr("soon.pem"), HasSubstr("expires on"))));
  EXPECT_NEAR(static_cast<double>(made.context->earliest_expiry()),
              static_cast<double>(time(nullptr) + 5 * 86'400), 60);
}

TEST_F(TlsContextTest, development_certificate_is_for_localhost_and_stays) {
  Made first = set_up({.development = true});
  Made second = set_up({.development = true});
  ASSERT_NE(first.context, nullptr);
  EXPECT_THAT(first.context->names(), ElementsAre("localhost"));
  X509* certificate = SSL_CTX_get0_certificate(first.context->get());
  EXPECT_EQ(X509_cmp(certificate, SSL_CTX_get0_certificate(second.context->get())), 0);
  EXPECT_EQ(X509_check_host(certificate, "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate, "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(certificate, "::1", 0), 1);
  EXPECT_EQ(presented_for(*first.context, "localhost"), "localhost");
}

TEST_F(TlsContextTest, connection_outlives_the_context_it_began_with) {
  Made made = set_up({.certificates = {files("first", "DNS:first.example"),
                                       files("second", "DNS:second.example")}});
  BIO* near = nullptr;
  BIO* far = nullptr;
  BIO_new_bio_pair(&near, 0, &far, 0);
  ContextHandle context(SSL_CTX_new(TLS_client_method()));
  SslHandle client(SSL_new(context.get()));
  SslHandle accepting(SSL_new(made.context->get()));
  SSL_set_bio(client.get(), near, near);
  SSL_set_bio(accepting.get(), far, far);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(accepting.get());
  SSL_set_tlsext_host_name(client.get(), "second.example");
  made.context.reset();  // a reload, before the first byte
  for (int i = 0; i < 10; ++i) {
    SSL_do_handshake(client.get());
    SSL_do_handshake(accepting.get());
  }
  EXPECT_EQ(SSL_is_init_finished(accepting.get()), 1);
  EXPECT_EQ(common_name(SSL_get0_peer_certificate(client.get())), "second");
}

TEST_F(TlsContextTest, client_context_checks_what_it_is_given) {
  std::vector<std::string> errors;
  EXPECT_EQ(TlsClientContext::create({.ca = folder_.at("none.pem")}, errors), nullptr);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("none.pem")));
  errors.clear();
  EXPECT_EQ(TlsClientContext::create({.ca = folder_.put("empty.pem", "")}, errors), nullptr);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("empty.pem")));
  errors.clear();
  TestCertificate authority = make_certificate({.authority = true});
  TlsClientOptions options{.ca = folder_.put("ca.pem", authority.certificate_pem()),
                           .certificate = files("own", "DNS:own.example")};
  EXPECT_NE(TlsClientContext::create(options, errors), nullptr);
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_NE(TlsClientContext::create({.verify = false}, errors), nullptr);

  const std::string no_file = folder_.at("no-such-file");
  setenv("SSL_CERT_FILE", no_file.c_str(), 1);
  setenv("SSL_CERT_DIR", no_file.c_str(), 1);
  EXPECT_EQ(TlsClientContext::create({}, errors), nullptr);
  unsetenv("SSL_CERT_FILE");
  unsetenv("SSL_CERT_DIR");
  EXPECT_THAT(errors, ElementsAre(HasSubstr("install ca-certificates")));
}

}  // namespace
}  // namespace sallyport::async
