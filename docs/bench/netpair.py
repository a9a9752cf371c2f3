"""Two hosts on one machine: network namespaces joined by a veth pair, a WireGuard device in each.

    left                                                    right
    10.99.0.1/24, fd99::1/64  ------- veth, MTU 1500 ----  10.99.0.2/24, fd99::2/64       outer
    192.168.177.1/24, fd77::1/64  --- WireGuard ---------  192.168.177.2/24, fd77::2/64   inner

Everything is reached on these addresses; nothing leaves the machine. Whatever is started in the namespaces
ends with the `with` block, also when this process is told to end. A run that was killed outright leaves its
namespaces; the next run removes those whose process is gone.
"""
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

PREFIX = "wgbench"
UAPI_DIRECTORY = "/var/run/wireguard"
LISTEN_PORT = 51820
PATIENCE_S = 90  # a JVM on a machine that does something else as well


class BenchError(Exception):
    """Something failed; the message says what, why, and what to do."""


def require(*tools):
    """Fails with all tools that are missing, and without root."""
    package = {"wg": "wireguard-tools", "ip": "iproute2", "ping": "iputils-ping"}
    missing = [t for t in tools if not on_path(t)]
    if missing:
        raise BenchError("missing: " + ", ".join(missing) + "; on Debian: apt-get install "
                         + " ".join(package.get(t, t) for t in missing))
    if os.geteuid() != 0:
        raise BenchError("network namespaces need root: run with sudo")


def on_path(tool):
    return any(os.access(os.path.join(d, tool), os.X_OK) for d in os.environ.get("PATH", "").split(":"))


def stop_on_signals():
    """Makes every signal that ends us unwind the stack, so that `with` blocks clean up."""
    def unwind(number, _frame):
        for again in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(again, signal.SIG_IGN)  # cleaning up is not to be interrupted
        sys.exit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, unwind)


def run(*argv, stdin=None, timeout_s=120, check=True):
    """Runs a program; its standard output."""
    try:
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{' '.join(argv)}: still running after {timeout_s} s") from None
    if check and done.returncode:
        said = (done.stderr or done.stdout).strip()[-600:]
        raise BenchError(f"{' '.join(argv)}: exit code {done.returncode}: {said}")
    return done.stdout


class Host:
    """One namespace."""

    def __init__(self, name, number):
        self.name, self.number = name, number
        self.device = ""
        self.process = None

    def run(self, *argv, **options):
        return run("ip", "netns", "exec", self.name, *argv, **options)

    def start(self, command, log, environment=None, errors=subprocess.STDOUT):
        """Starts a program that ends with the namespace."""
        with open(log, "w") as out:
            return subprocess.Popen(["ip", "netns", "exec", self.name, *shlex.split(command)],
                                    stdin=subprocess.DEVNULL, stdout=out, stderr=errors,
                                    env={**os.environ, **(environment or {})}, start_new_session=True)

    def pids(self):
        return [int(pid) for pid in run("ip", "netns", "pids", self.name, check=False).split()]

    def inner(self, family):
        return f"192.168.177.{self.number}" if family == 4 else f"fd77::{self.number}"

    def outer(self, family):
        return f"10.99.0.{self.number}" if family == 4 else f"fd99::{self.number}"

    def endpoint(self, family):
        address = self.outer(family)
        return f"{address}:{LISTEN_PORT}" if family == 4 else f"[{address}]:{LISTEN_PORT}"

    def inner_prefixes(self):
        return f"{self.inner(4)}/32,{self.inner(6)}/128"


