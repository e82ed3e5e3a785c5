"""Does the web process in this container answer? `python deploy/healthy.py readyz` ends with 0 if it does."""

import os
import sys
import urllib.request

PORT = 8000


def main(page: str) -> int:
    host = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").replace(" ", "").split(",")[0]
    asked = urllib.request.Request(f"http://127.0.0.1:{PORT}/{page}", headers={"Host": host.lstrip(".")})
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
