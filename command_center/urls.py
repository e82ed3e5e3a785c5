"""Which door is where?"""

from allauth.account import views as allauth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, register_converter
from django.views.i18n import set_language

from command_center import health, viewing
from command_center.api import urls as api  # registers the converters of both
from command_center.pages import desks, export, imports, incident, log, places, posts, readiness, style
from incidents import pages as incidents
from sites import pages as sites
from sites.boards import pages as boards
from sites.checks import pages as checks
from sites.grid import pages as grid
from sites.inspections import pages as inspections
from sites.life import pages as life
from sites.local_items import pages as local_items
from sites.slots import pages as slots
from sites.unit_reports import pages as own
from subcommittees import accounts
from subcommittees import pages as chain
from subcommittees.desks import pages as addresses

handler400 = "command_center.errors.bad_request"
handler403 = "command_center.errors.forbidden"
handler404 = "command_center.errors.not_found"
handler500 = "command_center.errors.server_error"


class Place:
    """The path of a unit, which ends in "/"."""

    regex = "(?:[A-Za-z0-9-]{1,20}/){1,6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Place, "place")

# Every page asks for a sign-in (command_center.sign_in.SignInFirst) but these few. Of allauth only these three
# doors exist: no sign-up, no e-mail, no reset.
entrance = [
    path("accounts/login/", login_not_required(allauth.login), name="account_login"),
    path("accounts/logout/", login_not_required(allauth.logout), name="account_logout"),
    path("accounts/password/change/", allauth.password_change, name="account_change_password"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("healthz", login_not_required(health.healthz), name="healthz"),
    path("readyz", login_not_required(health.readyz), name="readyz"),
    path("ws/live/", log.live, name="live"),
]

urlpatterns = [
    *entrance,
    path("api/", include(api)),
    path("", desks.home, name="home"),
    path("desk/<place:unit>", desks.desk, name="desk"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/<uuid:incident>/", incident.incident, name="incident"),
    path("incidents/<uuid:incident>/<verb:verb>/", incident.act, name="incident-act"),
    path("report/", incidents.report, name="report"),
    path("report/similar/", incidents.similar, name="similar"),
    path("sites/", sites.sites, name="sites"),
    path("sites/<slug:code>/", places.site, name="site"),
    # Before every other address below a unit's: "grid/" could be a unit's code.
    path("readiness/<place:unit>grid/", grid.grid, name="readiness-grid"),
    path("readiness/<place:unit>grid/state/", grid.state, name="readiness-grid-state"),
    path("readiness/<place:unit>grid/save/", grid.save, name="readiness-grid-save"),
    path("readiness/<place:unit>grid/file/", grid.file, name="readiness-grid-file"),
    path("readiness/<place:unit>grid/sheet/", grid.sheet, name="readiness-grid-sheet"),
    path("calendar/", slots.calendar, name="calendar"),
    path("calendar/plan/", slots.plan, name="calendar-plan"),
    path("calendar/<number:slot>/", slots.edit, name="slot-edit"),
    path("checklist/", local_items.items, name="checklist"),
    path("checklist/<number:item>/retire/", local_items.retire, name="checklist-retire"),
    path("sites/<slug:code>/inspect/", inspections.of_site, name="site-inspect"),
    path("readiness/<place:unit>inspect/", inspections.of_unit, name="unit-inspect"),
    path("readiness/<place:unit>own/", own.own, name="readiness-own"),
    path("readiness/<place:unit>own/verify/", own.verify, name="readiness-own-verify"),
    path("readiness/<place:unit>own/return/", own.send_back, name="readiness-own-return"),
    path("readiness/", readiness.home, name="readiness"),
    path("readiness/sites/", readiness.standing, name="standing"),
    path("readiness/<place:unit>urge/", checks.urge, name="readiness-urge"),
    path("readiness/<place:unit>verify/", boards.verify, name="readiness-verify"),
    path("readiness/<place:unit>return/", boards.send_back, name="readiness-return"),
    path("readiness/<place:unit>why/", readiness.why, name="readiness-why"),
    path("readiness/<place:unit>", readiness.board, name="readiness-board"),
    path("sites/<slug:code>/<step:verb>/", life.act, name="site-act"),
    path("findings/", checks.findings, name="findings"),
    path("findings/<uuid:finding>/close/", checks.close, name="finding-close"),
    path("units/", places.units, name="units"),
    path("units/<place:unit>", places.unit, name="unit"),
    path("people/", chain.people, name="people"),
    path("new-account/", accounts.new_account, name="new-account"),
    path("chosen-accounts/", accounts.chosen, name="chosen"),
    path("people/<account:username>/", chain.person, name="person"),
    path("people/<account:username>/grant/", chain.grant, name="grant"),
    path("people/<account:username>/switch/", chain.disable, name="disable"),
    path("people/<account:username>/address/", addresses.address, name="address"),
    path("people/<account:username>/view/", viewing.start, name="view-as"),
    path("view-end/", viewing.end, name="view-end"),
    path("people/<account:username>/preview/", posts.preview, name="preview"),
    path("appointments/<number:appointment>/relieve/", posts.relieve, name="relieve"),
    path("account/", chain.account, name="account"),
    path("notices/", log.notices, name="notices"),
    path("journal/", log.journal, name="journal"),
    path("import/", imports.imports, name="imports"),
    path("import/<slug:kind>/", imports.new, name="import-new"),
    path("import/<slug:kind>/<uuid:job>/", imports.one, name="import"),
    path("import/<slug:kind>/<uuid:job>/columns/", imports.columns, name="import-columns"),
    path("import/<slug:kind>/<uuid:job>/start/", imports.start, name="import-start"),
    path("import/<slug:kind>/<uuid:job>/cancel/", imports.cancel, name="import-cancel"),
    path("import/<slug:kind>/<uuid:job>/bad-rows/", imports.bad_rows, name="import-bad"),
    path("export/<listing:listing>/", export.export, name="export"),
    path("exports/<token:token>/", export.export_file, name="export-file"),
    path("exports/<token:token>/file/", export.export_download, name="export-download"),
    path("style/", style.style, name="style"),
]
