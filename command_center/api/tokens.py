"""Whose token does a program show?"""

from django.utils.translation import gettext as _
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from subcommittees import queries
from subcommittees.models import User


class ByToken(TokenAuthentication):
    """As the library has it, without building a query for each request."""

    def authenticate_credentials(self, key: str) -> tuple[User, str]:
        user = queries.token_holder(key)
        if user is None:
            raise AuthenticationFailed(_("Invalid token."))
        if not user.is_active:
            raise AuthenticationFailed(_("User inactive or deleted."))
        return user, key
