"""Which door of the API is where?"""

from django.urls import path, register_converter
from drf_spectacular.views import SpectacularSwaggerSplitView

from command_center.api import exports, finding, imports, views
from command_center.exports import LISTINGS
from incidents import states
from incidents import views as incidents
from sites import states as places
from sites import views as sites
from sites.boards import views as boards
from sites.checks import views as checks
from sites.inspections import views as inspections
from sites.life import views as life
from sites.local_items import views as local_items
from sites.readiness import views as readiness
from sites.slots import views as slots
from sites.unit_reports import views as own
from subcommittees import views as chain


class Verb:
    """A verb of MOVES; anything else is an address that does not exist."""

    regex = "|".join(states.MOVES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Step(Verb):
    """A verb of the life of a polling site."""

    regex = "|".join(places.MOVES)


class Number:
    """A row number in ASCII digits that fits the column."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class Account:
    """The name of an account."""

    regex = "[a-z0-9][a-z0-9._-]{0,59}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Listed:
    """A list that can be had as a file."""

    regex = "|".join(LISTINGS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Token(Listed):
    """256 bits that nobody guesses."""

    regex = "[A-Za-z0-9_-]{43}"


register_converter(Listed, "listing")
register_converter(Token, "token")
register_converter(Verb, "verb")
register_converter(Step, "step")
register_converter(Account, "account")
register_converter(Number, "number")

urlpatterns = [
    path("incidents/", incidents.Incidents.as_view(), name="api-incidents"),
    path("incidents/<uuid:incident>/", incidents.OneIncident.as_view(), name="api-incident"),
    path("incidents/<uuid:incident>/timeline/", incidents.IncidentTimeline.as_view(), name="api-timeline"),
    path("incidents/<uuid:incident>/<verb:verb>/", incidents.Act.as_view(), name="api-act"),
    *imports.urlpatterns,  # before the site that a slug would name
    path("sites/", sites.Sites.as_view(), name="api-sites"),
    path("sites/<slug:code>/", sites.OneSite.as_view(), name="api-site"),
    path("sites/<slug:code>/<step:verb>/", life.Step.as_view(), name="api-site-act"),
    path("readiness/", readiness.Readiness.as_view(), name="api-readiness"),
    path("readiness/history/", boards.History.as_view(), name="api-readiness-history"),
    path("readiness/items/", boards.Items.as_view(), name="api-readiness-items"),
    path("readiness/verify/", readiness.Verify.as_view(), name="api-readiness-verify"),
    path("readiness/return/", readiness.SendBack.as_view(), name="api-readiness-return"),
    path("readiness/urge/", checks.Urge.as_view(), name="api-readiness-urge"),
    path("slots/<number:slot>/edit/", slots.OneSlot.as_view(), name="api-slot-edit"),
    path("slots/", slots.Slots.as_view(), name="api-slots"),
    path("checklist/", local_items.LocalChecklist.as_view(), name="api-checklist"),
    path("checklist/<number:item>/retire/", local_items.RetireItem.as_view(), name="api-checklist-retire"),
    path("findings/", checks.Findings.as_view(), name="api-findings"),
    path("findings/<uuid:finding>/close/", checks.Close.as_view(), name="api-finding-close"),
    path("inspections/", inspections.Inspections.as_view(), name="api-inspections"),
    path("unit-reports/", own.UnitReports.as_view(), name="api-unit-reports"),
    path("unit-reports/verify/", own.VerifyUnit.as_view(), name="api-unit-reports-verify"),
    path("unit-reports/return/", own.ReturnUnit.as_view(), name="api-unit-reports-return"),
    path("units/", chain.Units.as_view(), name="api-units"),
    path("operations/", chain.Operations.as_view(), name="api-operations"),
    path("me/", chain.Me.as_view(), name="api-me"),
    path("appointments/", chain.Appointments.as_view(), name="api-appointments"),
    path("appointments/<number:appointment>/relieve/", chain.Relieve.as_view(), name="api-relieve"),
    path("accounts/", chain.Accounts.as_view(), name="api-accounts"),
    path("accounts/<account:username>/reset/", chain.Reset.as_view(), name="api-reset"),
    path(
        "accounts/<account:username>/disable/",
        chain.Switch.as_view(),
        {"verb": "disable"},
        name="api-disable",
    ),
    path(
        "accounts/<account:username>/enable/", chain.Switch.as_view(), {"verb": "enable"}, name="api-enable"
    ),
    path("exports/<listing:listing>/", exports.Exports.as_view(), name="api-export"),
    path("exports/<token:token>/", exports.OneExport.as_view(), name="api-export-file"),
    path("exports/<token:token>/file/", exports.ExportDownload.as_view(), name="api-export-download"),
    path("journal/", views.Journal.as_view(), name="api-journal"),
    path("notices/", views.Notices.as_view(), name="api-notices"),
    path("picture/", views.Picture.as_view(), name="api-picture"),
    path("search/", finding.Search.as_view(), name="api-search"),
    path("tables/", views.Tables.as_view(), name="api-tables"),
    path("schema/", views.Schema.as_view(), name="api-schema"),
    # Split, on a page of ours: our policy runs no script and no style that stands inside a page.
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api-schema", template_name="command_center/api_docs.html"
        ),
        name="api-docs",
    ),
]
