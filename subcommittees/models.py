"""Who is in the chain, and where do they stand?"""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from journal.log import Place
from subcommittees import roles
from subcommittees.imports.models import Import, Part, Row  # noqa: F401  # tables of this app
from subcommittees.vietnamese import fold, sort_key
from subcommittees.words import Words

_TYPES = ("Tỉnh ", "Thành phố ", "Phường ", "Xã ", "Đặc khu ")


class Operation(models.Model):
    """An election, or an exercise of one. Units and sites outlive it; all that happens belongs to one."""

    slug = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    election_day = models.DateField()
    current = models.BooleanField(default=False)
    exercise = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["current"], condition=Q(current=True), name="one_current_operation"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A unit of the chain; `path` is its place in the tree and ends in "/": `vn/14/03646/`."""

    class Kind(models.TextChoices):
        MINISTRY = "ministry", _("Ministry")
        HELPER_TEAM = "helper_team", _("Helper team")
        COMMAND = "command", _("Mobile Police Command")
        PROVINCE = "province", _("Province")
        COMMUNE = "commune", _("Commune")

    path = models.CharField(max_length=100, unique=True, db_collation="C")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    sort_key = models.CharField(max_length=300, db_collation="C", editable=False)
    search_key = models.CharField(max_length=300, editable=False)

    general = True  # seen by every role that covers it, whatever the role's topics

    class Meta:
        default_permissions = ()
        permissions = [(role.code, role.name.en) for role in roles.ROLES.values()]
        indexes = [
            GinIndex(SearchVector("search_key", config="simple"), name="unit_search"),
            models.Index(fields=["parent", "sort_key"], name="unit_children"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        self.set_keys()
        super().save(*args, **options)

    def set_keys(self) -> None:
        self.sort_key = sort_key(self.short)
        self.search_key = fold(f"{self.name} {self.code}")

    @property
    def short(self) -> str:
        return short(self.name)

    @property
    def full_name(self) -> str:
        return full_name(self.name, self.kind, self.parent.name if self.parent else None)

    @property
    def place(self) -> Place:
        return Place(self.path, self.full_name)


def short(name: str) -> str:
    """The name of a unit without its type: `Tô Hiệu`."""
    for word in _TYPES:
        if name.startswith(word):
            return name.removeprefix(word)
    return name


def full_name(name: str, kind: str, parent: str | None) -> str:
    """A commune with its province, for names repeat across provinces: `Phường Tô Hiệu, Sơn La`."""
    return f"{name}, {short(parent)}" if kind == Unit.Kind.COMMUNE and parent else name


class Grant(UserObjectPermissionBase):
    """The key to a unit that an appointment hands out (django-guardian, one row per appointment)."""

    content_object = models.ForeignKey(Unit, on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        default_permissions = ()


class Accounts(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account of a post. `title` names the post; no personal data is kept."""

    username = models.CharField(
        _("account"),
        max_length=60,
        unique=True,
        error_messages={"unique": _("There is already an account of this name.")},
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]*\Z", _("Use a–z, 0–9, dot, dash and underscore."))],
    )
    title = models.CharField(_("post"), max_length=200)
    is_active = models.BooleanField(default=True)
    email = models.EmailField(blank=True, default="", editable=False)  # allauth wants the column; stays empty
    created_at = models.DateTimeField(auto_now_add=True)
    # Set while the password is that of a card, not one's own.
    card_until = models.DateTimeField(null=True, editable=False)
    card_used_at = models.DateTimeField(null=True, editable=False)  # a card opens the account once
    user_permissions = models.ManyToManyField("auth.Permission", blank=True, related_name="+")
    groups = models.ManyToManyField("auth.Group", blank=True, related_name="+")

    is_superuser = False
    is_staff = False
    objects = Accounts()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["title"]

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.title or self.username


class Appointment(models.Model):
    """A person holds a role at a unit for a period: from `starts_at` until `ends_at`, which is open if null."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="appointments")
    path = models.CharField(max_length=100, db_collation="C")
    role = models.CharField(max_length=30, choices=roles.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    tidied_at = models.DateTimeField(null=True)

    topic_of_all = "people"

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["path"], name="appointment_path")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="appointment_has_a_period"
            )
        ]

    @property
    def role_name(self) -> Words:
        return roles.ROLES[self.role].name

    @property
    def post(self) -> str:
        """The post as history keeps it, in the language of the documents."""
        return f"{roles.ROLES[self.role].name.vi} · {self.unit.name}"


class Viewing(models.Model):
    """`by` looks through the eyes of `user`, read only, until it is ended or `ends_at` at the latest."""

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="+")
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["ends_at"], condition=Q(ended_at=None), name="viewing_open")]


class SignInFailure(models.Model):
    """Failed sign-ins of one account from one network, so that nobody can lock out a whole headquarters."""

    account = models.CharField(max_length=64)
    network = models.CharField(max_length=50)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "network"], name="sign_in_failure_once")]
