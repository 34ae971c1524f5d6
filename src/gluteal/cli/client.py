"""Ask the warm process to do a command. It imports next to nothing: every job of a run pays it."""

from __future__ import annotations

import json
import os
import socket
import sys


def ask(path: str, words: list[str]) -> int | None:
    """Let the warm process run a command with our folder, environment and outputs.

    Returns None where no warm process answers, so that the caller does the work itself.
    """
    environment = {k: v for k, v in os.environ.items() if k != "GLUTEAL_WARM"}
    # pathlib would cost more than the whole request
    request = json.dumps({"words": words, "cwd": os.getcwd(), "env": environment}).encode()  # noqa: PTH109
    with socket.socket(socket.AF_UNIX) as peer:
        try:
            peer.connect(path)
            socket.send_fds(peer, [len(request).to_bytes(8, "big")], [0, 1, 2])
            peer.sendall(request)
        except OSError:
            return None
        try:
            answer = peer.recv(1)
        except OSError:
            answer = b""
    if not answer:
        print("gluteal: the warm process died while it worked on this", file=sys.stderr)
        return 1
    return answer[0]
