"""Runs the access_token.py of the folder that it is given, one command a line; see ../support/driver.ts."""

import hashlib
import sys
import time

sys.path.insert(0, sys.argv[1])
from access_token import access_token  # noqa: E402

offset = 0.0
real_time = time.time
time.time = lambda: real_time() + offset

last: dict[str, str] = {}
for line in sys.stdin:
    command, argument = line.split()
    if command == "later":
        offset += float(argument)
        print("done", flush=True)
        continue
    try:
        token = access_token(argument, last[argument]) if command == "rejected" else access_token(argument)
        last[argument] = token
        print("token", hashlib.sha256(token.encode()).hexdigest(), flush=True)
    except Exception as error:
        print("error", type(error).__name__, str(error).replace("\n", " "), flush=True)
