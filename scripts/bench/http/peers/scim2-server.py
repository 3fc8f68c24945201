# scim2-server's own test server, as its command starts it, on a port of its own. Argument: the token. Prints the address as JSON.
# Started by peers.mjs with the Python that it is installed for.

import json
import os
import socket
import sys
import threading

from scim2_server.testserver.cli import main

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]


def end_with_the_process_that_started_it():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_the_process_that_started_it, daemon=True).start()
print(json.dumps({"base": f"http://127.0.0.1:{port}"}), flush=True)
sys.stderr = open(os.devnull, "w")  # a line for each request
sys.argv = ["scim2-server", "--port", str(port), "--bearer-token", sys.argv[1]]
main()
