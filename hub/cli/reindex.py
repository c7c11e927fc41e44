"""samvy reindex: the search index made anew from what is stored.

Source: hub/store/reindex.py.
"""

import json
import sys

from hub.cli.opening import JsonOption, StoreOption, opened, say
from hub.store.reindex import reindex as made_anew


def reindex(store: StoreOption = None, *, as_json: JsonOption = False) -> None:
    """Make the search index anew from what is stored; the hub may go on meanwhile."""
    persons = resources = 0
    with opened(store) as found:
        for number in made_anew(found):
            persons += 1
            resources += number
    if as_json:
        sys.stdout.write(json.dumps({"persons": persons, "resources": resources}) + "\n")
    else:
        say(f"reindex: {resources} resources of {persons} people")
