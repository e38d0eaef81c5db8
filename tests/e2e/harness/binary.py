"""The gateway's binary, and the environment that makes a sanitizer's finding fail the run."""

import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]

# Exit code of a process that a sanitizer ended, told apart from the gateway's own codes.
SANITIZER_EXIT = 66
REPORT = re.compile(
    r"ERROR: (Address|Leak|Thread|Memory)Sanitizer|WARNING: ThreadSanitizer|runtime error:"
    r"|SUMMARY: \w+Sanitizer")


def binary():
    """$SALLYPORT_BINARY, or the sanitizer build, or the release build."""
    named = os.environ.get("SALLYPORT_BINARY") or os.environ.get("SALLYPORT_BIN")
    if named:
        return pathlib.Path(named).resolve()
    for preset in ("dev", "release"):
        path = ROOT / "build" / preset / "sallyport"
        if path.exists():
            return path
    return ROOT / "build" / "dev" / "sallyport"


def environment(**more):
    """Settings added to those of the caller, who may for instance name suppressions."""
    common = f"halt_on_error=1:exitcode={SANITIZER_EXIT}:abort_on_error=0"
    settings = {
        "ASAN_OPTIONS": common + ":detect_leaks=1:detect_stack_use_after_return=1"
                                 ":strict_string_checks=1:handle_abort=1",
        "UBSAN_OPTIONS": common + ":print_stacktrace=1",
        "TSAN_OPTIONS": common + ":second_deadlock_stack=1",
    }
    merged = dict(os.environ)
    for name, value in settings.items():
        merged[name] = ":".join(filter(None, (os.environ.get(name), value)))
    # Compiled rules are kept from one test to the next, and away from the machine's own.
    merged.setdefault("CACHE_DIRECTORY", str(ROOT / "build" / "cache"))
    symbolizer = shutil.which("llvm-symbolizer-19")
    if symbolizer:
        merged.setdefault("ASAN_SYMBOLIZER_PATH", symbolizer)
        merged.setdefault("TSAN_SYMBOLIZER_PATH", symbolizer)
    for name, value in more.items():
        merged[name] = ":".join(filter(None, (merged.get(name), value))) \
            if name.endswith("SAN_OPTIONS") else value
    return merged


def sanitized():
    """Whether the binary carries a sanitizer, which takes memory and time of its own."""
    with open(binary(), "rb") as file:
        data = file.read()
    return b"__asan_init" in data or b"__tsan_init" in data


def run(*arguments, cwd=None, input=None, env=None, timeout=120):
    """The command, run to its end. A sanitizer's report fails the test at once."""
    done = subprocess.run([binary(), *map(str, arguments)], cwd=cwd, input=input, text=True,
                          capture_output=True, env=environment(**(env or {})), timeout=timeout)
    assert done.returncode != SANITIZER_EXIT and not REPORT.search(done.stderr), done.stderr
    assert done.returncode >= 0, f"killed by signal {-done.returncode}: {done.stderr}"
    return done
