"""What does `make up` do first, on a machine that has nothing but Python?"""

import argparse
import os
import sys

from . import doctor, install, screen


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m command_center.up", description=__doc__)
    parser.add_argument("--doctor", action="store_true", help="check this machine and say what to mend")
    parser.add_argument("--install", action="store_true", help="only install the development environment")
    parser.add_argument("--for-tests", action="store_true", help="run the command on throw-away services")
    parser.add_argument("--durable", action="store_true", help="with --for-tests: what is committed stays")
    parser.add_argument("--follow", action="store_true", help="stop when the process that started this ends")
    parser.add_argument("command", nargs="*", help="with --for-tests: what to run, after --")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    if asked.doctor:
        sys.exit(doctor.report())
    install.ensure(install.DEV if asked.for_tests or asked.install else install.RUNTIME)
    if asked.install:
        return
    screen.flush()
    os.chdir(install.ROOT)
    story = ["command_center.up.run", *(["--follow"] if asked.follow else [])]
    if asked.for_tests:
        story = ["command_center.up.trial", *(["--durable"] if asked.durable else []), *asked.command]
    os.execv(install.python(), [str(install.python()), "-m", *story])  # noqa: S606 - our own Python


if __name__ == "__main__":
    with screen.quiet_interrupt():
        main()
