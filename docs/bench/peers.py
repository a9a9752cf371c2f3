"""The implementations that are compared, and how each is brought here: from its own registry, into a cache."""
import os
import subprocess
from dataclasses import dataclass
from typing import Callable, Optional

from netpair import BenchError, on_path, run

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def default_cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "wg-agent-bench")


@dataclass
class Peer:
    """An implementation: how to build it, what it is called then, how it is started."""
    name: str
    about: str
    tool: Optional[str]                   # needed to build it
    build: Optional[Callable[[str], list]]  # cache directory -> command
    binary: Callable[[str], str]          # cache directory -> path
    arguments: str
    version: Callable[[str], str]         # binary -> text

    def obtain(self, cache, rebuild, say):
        """The path of its program, built if it is not there yet."""
        path = self.binary(cache)
        if os.access(path, os.X_OK) and not (rebuild and self.build):
            return path
        if self.build is None:
            raise BenchError(f"{path} is not installed ({self.about})")
        if not on_path(self.tool):
            raise BenchError(f"{self.tool} is not installed, which builds it ({self.about})")
        say(f"building {self.name} ({self.about})")
        environment = {**os.environ, "GOBIN": os.path.dirname(path)}
        log = os.path.join(cache, f"build-{self.name}.log")
        os.makedirs(cache, exist_ok=True)
        with open(log, "w") as out:
            code = subprocess.run(self.build(cache), stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=subprocess.STDOUT, env=environment).returncode
        if code or not os.access(path, os.X_OK):
            raise BenchError(f"building it failed with exit code {code}; see {log}")
        return path


def cargo(crate):
    return lambda cache: ["cargo", "install", "--locked", "--root", os.path.join(cache, "rust"), crate]


def first_line(binary):
    lines = run(binary, "--version", check=False).strip().splitlines()
    return lines[0] if lines else "unknown"


def go_module(binary):
    for line in run("go", "version", "-m", binary, check=False).splitlines() if on_path("go") else []:
        fields = line.split()
        if fields[:1] == ["mod"]:
            return f"{fields[1]} {fields[2]}"
    return first_line(binary)


PEERS = {peer.name: peer for peer in (
    Peer("wireguard-go", "golang.zx2c4.com/wireguard, the newest commit", "go",
         lambda cache: ["go", "install", "golang.zx2c4.com/wireguard@latest"],
         lambda cache: os.path.join(cache, "go", "wireguard"), "-f {if}", go_module),
    Peer("boringtun", "boringtun-cli on crates.io", "cargo", cargo("boringtun-cli"),
         lambda cache: os.path.join(cache, "rust", "bin", "boringtun-cli"),
         "-f --disable-drop-privileges {if}", first_line),
    Peer("gotatun", "gotatun-cli on crates.io", "cargo", cargo("gotatun-cli"),
         lambda cache: os.path.join(cache, "rust", "bin", "gotatun"),
         "-f --disable-drop-privileges {if}", first_line),
    Peer("wireguard-go-debian", "wireguard-go of Debian 12, of 2022", None, None,
         lambda cache: "/usr/bin/wireguard-go", "-f {if}", first_line),
    Peer("wg-agent", "this repository", None, None,
         lambda cache: os.path.join(REPOSITORY, "wg-agent"), "device -f {if}", first_line),
)}
