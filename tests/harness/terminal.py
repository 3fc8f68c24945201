"""Runs a program at a terminal of its own, types one line when it asks with a colon, and prints all that the terminal shows.

usage: terminal.py LINE PROGRAM [ARGUMENT ...]
"""
import os
import pty
import sys

line, program = sys.argv[1], sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(program[0], program)

shown, typed = b'', False
while True:
    try:
        some = os.read(terminal, 4096)
    except OSError:  # Linux says so where the last process at the terminal has ended.
        break
    if not some:
        break
    shown += some
    if not typed and shown.endswith(b': '):
        typed = True
        os.write(terminal, line.encode() + b'\r')

sys.stdout.buffer.write(shown.replace(b'\r\n', b'\n'))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
