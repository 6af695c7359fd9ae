"""The command's last sentence, for whoever started it: Kubernetes keeps what a container leaves in its termination log."""

import os
import re
import sys
from pathlib import Path

VARIABLE = "EGOETL_TERMINATION_LOG"
MOST_BYTES = 4096
"""Kubernetes reads no more of the file."""
_CREDENTIALS = re.compile(r"://[^/@\s]*@")


def leave_last_word(sentence: str) -> None:
    """Write the sentence to the file that EGOETL_TERMINATION_LOG names, if it names one. Never raises for a file it cannot write."""
    file = os.environ.get(VARIABLE)
    if not file:
        return
    # Addresses in the text of a library's error may hold a password.
    text = _CREDENTIALS.sub("://***@", sentence).encode("utf-8", errors="replace")[:MOST_BYTES]
    try:
        Path(file).write_bytes(text.decode("utf-8", errors="ignore").encode("utf-8"))
    except OSError as error:
        print(f"egoetl: {VARIABLE} names {file}, which cannot be written: {error.strerror}.", file=sys.stderr)
