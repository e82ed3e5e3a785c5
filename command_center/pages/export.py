"""Which pages hand a list out as a file?"""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from command_center import taking
from command_center.exports import LISTINGS
from reports import exports
from subcommittees.doors import operation_of, user_of


@require_http_methods(["GET", "POST"])
def export(request: HttpRequest, listing: str) -> HttpResponseBase:
    """The list as filtered: CSV flows at once, a small workbook too; a large one is made beside (POST asks for it)."""
    posted = request.method == "POST"
    form = "xlsx" if posted else request.GET.get("format", "csv")
    wanted = taking.wish(user_of(request), operation_of(request), listing, request.GET, form)
    if posted:
        return redirect("export-file", token=taking.beside(wanted).token)
    if wanted.large:
        context = {"listing": wanted.list, "total": wanted.rows, "export": None}
        return render(request, "command_center/export.html", context)
    return taking.at_once(wanted)


@require_GET
def export_file(request: HttpRequest, token: str) -> HttpResponse:
    """How far the file is, and where it can be taken from when it is done."""
    made = taking.mine(user_of(request), operation_of(request), token)
    one = LISTINGS[made.listing]
    context = {"listing": one, "total": made.total, "export": made, "going": made.state in exports.UNFINISHED}
    return render(request, "command_center/export.html", context)


@require_GET
def export_download(request: HttpRequest, token: str) -> HttpResponseBase:
    return taking.download(taking.mine(user_of(request), operation_of(request), token))
