"""The redis row: a server on the loopback and a free port, loaded by redis-benchmark, read back.

The server has the allocator under test, the client never. The server's CPU time is the number:
wall time is half the client's. The server is ended by its own SHUTDOWN, in any case.
"""
import os
import signal
import socket
import subprocess
import threading
import time

import allocators

TESTS = "set,get,incr,lpush,rpush,lpop,sadd,hset,zadd,lrange_100,mset"
REQUESTS = 60000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def client(port, *command):
    run = subprocess.run(["redis-cli", "-h", "127.0.0.1", "-p", str(port), *command],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                         check=False, timeout=30)
    return run.stdout.strip()


def wait_until_up(port):
    for _ in range(200):
        if client(port, "ping") == "PONG":
            return True
        time.sleep(0.02)
    return False


def kept_value(n):
    return f"value {n} of" + " x" * n


def read_back(port):
    """What was written before the load must still be there after it."""
    return [n for n in range(50) if client(port, "get", f"kept:{n}") != kept_value(n)]


def load(port, requests):
    """Requests per second of the whole load, or an error."""
    if not wait_until_up(port):
        return {"error": "redis-server does not answer"}
    for n in range(50):
        client(port, "set", f"kept:{n}", kept_value(n))
    start = time.monotonic()
    run = subprocess.run(["redis-benchmark", "-h", "127.0.0.1", "-p", str(port), "-q", "-t", TESTS,
                          "-n", str(requests), "-c", "20", "-P", "16", "-d", "100", "-r",
                          "50000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         check=False, timeout=300)
    seconds = time.monotonic() - start
    lost = read_back(port)
    if run.returncode != 0:
        return {"error": "redis-benchmark failed"}
    if lost:
        return {"error": f"redis-server lost {len(lost)} of 50 values"}
    return {"seconds": seconds, "requests_per_second":
            int(requests * (TESTS.count(",") + 1) / seconds)}


def stop_server(port, pid_path, launcher):
    client(port, "shutdown", "nosave")
    launcher.join(20)
    if launcher.is_alive():
        with open(pid_path, encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGKILL)
        launcher.join()


def run(context):
    port = free_port()
    pid_path = os.path.join(context.work, "pid")
    result = {}
    command = ["--pid", pid_path, "redis-server", "--bind", "127.0.0.1", "--port", str(port),
               "--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", context.work,
               "--loglevel", "warning"]
    launcher = threading.Thread(target=lambda: result.update(
        allocators.launch(context.folder, context.libraries, command)))
    launcher.start()
    try:
        outcome = load(port, max(1000, int(REQUESTS * context.scale)))
    finally:
        stop_server(port, pid_path, launcher)
    if "error" in outcome or "error" in result:
        return {"error": result.get("error") or outcome["error"]}
    result["wall"] = outcome["seconds"]
    result["reports"] = {"requests_per_second": outcome["requests_per_second"]}
    return result
