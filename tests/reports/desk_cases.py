"""What is done about the addresses of posts, one case for every action: what the replay test replays."""

from subcommittees.desks import actions as desks


def addressed(cast, **more):
    given = {"by": cast.sonla, "user": cast.sonla, "channel": "sms", "address": "0212 000 123"} | more
    return desks.set_address(operation=cast.operation, **given)


def tried(cast):
    addressed(cast)
    return desks.try_address(by=cast.sonla, operation=cast.operation, user=cast.sonla, channel="sms")


CASES = {"desks.set_address": addressed, "desks.try_address": tried}
