"""JSON Web Keys and Tokens for tests: made, and taken apart."""

import base64
import hashlib
import json
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils


def encoded(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class EcKey:
    """P-256, which signs with ES256."""

    def __init__(self, kid="one"):
        self.kid, self._key = kid, ec.generate_private_key(ec.SECP256R1())
        numbers = self._key.public_key().public_numbers()
        x, y = (encoded(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        self.public = {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    @property
    def jwks(self):
        return json.dumps({"keys": [{**self.public, "kid": self.kid}]})

    @property
    def private_jwk(self):
        value = self._key.private_numbers().private_value
        return {**self.public, "d": encoded(value.to_bytes(32, "big"))}

    @property
    def private_pem(self):
        return self._key.private_bytes(serialization.Encoding.PEM,
                                       serialization.PrivateFormat.PKCS8,
                                       serialization.NoEncryption()).decode()

    @property
    def public_pem(self):
        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def thumbprint(self):
        """RFC 7638."""
        text = json.dumps(self.public, separators=(",", ":"), sort_keys=True)
        return encoded(hashlib.sha256(text.encode()).digest())

    def sign_bytes(self, data):
        r, s = utils.decode_dss_signature(self._key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def verify_bytes(self, data, signature):
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        self._key.public_key().verify(utils.encode_dss_signature(r, s), data,
                                      ec.ECDSA(hashes.SHA256()))

    def sign(self, payload, **header):
        header = {"alg": "ES256", "kid": self.kid, "typ": "at+jwt", **header}
        text = ".".join(encoded(json.dumps(part).encode()) for part in (header, payload))
        return text + "." + encoded(self.sign_bytes(text.encode()))

    def token(self, **claims):
        """For the API of `accepting`, good for five minutes."""
        return self.sign({"iss": "https://login", "aud": "orders", "sub": "u-1",
                          "exp": int(time.time()) + 300, **claims})

    def accepting(self, **more):
        """The `jwt` block that takes what `token` makes."""
        return {"issuer": "https://login", "audience": "orders", "keys": {"inline": self.jwks},
                **more}

    def read(self, token):
        """Header and claims of a token that this key has signed."""
        text, _, signature = token.rpartition(".")
        self.verify_bytes(text.encode(), decoded(signature))
        return [json.loads(decoded(part)) for part in text.split(".")]


def bearer(token):
    return ("Authorization", "Bearer " + token)
