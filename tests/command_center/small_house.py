"""How does the supervisor behave with nothing but the two servers to keep?"""

import asyncio
import sys
from pathlib import Path

from command_center.up import places, run, screen, stores
from command_center.up.supervisor import Supervisor


def main() -> None:
    place = places.lay_out(Path(sys.argv[1]))
    with run.the_only_one(place):
        run.end_leftovers(place)
        postgresql, redis = run.servers(place)
        servers = stores.postgresql(place, postgresql), stores.redis(place, redis)
        supervisor = Supervisor(place)

        async def story() -> None:
            await supervisor.start(run.SERVERS, *servers)
            stores.prepare_database(place)
            screen.say("ready")
            await asyncio.Event().wait()

        code = asyncio.run(run.until_stopped(supervisor, story()))
    screen.flush()
    sys.exit(code)


if __name__ == "__main__":
    main()
