"""The demo: it starts, every command it prints works, and it leaves nothing behind."""

import os
import re
import signal
import subprocess

from harness import binary
from harness.ports import free_port
from harness.wait import HANG, until

DEMO = binary.ROOT / "tools" / "demo"


def demo_environment():
    ports = {name: str(free_port()) for name in
             ("HTTPS_PORT", "HTTP_PORT", "ADMIN_PORT", "ORDERS_PORT")}
    return binary.environment(SALLYPORT_BINARY=str(binary.binary()), **ports), ports


def test_every_printed_command_works():
    env, _ = demo_environment()
    done = subprocess.run([DEMO, "--check"], env=env, cwd=binary.ROOT, capture_output=True,
                          text=True, timeout=2 * HANG)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not binary.REPORT.search(done.stderr), done.stderr
    assert len(re.findall(r"^ok ", done.stdout, re.M)) >= 6, done.stdout


def test_it_prints_commands_that_work_and_stops_on_interrupt(tmp_path):
    env, ports = demo_environment()
    output = tmp_path / "output"
    with open(output, "w") as file:
        demo = subprocess.Popen([DEMO], env=env, cwd=binary.ROOT, stdout=file,
                                stderr=subprocess.STDOUT, start_new_session=True)
    try:
        until(lambda: demo.poll() is not None or "Ctrl-C stops" in output.read_text(), "the demo")
        assert demo.poll() is None, output.read_text()
        commands = re.findall(r"^    (curl .+)$", output.read_text(), re.M)
        assert len(commands) >= 6
        for command in commands:
            done = subprocess.run(["bash", "-c", command + " --silent --max-time 30"],
                                  capture_output=True, timeout=HANG)
            assert done.returncode == 0, f"{command}: {done.stderr}"
    finally:
        os.killpg(demo.pid, signal.SIGINT)  # what Ctrl-C does: the whole group gets it
        try:
            demo.wait(HANG)
        except subprocess.TimeoutExpired:
            os.killpg(demo.pid, signal.SIGKILL)
            raise
    assert demo.returncode in (0, 130), output.read_text()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                left = f"HTTPS_PORT={ports['HTTPS_PORT']}".encode() in file.read().split(b"\0")
        except OSError:
            continue
        assert not left, f"process {pid} was left behind"
