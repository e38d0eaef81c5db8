"""Certificates made with the openssl command line, in a folder that goes away with the tests."""

import dataclasses
import pathlib
import ssl
import subprocess

SECTIONS = """
[req]
distinguished_name = dn
[dn]
[ca_default]
database = {folder}/{name}.index
new_certs_dir = {folder}
certificate = {folder}/{name}.crt
private_key = {folder}/{name}.key
default_md = sha256
default_crl_days = 30
crlnumber = {folder}/{name}.crlnumber
rand_serial = yes
unique_subject = no
policy = any
[any]
commonName = supplied
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, f"openssl {arguments}: {done.stderr}"
    return done.stdout


@dataclasses.dataclass(frozen=True)
class Certificate:
    cert: str
    key: str

    def fingerprint(self):
        """SHA-256 of the DER form, hexadecimal."""
        text = openssl("x509", "-in", self.cert, "-noout", "-fingerprint", "-sha256")
        return text.strip().rpartition("=")[2].replace(":", "").lower()


class Authority:
    """A certificate authority of one's own."""

    def __init__(self, folder, name="ca"):
        self.folder, self.name = pathlib.Path(folder), name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.cert, self._key = str(self.folder / f"{name}.crt"), str(self.folder / f"{name}.key")
        self._config = self.folder / f"{name}.cnf"
        self._config.write_text(SECTIONS.format(folder=self.folder, name=name))
        (self.folder / f"{name}.index").touch()
        (self.folder / f"{name}.crlnumber").write_text("01\n")
        openssl("req", "-x509", *_new_key("ec"), "-days", 3650, "-subj", f"/CN={name}",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-keyout", self._key, "-out", self.cert)
        self._serial = 1000

    def issue(self, name, *names, kind="ec", days=30, client=False, expired=False):
        """A certificate for `names` (DNS names or IP addresses); `name` names the files and is the
        common name."""
        base = self.folder / name.replace("*", "_")
        self._serial += 1
        extensions = base.with_suffix(".ext")
        extensions.write_text(
            "basicConstraints=critical,CA:FALSE\n"
            f"extendedKeyUsage={'clientAuth' if client else 'serverAuth'}\n"
            + (f"subjectAltName={','.join(map(_alternative, names))}\n" if names else ""))
        request, cert, key = (f"{base}{suffix}" for suffix in (".csr", ".crt", ".key"))
        openssl("req", "-new", *_new_key(kind), "-subj", f"/CN={name}", "-keyout", key,
                "-out", request)
        if expired:
            openssl("ca", "-batch", "-config", self._config, "-name", "ca_default", "-in", request,
                    "-out", cert, "-notext", "-extfile", extensions, "-policy", "any",
                    "-startdate", "20200101000000Z", "-enddate", "20200201000000Z")
        else:
            openssl("x509", "-req", "-in", request, "-CA", self.cert, "-CAkey", self._key,
                    "-set_serial", self._serial, "-days", days, "-extfile", extensions,
                    "-out", cert)
        return Certificate(cert, key)

    def revoke(self, certificate):
        openssl("ca", "-config", self._config, "-name", "ca_default", "-revoke", certificate.cert)

    def crl(self):
        """The file of the current revocation list."""
        path = str(self.folder / f"{self.name}.crl")
        openssl("ca", "-config", self._config, "-name", "ca_default", "-gencrl", "-out", path)
        return path


def _new_key(kind):
    if kind == "rsa":
        return ("-newkey", "rsa:2048", "-nodes")
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def _alternative(name):
    is_address = ":" in name or name.replace(".", "").isdigit()
    return f"IP:{name}" if is_address else f"DNS:{name}"


def client_context(ca=None, certificate=None, minimum=None, maximum=None):
    """A TLS client; without `ca` it believes anyone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if ca:
        context.load_verify_locations(ca)
        context.check_hostname = True
        context.verify_mode = ssl.CERT_REQUIRED
    if certificate:
        context.load_cert_chain(certificate.cert, certificate.key)
    if minimum:
        context.minimum_version = minimum
    if maximum:
        context.maximum_version = maximum
    return context
