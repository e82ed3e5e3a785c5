"""On what do the proofs run?"""

from tests.journeys.conftest import _standing, house, own_house

__all__ = ["_standing", "house", "own_house"]
