"""`python -m mores` is `mores`."""

from mores.cli import main

main()
