"""Documentation is run: every configuration in it loads, every marked command works.

A ```yaml block that is a whole configuration is checked as it stands; one that is a part is put
into a configuration around it; a block behind `<!-- not a configuration -->` is some other YAML.
A ```sh block behind `<!-- test -->` is executed in an empty folder with `sallyport` on the path.
"""

import os
import re
import subprocess

import pytest

from harness import binary, yaml12
from harness.wait import HANG

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w+)[^\n]*\n(?P<text>.*?)^(?P=indent)```$",
                   re.M | re.S)
TOP = {"listen", "apis", "upstreams", "admin", "workers", "log", "timeouts", "limits", "http",
       "trusted_proxies", "client_address", "drain", "user", "trail", "state",
       "token_service"}
# As `sallyport hash-password` writes it.
HASH = "$scrypt$ln=10,r=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
FILES = ("api.pem", "api.key", "partners-ca.pem", "ca.pem", "crl.pem", "client.pem", "client.key", "login.pem")


def documents():
    root = binary.ROOT
    return [file for file in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
            if file.exists()]


def blocks(language):
    found = []
    for file in documents():
        text = file.read_text()
        for match in FENCE.finditer(text):
            if match["language"] != language:
                continue
            before = text[:match.start()].rstrip()
            note = re.search(r"<!-- *(.*?) *-->$", before)
            line = text[:match.start()].count("\n") + 1
            body = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.M)
            found.append((f"{file.relative_to(binary.ROOT)}:{line}", note[1] if note else "", body))
    return found


def parameters(found):
    return [pytest.param(note, body, id=place) for place, note, body in found]


def completed(text):
    """A configuration that holds this part of one."""
    part = yaml12.load(text)
    assert isinstance(part, dict), "not a map"
    if "listen" in part and "apis" in part:
        return text
    if set(part) & TOP:
        head = "" if "listen" in part else 'listen: "127.0.0.1:18080"\n'
        tail = "" if "apis" in part else (
            "apis: {a: {path: /, upstream: 'http://127.0.0.1:9000', public: true}}\n")
        return head + text + "\n" + tail
    # Keys of an API, such as the example of a policy.
    inner = "".join(f"    {line}\n" for line in text.splitlines())
    return ('listen: "127.0.0.1:18080"\napis:\n  a:\n    path: /\n'
            "    upstream: http://127.0.0.1:9000\n    public: true\n" + inner)


@pytest.mark.parametrize("note, text", parameters(blocks("yaml")))
def test_yaml_in_the_documentation_loads(note, text, tmp_path, authority):
    if note == "not a configuration":
        yaml12.load(text)
        return
    certificate = authority.issue("docs.example", "docs.example")
    for name in FILES:
        source = certificate.key if name.endswith(".key") else (
            authority.cert if "ca" in name else
            authority.crl() if "crl" in name else certificate.cert)
        with open(source) as file:
            (tmp_path / name).write_text(file.read())
    (tmp_path / "sallyport.yaml").write_text(completed(text))
    names = re.findall(r"\$\{env:(\w+)\}", text)
    done = binary.run("check", "sallyport.yaml", cwd=tmp_path, env={n: HASH if n.endswith("_HASH") else "value-of-some-length" for n in names})
    assert done.returncode == 0, done.stdout + done.stderr


SHELL = [one for language in ("sh", "bash", "console") for one in blocks(language)
         if one[1] == "test"]


@pytest.mark.parametrize("note, text", parameters(SHELL))
def test_commands_in_the_documentation_work(note, text, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sallyport").symlink_to(binary.binary())
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    (tmp_path / "here").mkdir()
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=tmp_path / "here",
                          env=binary.environment(PATH=path, ROOT=str(binary.ROOT)),
                          capture_output=True, text=True, timeout=2 * HANG)
    assert done.returncode == 0, done.stdout + done.stderr


def test_links_within_the_documentation_lead_somewhere():
    broken = []
    for file in documents():
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", file.read_text()):
            if "://" not in target and not target.startswith("mailto:"):
                if not (file.parent / target).exists():
                    broken.append(f"{file.relative_to(binary.ROOT)}: {target}")
    assert broken == []


def test_decisions_have_numbers_of_their_own():
    files = sorted((binary.ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(file.name.partition("-")[0]) for file in files]
    assert numbers == list(range(1, len(files) + 1))
    for number, file in zip(numbers, files):
        assert file.read_text().startswith(f"# {number}. "), file.name


def audit_actions():
    """What the code writes into the audit trail, by how it says so."""
    source = binary.ROOT / "src"
    texts = {file: file.read_text() for file in source.rglob("*") if file.suffix in (".cc", ".h")
             and not file.stem.endswith(("_test", "_fuzz", "_bench", "_fixture"))}
    said = re.compile(r'(?:\.action = |record\(|(?<!\w)event\(|event_of\(\w+, )"([a-z_]+\.[a-z_]+)"')
    # Actions that others have to know as well are constants.
    constant = re.compile(r'inline constexpr std::string_view kAudit\w+ =\s*"([a-z_]+\.[a-z_]+)"')
    found = {action for text in texts.values()
             for action in said.findall(text) + constant.findall(text)}
    # Records that have the same handlers: "NAME.update", "NAME.remove".
    for file, text in texts.items():
        for name in re.findall(r'constexpr RecordKind \w+\{[^;]*"([a-z_]+)"\};', text):
            found |= {f"{name}.{verb}" for call, verb in (("change_record(", "update"),
                                                        ("remove_record(", "remove"))
                      if call in text}
    return found


def test_every_action_of_the_audit_trail_is_in_the_documentation():
    text = (binary.ROOT / "docs" / "operations.md").read_text()
    table = text.split("| action | actor | what |\n")[1].split("\n\n")[0]
    rows = [row.split("|")[1] for row in table.splitlines()[1:]]
    told = [action for row in rows for action in re.findall(r"`([a-z_.]+)`", row)]
    assert len(told) == len(set(told)) > 20
    assert set(told) == audit_actions()
