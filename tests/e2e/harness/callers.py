"""Consumers and clients in a gateway's store, put there by its admin API. When a call returns, every
worker knows."""

import json
import sqlite3
import time
import urllib.parse

JSON = [("Content-Type", "application/json")]


class Callers:
    """Of a gateway that runs and has `state`."""

    def __init__(self, gateway):
        self._gateway = gateway

    def _ask(self, method, path, **members):
        response = self._gateway.admin(path, method, json.dumps(members).encode(), JSON)
        assert response.status in (200, 201, 204), (path, response, response.text)
        return response.json()

    def consumer(self, name, **members):
        """Its id."""
        return self._ask("POST", "/v1/consumers", name=name, **members)["id"]

    def client(self, name, consumer, **members):
        """Its secret, unless it has a key or a certificate."""
        made = self._ask("POST", "/v1/clients", id=name, consumer=consumer, **members)
        return made.get("secret")

    def change(self, kind, name, **members):
        """`kind`: "consumers" or "clients"."""
        self._ask("PATCH", f"/v1/{kind}/{urllib.parse.quote(name)}", **members)

    def revoke(self, kind, value):
        """`kind`: "token", "subject" or "client"."""
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        self._ask("POST", "/v1/revocations", kind=kind, value=value, until=until)

    def query(self, statement, *values):
        """What stands in the database itself."""
        database = sqlite3.connect(self._gateway.folder / "state" / "sallyport.db", timeout=30)
        try:
            return database.execute(statement, values).fetchall()
        finally:
            database.close()
