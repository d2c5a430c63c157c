"""Tests that a test which leaves something behind fails, and that one which ends what it starts does not."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = """
import asyncio, threading, time
from concurrent.futures import ThreadPoolExecutor

import pytest

stop = threading.Event()
running = []

async def test_leaves_a_task():
    running.append(asyncio.create_task(asyncio.sleep(60)))

async def test_ends_its_tasks():
    done, waiting = asyncio.create_task(asyncio.sleep(0)), asyncio.create_task(asyncio.sleep(60))
    await done
    waiting.cancel()
    await asyncio.to_thread(time.sleep, 0)

def test_leaves_a_thread():
    threading.Thread(target=stop.wait, name="forgotten", daemon=True).start()

def test_ends_its_thread():
    thread = threading.Thread(target=time.sleep, args=(0.2,))
    thread.start()

@pytest.fixture(scope="module")
def lasting():
    threading.Thread(target=stop.wait, daemon=True).start()

def test_uses_what_lasts_longer(lasting):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
"""


def test_what_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tests.leaks import *\n")
    (tmp_path / "test_some.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    failed = set(re.findall(r"^(?:ERROR|FAILED) \S+::(\w+)", done.stdout, re.MULTILINE))
    assert failed == {"test_leaves_a_task", "test_leaves_a_thread"}, done.stdout
    assert "forgotten" in done.stdout
