"""`python -m assistant` is the same as `uccn`."""

from assistant.cli import main

main()
