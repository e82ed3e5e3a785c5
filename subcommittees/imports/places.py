"""Which unit does somebody mean who writes a code or a name into a table?"""

from collections import defaultdict

from subcommittees.imports.cells import Fault
from subcommittees.models import Unit, User
from subcommittees.scope import reach
from subcommittees.vietnamese import fold


class Places:
    """The units at which `by` may do `verb`, by path, code and name. Any other is as if it were none."""

    def __init__(self, by: User, verb: str, topic: str) -> None:
        held = [one for one in reach(by) if verb in one.can.verbs]
        held = [one for one in held if one.can.topics is None or topic in one.can.topics]
        self.by_path: dict[str, Unit] = {}
        self.by_code: dict[str, Unit] = {}
        self.by_name: dict[str, list[Unit]] = defaultdict(list)
        for unit in Unit.objects.order_by("path").defer("search_key", "sort_key"):
            if any(unit.path.startswith(one.path) for one in held):
                self.by_path[unit.path] = unit
                self.by_code[unit.code] = unit
                for name in {fold(unit.name), fold(unit.short)}:
                    self.by_name[name].append(unit)

    def found(self, said: str, above: str = "", *, kind: str = "") -> Unit:
        """The unit of this code, path or name, below the one called `above` where that is said; else Fault."""
        unit = self.by_path.get(said) or self.by_code.get(said)
        if unit is None:
            alike = [one for one in self.by_name.get(fold(said), ()) if not kind or one.kind == kind]
            if above and len(alike) > 1:
                path = self.found(above).path
                alike = [one for one in alike if one.path.startswith(path)]
            if len(alike) > 1:
                raise Fault("many_units", said)
            unit = alike[0] if alike else None
        if unit is None or (kind and unit.kind != kind):
            self._lost_zeros(said)
            raise Fault("no_unit", said)
        return unit

    def check(self, unit: Unit, above: str) -> None:
        """Fault unless `unit` lies below the one called `above`."""
        if above and not unit.path.startswith(self.found(above).path):
            raise Fault("not_below", above)

    def _lost_zeros(self, said: str) -> None:
        if said.isdigit():
            for width in (2, 5):
                if said.zfill(width) != said and said.zfill(width) in self.by_code:
                    raise Fault("lost_zeros", said.zfill(width))
