# SPDX-License-Identifier: GPL-2.0
# The test machine's system log: what daemons say through /dev/log goes to a file.
import os
import re
import socket
import sys

path = "/dev/log"
if os.path.exists(path):
    os.unlink(path)
sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
sock.bind(path)
os.chmod(path, 0o666)
with open(sys.argv[1], "a", buffering=1) as out:
    while True:
        line = sock.recv(65536).rstrip(b"\n\0").decode(errors="replace")
        out.write(re.sub(r"^<\d+>", "", line) + "\n")
