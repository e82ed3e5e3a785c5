"""What can be brought in from files?"""

from sites.imports import SITES
from subcommittees.imports.chain import ACCOUNTS, UNITS

KINDS = {kind.code: kind for kind in (UNITS, SITES, ACCOUNTS)}
