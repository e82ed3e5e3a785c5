"""Which doors of the API bring in files, one set for each kind of thing?"""

from typing import Any

from django.urls import URLPattern, path

from command_center import tasks
from command_center.imports import KINDS
from subcommittees.imports import views
from subcommittees.imports.kinds import Kind


def _door(name: str, bases: tuple[type, ...], given: dict[str, Any]) -> Any:
    return type(name, bases, given)


def _doors(kind: Kind) -> list[URLPattern]:
    of: dict[str, Any] = {"kind": kind, "run": staticmethod(tasks.start_import)}
    new, one, stop, bad = (
        _door(f"{kind.code.title()}{door.__name__}", (door,), {**of, "__doc__": door.__doc__})
        for door in (views.NewImport, views.OneImport, views.CancelImport, views.BadRows)
    )
    at = f"{kind.code}/import/"
    name = f"api-{kind.code}-import"
    return [
        path(at, new.as_view(), name=name),
        path(f"{at}<uuid:job>/", one.as_view(), name=f"{name}-one"),
        path(f"{at}<uuid:job>/cancel/", stop.as_view(), name=f"{name}-cancel"),
        path(f"{at}<uuid:job>/bad-rows/", bad.as_view(), name=f"{name}-bad"),
    ]


urlpatterns = [door for kind in KINDS.values() for door in _doors(kind)]
