"""How does an empty installation get its operation, its ministry and the first account administrator?"""

import datetime as dt
import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.dateparse import parse_date

from journal import clock
from journal.log import Subject, record
from sites.readiness import actions as readiness
from subcommittees import cards
from subcommittees.actions import TOPIC
from subcommittees.models import Appointment, Grant, Operation, Unit, User
from subcommittees.scope import NATION, SYSTEM


class Command(BaseCommand):
    help = "Begin an empty installation; prints the one-time password of the first account administrator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--operation", required=True, help="the name of the election")
        parser.add_argument("--slug", default="bau-cu", help="its short name in addresses")
        parser.add_argument("--election-day", required=True, help="YYYY-MM-DD")
        parser.add_argument("--ministry", required=True, help="the name of the unit at the top")
        parser.add_argument("--account", default="quantri", help="the first account administrator")
        parser.add_argument("--title", default="Quản trị tài khoản", help="the name of that post")

    def handle(self, *args: Any, **options: Any) -> None:
        day = parse_date(options["election_day"])
        if day is None:
            raise CommandError("--election-day is a day such as 2026-03-15.")
        if Operation.objects.exists() or Unit.objects.exists() or User.objects.exists():
            raise CommandError("This installation has begun already.")
        try:
            with transaction.atomic():
                user, password = _begin(options, day)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{user.username}\n{password}\n")
        self.stdout.write("For one sign-in, within 7 days. · Dùng một lần, trong 7 ngày.")


def _begin(options: dict[str, Any], day: dt.date) -> tuple[User, str]:
    now = clock.now()
    operation = Operation(slug=options["slug"], name=options["operation"], election_day=day, current=True)
    ministry = Unit(path=NATION, code="BO", name=options["ministry"], kind=Unit.Kind.MINISTRY)
    password = cards.password(secrets.token_urlsafe(24), options["account"])
    user = User(username=options["account"], title=options["title"], card_until=now + cards.VALID)
    user.set_password(password)
    for row in (operation, ministry, user):
        row.full_clean(exclude=["sort_key", "search_key", "parent", "lat", "lon"])
        row.save()
    Appointment.objects.create(user=user, unit=ministry, path=NATION, role="accounts", starts_at=now)
    key = Permission.objects.get(content_type__app_label="subcommittees", codename="accounts")
    Grant.objects.create(user=user, content_object=ministry, permission=key)
    subject = Subject("account", str(user.pk), user.username)
    told = {"account": user.username, "title": user.title, "by": SYSTEM.title}
    for verb, line in (("account.created", told), ("appointment.granted", {**told, "role": "accounts"})):
        record(
            verb, at=now, operation=operation.slug, unit=ministry.place, subject=subject, topic=TOPIC,
            actor=SYSTEM.username, post=SYSTEM.title, line=line, after=None,
        )  # fmt: skip
    readiness.plan(by=SYSTEM, operation=operation)
    return user, password
