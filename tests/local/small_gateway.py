"""The smallest program that lets itself be found as a gateway: lock, port, /healthz. Run as a child."""

from __future__ import annotations

import http.server
import json
import os
import signal
import sys

from flexura.local import gateway

held = gateway.hold_lock()
if held is None:
    print("already running", file=sys.stderr)
    sys.exit(0)
instance = gateway.new_instance()


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"status": "ok", "version": "0.1.0", "instance": instance}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


def leave(*_: object) -> None:
    raise SystemExit


signal.signal(signal.SIGTERM, leave)
with held:
    port = gateway.keep_port()
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Health) as server:
        if "silent" not in sys.argv:
            held.publish(f"http://127.0.0.1:{port}", port, "fx_live_x", instance)
        print(f"environment {json.dumps(dict(os.environ))}", file=sys.stderr)
        print(
            f"in {os.getcwd()} session {os.getsid(0) != os.getsid(os.getppid())}",
            file=sys.stderr,
            flush=True,
        )
        server.serve_forever()
