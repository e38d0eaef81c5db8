"""The command line: what it says, in which form, and with which exit code."""

import json
import re
import subprocess

import pytest

from harness import binary, yaml12
from harness.binary import run

GOOD = """listen: "127.0.0.1:18080"
apis:
  orders:
    path: /orders
    upstream: http://127.0.0.1:9000
    public: true
"""

# Four faults on known lines, all of which must be reported at once.
BAD = """listen: "127.0.0.1:18080"
apis:
  orders:
    path: /orders
    upsteam: http://127.0.0.1:9000
    public: true
  users:
    path: users
    upstream: http://127.0.0.1:9000
    public: true
    timeouts: {request: 5 minutes}
  open:
    path: /open
    upstream: nobody
    public: true
"""


@pytest.fixture
def good(tmp_path):
    file = tmp_path / "good.yaml"
    file.write_text(GOOD)
    return file


@pytest.fixture
def bad(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text(BAD)
    return file


# ---- check ----


def test_check_of_a_good_file(good):
    done = run("check", good)
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_reports_every_error_with_its_place(bad):
    done = run("check", bad)
    assert done.returncode == 2
    text = done.stdout + done.stderr
    for line, path, hint in ((5, "apis.orders.upsteam", "upstream"), (8, "apis.users.path", "/"),
                             (11, "apis.users.timeouts.request", None),
                             (14, "apis.open.upstream", "nobody")):
        found = re.search(rf"bad\.yaml:{line}:\d+: error: {re.escape(path)}: (.*)", text)
        assert found, f"nothing about line {line} in\n{text}"
        assert hint is None or hint in found[1], found[0]
    assert "\x1b[" not in text, "colour only on a terminal"


def test_check_as_json(bad, good):
    report = json.loads(run("check", "--output", "json", bad).stdout)
    assert report["errors"] == len(report["diagnostics"]) >= 4
    first = report["diagnostics"][0]
    assert set(first) >= {"severity", "file", "line", "column", "path", "message", "code"}
    assert (first["line"], first["path"]) == (5, "apis.orders.upsteam")
    assert json.loads(run("check", "--output", "json", good).stdout)["errors"] == 0


def test_check_as_sarif(bad):
    done = run("check", "--output", "sarif", bad)
    assert done.returncode == 2
    report = json.loads(done.stdout)
    assert report["version"] == "2.1.0"
    result = report["runs"][0]["results"][0]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region["startLine"] == 5
    assert result["level"] == "error"
    assert result["message"]["text"]
    rules = {rule["id"] for rule in report["runs"][0]["tool"]["driver"]["rules"]}
    assert {entry["ruleId"] for entry in report["runs"][0]["results"]} <= rules


@pytest.mark.parametrize("text, expected", [
    ("", None),
    ("listen: [\n", r":\d+:\d+: error"),
    ("listen: '127.0.0.1:1'\nlisten: '127.0.0.1:2'\n", r":2:1: error.*listen"),
    ("listen: &a '127.0.0.1:1'\n", r":1:\d+: error"),
    ("listen: '127.0.0.1:1'\napis: {a: {path: /, upstream: 'http://127.0.0.1:9'}}\n", "public"),
    (GOOD + "    headers: {request: {set: {A: '${env:NOT_SET_AT_ALL}'}}}\n", "NOT_SET_AT_ALL"),
    (GOOD + "  again:\n    path: /orders\n    upstream: http://127.0.0.1:9\n    public: true\n",
     "orders"),
    (GOOD + "    ip_allow: {allow: [10.0.0.0/33]}\n", "10.0.0.0/33"),
    (GOOD + "    ip_allow: {alow: [10.0.0.0/8]}\n", "allow"),
    ("\xff\xfe", None),
], ids=range(10))
def test_what_check_refuses(tmp_path, text, expected):
    file = tmp_path / "c.yaml"
    file.write_bytes(text.encode("latin-1"))
    done = run("check", file)
    assert done.returncode == 2
    assert re.search(expected or "c.yaml", done.stdout + done.stderr), done.stdout + done.stderr


def test_a_file_that_is_not_there():
    done = run("check", "/nowhere/at/all.yaml")
    assert done.returncode == 2
    assert "/nowhere/at/all.yaml" in done.stdout + done.stderr


def test_secrets_are_never_printed(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(GOOD + "    headers: {request: {set: {A: '${env:E2E_SECRET}', 'B C': x}}}\n")
    for arguments in (["check", file], ["check", "--output", "json", file],
                      ["explain", "--config", file, "GET", "http://a/orders"]):
        done = run(*arguments, env={"E2E_SECRET": "s3cret\x01value"})
        assert "s3cret" not in done.stdout + done.stderr


# ---- usage ----


COMMANDS = ("run", "check", "explain", "docs")


def test_help_names_the_commands():
    done = run("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert command in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_shows_an_example(command):
    done = run(command, "--help")
    assert done.returncode == 0
    assert re.search(rf"sallyport {command} \S", done.stdout), done.stdout
    assert "example" in done.stdout.lower(), done.stdout


@pytest.mark.parametrize("arguments", [
    [], ["nonsense"], ["check", "--nonsense"], ["check"], ["check", "--output", "nonsense", "x"],
    ["run", "--config"], ["explain"],
], ids=" ".join)
def test_wrong_usage_is_2_and_says_so(arguments):
    done = run(*arguments)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert done.stderr, "usage errors go to standard error"


def test_version():
    done = run("--version")
    assert done.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", done.stdout)


# ---- docs ----


def validate(schema, value, root=None, path="$"):
    """As much of JSON Schema as the published one uses; an unknown keyword is an error, so this
    cannot pass by not looking."""
    root = root or schema
    known = {"$schema", "$id", "$ref", "$defs", "title", "description", "default", "examples",
             "type", "properties", "required", "additionalProperties", "items", "enum", "const",
             "pattern", "minimum", "maximum", "exclusiveMinimum", "minItems", "maxItems", "oneOf",
             "anyOf", "allOf", "minProperties", "maxProperties", "propertyNames", "minLength",
             "maxLength", "deprecated", "format", "not", "dependentRequired", "uniqueItems",
             "markdownDescription", "if", "then", "else", "patternProperties", "enumDescriptions"}
    if schema is True:
        return []
    if schema is False:
        return [f"{path}: not allowed"]
    assert set(schema) <= known, f"unknown keywords {set(schema) - known}"
    faults = []
    if "$ref" in schema:
        target = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        faults += validate(target, value, root, path)
    types = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted

    def fits(kind):
        if kind in ("integer", "number"):
            return isinstance(value, int if kind == "integer" else (int, float)) \
                and not isinstance(value, bool)
        return isinstance(value, types[kind])

    if wanted and not any(fits(kind) for kind in wanted):
        return faults + [f"{path}: not {wanted}"]
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{path}: {value!r} not in {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        faults.append(f"{path}: not {schema['const']!r}")
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        faults.append(f"{path}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, list):
        faults += [f"{path}: too short"] * (len(value) < schema.get("minItems", 0))
        for index, item in enumerate(value):
            faults += validate(schema.get("items", True), item, root, f"{path}[{index}]")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        faults += [f"{path}: lacks {name}" for name in schema.get("required", ())
                   if name not in value]
        faults += [f"{path}: too few"] * (len(value) < schema.get("minProperties", 0))
        for name, item in value.items():
            inner = properties.get(name, schema.get("additionalProperties", True))
            faults += validate(inner, item, root, f"{path}.{name}")
    for option in ("oneOf", "anyOf"):
        if option in schema:
            tried = [validate(one, value, root, path) for one in schema[option]]
            good = sum(not one for one in tried)
            if good != 1 if option == "oneOf" else good == 0:
                faults.append(f"{path}: {good} of {option}: {tried}")
    for one in schema.get("allOf", ()):
        faults += validate(one, value, root, path)
    return faults


@pytest.fixture(scope="module")
def schema():
    done = run("docs", "--schema")
    assert done.returncode == 0
    return json.loads(done.stdout)


def test_the_schema_says_what_it_is(schema):
    assert schema["$schema"].startswith("https://json-schema.org/draft/2020-12")


def test_the_schema_accepts_the_examples(schema):
    files = sorted((binary.ROOT / "examples").rglob("*.yaml"))
    assert files
    for file in files:
        assert validate(schema, yaml12.load(file.read_text())) == [], file
    assert validate(schema, yaml12.load(GOOD)) == []


@pytest.mark.parametrize("change", [
    "apiz: {}\n", "workers: many\n", "limits: {header_count: lots}\n",
    "timeouts: {header: 5 minutes}\n", "log: {acces: x}\n"])
def test_the_schema_refuses_what_check_refuses(schema, tmp_path, change):
    text = GOOD + change
    file = tmp_path / "c.yaml"
    file.write_text(text)
    assert run("check", file).returncode == 2
    assert validate(schema, yaml12.load(text)) != []


def test_docs_of_a_policy():
    done = run("docs", "ip_allow")
    assert done.returncode == 0
    assert "ip_allow.not_allowed" in done.stdout and "`allow`" in done.stdout
    assert run("docs", "no_such_policy").returncode == 2


def test_the_manual_page(tmp_path):
    done = run("docs", "--man")
    assert done.returncode == 0
    assert done.stdout.startswith(".") and ".TH" in done.stdout
    for command in COMMANDS:
        assert command in done.stdout


@pytest.mark.parametrize("shell", ["bash"])
def test_completion(shell, tmp_path):
    done = run("docs", "--completion", shell)
    assert done.returncode == 0
    script = tmp_path / "completion"
    script.write_text(done.stdout)
    completed = subprocess.run(
        ["bash", "-c", f"source {script}; complete -p sallyport"], capture_output=True, text=True)
    assert completed.returncode == 0, completed.stderr


# ---- examples ----


@pytest.mark.parametrize("file", sorted((binary.ROOT / "examples").rglob("*.yaml")),
                         ids=lambda file: file.name)
def test_every_example_loads(file):
    done = run("check", "--skip-files", file.name, cwd=file.parent)  # certificates are elsewhere
    assert done.returncode == 0, done.stdout + done.stderr