class NetPair:
    """The two hosts, without WireGuard."""

    def __init__(self, log_directory):
        tag = f"{PREFIX}-{os.getpid()}"
        self.left, self.right = Host(tag + "-l", 1), Host(tag + "-r", 2)
        self.logs = log_directory
        self.owned_sockets = []

    def __enter__(self):
        remove_leftovers()
        try:
            for host in self.hosts():
                run("ip", "netns", "add", host.name)
                run("ip", "-n", host.name, "link", "set", "lo", "up")
            run("ip", "link", "add", "left", "netns", self.left.name, "type", "veth",
                "peer", "name", "right", "netns", self.right.name)
            for host, link in ((self.left, "left"), (self.right, "right")):
                run("ip", "-n", host.name, "addr", "add", host.outer(4) + "/24", "dev", link)
                run("ip", "-n", host.name, "addr", "add", host.outer(6) + "/64", "dev", link, "nodad")
                run("ip", "-n", host.name, "link", "set", link, "up")
            return self
        except BaseException:
            self.__exit__()
            raise

    def hosts(self):
        return self.left, self.right

    def other(self, host):
        return self.right if host is self.left else self.left

    def device_name(self, host):
        """UAPI sockets are not divided by namespace, so the name is this run's own; 15 characters at most."""
        return f"wb{os.getpid()}{'l' if host is self.left else 'r'}"

    def log(self, name):
        return os.path.join(self.logs, name + ".log")

    def start_device(self, host, command, environment=None):
        """Starts an implementation; the milliseconds from exec until its UAPI socket answers.

        For one that stays in the foreground, `host.process` is it.
        """
        host.device = self.device_name(host)
        path = f"{UAPI_DIRECTORY}/{host.device}.sock"
        self.owned_sockets.append(path)
        log = self.log(host.device)
        started = time.monotonic()
        host.process = host.start(command.replace("{if}", host.device), log, environment)
        while not answers(path):
            if host.process.poll() not in (None, 0) or time.monotonic() - started > PATIENCE_S:
                raise BenchError(f"'{command}' does not answer on {path}; it said: {tail(log)}")
            time.sleep(0.002)
        return round((time.monotonic() - started) * 1000)

    def introduce(self, outer_family, mtu):
        """Gives both devices keys, addresses and each other, and waits for the first answer."""
        keys = {host: run("wg", "genkey").strip() for host in self.hosts()}
        public = {host: run("wg", "pubkey", stdin=keys[host]).strip() for host in self.hosts()}
        for host in self.hosts():
            peer = self.other(host)
            host.run("wg", "set", host.device, "listen-port", str(LISTEN_PORT), "private-key", "/dev/stdin",
                     "peer", public[peer], "allowed-ips", peer.inner_prefixes(),
                     "endpoint", peer.endpoint(outer_family), stdin=keys[host])
            self.link_up(host, mtu)
        self.await_ping()

    def link_up(self, host, mtu):
        run("ip", "-n", host.name, "addr", "add", host.inner(4) + "/24", "dev", host.device)
        run("ip", "-n", host.name, "addr", "add", host.inner(6) + "/64", "dev", host.device, "nodad")
        run("ip", "-n", host.name, "link", "set", host.device, "up", "mtu", str(mtu))

    def await_ping(self):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.left.run("ping", "-n", "-c", "1", "-W", "1", self.right.inner(4))
                self.left.run("ping", "-n", "-c", "1", "-W", "1", self.right.inner(6))
                return
            except BenchError:
                if time.monotonic() > deadline:
                    raise BenchError("no answer through the tunnel; logs:\n" + "\n".join(
                        f"{host.device}: {tail(self.log(host.device))}" for host in self.hosts())) from None

    def start_iperf_server(self):
        self.right.start("iperf3 -s", self.log("iperf3"))
        deadline = time.monotonic() + PATIENCE_S
        while ":5201" not in self.right.run("ss", "-Hltn"):
            if time.monotonic() > deadline:
                raise BenchError("iperf3 does not listen: " + tail(self.log("iperf3")))
            time.sleep(0.05)

    def __exit__(self, *_):
        for host in self.hosts():
            end(host.pids)
            run("ip", "netns", "del", host.name, check=False)
        for path in self.owned_sockets:
            if os.path.exists(path):
                os.unlink(path)


def end(pids):
    """Ends the processes that `pids` returns: asked first, then killed."""
    for number, patience_s in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        for pid in pids():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + patience_s
        while pids() and time.monotonic() < deadline:
            time.sleep(0.05)


def remove_leftovers():
    """Removes the namespaces of earlier runs whose process no longer lives."""
    for line in run("ip", "netns", "list").splitlines():
        name = line.split()[0] if line.split() else ""
        match = re.fullmatch(PREFIX + r"-(\d+)-[lr]", name)
        if match and not os.path.exists(f"/proc/{match.group(1)}"):
            end(Host(name, 0).pids)
            run("ip", "netns", "del", name, check=False)


def answers(path):
    """Whether a device serves the UAPI socket."""
    try:
        with socket.socket(socket.AF_UNIX) as uapi:
            uapi.settimeout(2)
            uapi.connect(path)
            uapi.sendall(b"get=1\n\n")
            reply = b""
            while b"errno=" not in reply:
                part = uapi.recv(4096)
                if not part:
                    return False
                reply += part
            return b"errno=0\n" in reply
    except OSError:
        return False


def tail(path, characters=600):
    try:
        with open(path) as file:
            return file.read()[-characters:].strip() or "nothing"
    except OSError:
        return "nothing"


def cpu_s(pids):
    """Seconds of user and system time that the processes have used."""
    ticks = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        except OSError:
            pass  # it has ended
    return ticks / os.sysconf("SC_CLK_TCK")


def rss_mb(pid):
    """Resident set of a process in MiB, which the tables call MB as everybody does."""
    try:
        with open(f"/proc/{pid}/status") as file:
            match = re.search(r"VmRSS:\s+(\d+) kB", file.read())
        return int(match.group(1)) / 1024 if match else 0.0
    except OSError:
        return 0.0
