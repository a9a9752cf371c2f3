#!/usr/bin/env python3
"""Talks to wg-agent: shows its networks, brings one up, and follows what happens meanwhile.

    agent.py SOCKET NETWORK

Needs nothing but Python 3.8. docs/api.md has every method.
"""
import itertools
import json
import socket
import sys


class Refused(Exception):
    """The agent understood and said no; type is one of docs/api.md, e.g. network_not_found."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.type = error.get("data", {}).get("type", "internal_error")
        self.problems = error.get("data", {}).get("problems", [])


class Agent:
    """One connection. Replies carry the id of their request; events carry none."""

    def __init__(self, path, timeout=10):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        self._socket.connect(path)
        self._lines = self._socket.makefile("r", encoding="utf-8", newline="\n")
        self._ids = itertools.count(1)
        self._events = []

    def call(self, method, **params):
        """Sends a request and waits for its result."""
        request_id = next(self._ids)
        request = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}
        self._socket.sendall((json.dumps(request) + "\n").encode())
        while True:
            message = self._read()
            if message.get("method") == "event":
                self._events.append(message["params"])  # For events() below.
            elif "error" in message and message.get("id") in (request_id, None):
                raise Refused(message["error"])  # Without id: the connection as a whole is refused.
            elif message.get("id") == request_id:
                return message["result"]

    def events(self):
        """What happens, one event after the other, once subscribe was called."""
        while True:
            while self._events:
                yield self._events.pop(0)
            message = self._read()
            if message.get("method") == "event":
                yield message["params"]

    def _read(self):
        line = self._lines.readline()
        if not line:
            raise ConnectionError("the agent closed the connection: see its log")
        return json.loads(line)


def main():
    path, network = sys.argv[1:]
    agent = Agent(path)
    for found in agent.call("status")["networks"]:
        print(f"{found['network']}: {found['state']}, {found['peers']['total']} peers")
    agent.call("subscribe", topics=["state"])
    try:
        result = agent.call("connect", network=network)
    except Refused as refused:
        print(f"refused: {refused.type}: {refused}", file=sys.stderr)
        return 1
    for event in agent.events():
        if event["network"] == network:
            print(f"event: {event['data']['from']} -> {event['data']['to']}")
            if event["data"]["to"] == result["state"]:
                break
    print(f"connected: {result['network']} on {result['interface']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
