"""Design: from a name or a file, and `field=value`, to a study that can be run.

::

    resolve("donor-game", {"generations": "3", "world.rounds": "6"})        # a study of the catalogue
    resolve("mine.toml")        resolve("mine.py")        resolve("mine.py:second")        resolve("package:name")
    resolve("donor-game", vary={"institution": ["none", "reputation"]})     # a grid: one condition a cell

A setting is a parameter of the function that makes the study; or dotted, a field of its parts: `world.FIELD` (the
innermost world), `LAYER.FIELD` (an institution or world by its name), `POLICY.FIELD` or `population.FIELD` (policies).
`replicates` and `population=POLICY` (one for all, or one a seat) always work.
"""

from mores.design.making import command, find, rebuild, resolve
from mores.design.marked import Design, study

__all__ = ["Design", "command", "find", "rebuild", "resolve", "study"]
