#!/usr/bin/env python3
"""check_layers finds each kind of wrong edge, and lets right ones pass."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
loader = importlib.machinery.SourceFileLoader("check_layers", str(HERE / "check_layers"))
check_layers = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_layers", loader))
loader.exec_module(check_layers)

# File below src/, one include line, and a part of the complaint (None: allowed).
CASES = [
    ("base/a.h", "#include <vector>", None),
    ("base/a.h", '#include "base/b.h"', None),
    ("http/a.h", '#include "base/b.h"', None),
    ("main.cc", '#include "cli/run.h"', None),
    ("policies/cors/cors.cc", '#include "policy/policy.h"', None),
    ("policies/cors/cors.cc", '#include "policies/cors/origin.h"', None),
    ("policies/every_policy_test.cc", '#include "policies/cors/origin.h"', None),
    ("async/tls.cc", "#include <openssl/ssl.h>", None),
    ("base/a.h", '#include "http/b.h"', "base/ (level 0) may not include http/ (level 2)"),
    ("async/a.h", '#include "schema/b.h"', "may not include schema/ (level 1)"),
    ("policies/cors/cors.cc", '#include "upstream/pool.h"', "may not include upstream/"),
    ("policies/cors/cors.cc", '#include "policies/headers/x.h"', "policy cors may not include policy headers"),
    ("policies/cors/cors.cc", '  #  include "policies/headers/x.h"', "policy cors may not"),
    ("gateway/gateway.cc", '#include "admin/admin.h"', "may not include admin/"),
    ("cli/run.cc", '#include "main/x.h"', "may not include main/"),
    ("http/uri.cc", '#include "uri.h"', "write the path from src/"),
    ("http/uri.cc", '#include "http/../gateway/x.h"', "write the path from src/"),
    ("http/uri.cc", '#include "extra/uri.h"', "extra/ has no level"),
    ("extra/uri.cc", "#include <vector>", "extra/ has no level"),
    ("policies/authenticate/login/a.cc", '#include "policies/authenticate/token/b.h"', None),
    ("policies/authenticate/a.cc", '#include "policies/authenticate/login/b.h"', None),
    ("policies/authenticate/token/a.cc", '#include "policies/authenticate/login/b.h"', "may not include"),
    ("policies/authenticate/token/a.cc", '#include "policies/authenticate/external/b.h"', "may not include"),
    ("policies/authenticate/proof/a.cc", '#include "policies/authenticate/requirement.h"', "may not include"),
    ("policies/authenticate/new/a.cc", '#include "policies/authenticate/proof/b.h"', "new/ has no level"),
    ("gateway/a.cc", "#include <openssl/ssl.h>", "for async/"),
    ("gateway/a.cc", "#include <yaml-cpp/yaml.h>", "for config/"),
]


class CheckLayers(unittest.TestCase):
    def complaints(self, file, line):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "tools").mkdir()
            (root / "tools" / "layers.txt").write_text((HERE / "layers.txt").read_text())
            target = root / "src" / file
            target.parent.mkdir(parents=True)
            target.write_text(f"// A comment.\n{line}\n")
            return check_layers.check(root)[0]

    def test_table_of_cases(self):
        for file, line, expected in CASES:
            with self.subTest(file=file, line=line):
                found = self.complaints(file, line)
                if expected is None:
                    self.assertEqual(found, [])
                else:
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(expected, found[0])
                    self.assertTrue(found[0].startswith(f"src/{file}:2: "), found[0])


if __name__ == "__main__":
    unittest.main()
