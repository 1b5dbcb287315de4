"""Runs a command in a real terminal of a given size, and copies what it shows to standard output.

    python3 in_terminal.py COLUMNS ROWS [--interrupt-at TEXT] -- COMMAND...

Once TEXT was shown, Ctrl-C is pressed. Ends with the command's exit code. Needs nothing but Python itself.
"""

import fcntl
import os
import pty
import struct
import sys
import termios


def main() -> int:
    split = sys.argv.index("--")
    columns, rows, *options = sys.argv[1:split]
    marker = options[1].encode() if options else b""
    child, terminal = pty.fork()
    if child == 0:
        # The size has to be there before the command asks for it.
        size = struct.pack("HHHH", int(rows), int(columns), 0, 0)
        fcntl.ioctl(1, termios.TIOCSWINSZ, size)
        os.execvp(sys.argv[split + 1], sys.argv[split + 1 :])
    shown = b""
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # The last process has closed the terminal.
            break
        if not chunk:
            break
        os.write(1, chunk)
        shown += chunk
        if marker and marker in shown:
            os.write(terminal, b"\x03")
            marker = b""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


sys.exit(main())
