"""What is the API token of this account?"""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from rest_framework.authtoken.models import Token

from subcommittees.models import User


class Command(BaseCommand):
    help = "Print the API token of an account; it is made if there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *, username: str, **options: object) -> None:
        user = User.objects.filter(username=username, is_active=True, card_until=None).first()
        if user is None:
            raise CommandError(f"no active account {username!r}, or its first password is not changed yet")
        self.stdout.write(Token.objects.get_or_create(user=user)[0].key)
