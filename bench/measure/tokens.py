"""Signed tokens (ES256) of about 1 KB, and the JWK Set they are verified with, made with openssl."""

import base64
import json
import subprocess
import time

HEADER = {"alg": "ES256", "kid": "bench", "typ": "at+jwt"}


def _encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, check=True, capture_output=True).stdout


def _raw_signature(der):
    """r and s of a signature in DER, 32 bytes each (RFC 7518 section 3.4)."""
    numbers, at = [], 2
    for _ in range(2):
        size = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + size], "big").to_bytes(32, "big"))
        at += 2 + size
    return b"".join(numbers)


def make(folder, count, issuer, audience):
    """Writes `count` tokens to FOLDER/tokens.txt; the JWK Set as text."""
    key = f"{folder}/tokens.pem"
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    point = _openssl("pkey", "-in", key, "-pubout", "-outform", "DER")[-64:]
    now = int(time.time())
    with open(f"{folder}/tokens.txt", "w") as file:
        for number in range(count):
            claims = {"iss": issuer, "aud": audience, "sub": f"user-{number}", "iat": now,
                      "exp": now + 86400, "jti": f"token-{number}", "scope": "things:read things:write",
                      "roles": ["reader"], "profile": "x" * 420}
            text = _encoded(json.dumps(HEADER).encode()) + "." + _encoded(json.dumps(claims).encode())
            signature = _raw_signature(_openssl("dgst", "-sha256", "-sign", key, data=text.encode()))
            file.write(f"{text}.{_encoded(signature)}\n")
    return json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "kid": "bench", "alg": "ES256",
                                 "x": _encoded(point[:32]), "y": _encoded(point[32:])}]})
