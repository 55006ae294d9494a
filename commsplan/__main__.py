"""Lets `python -m commsplan` stand for the installed command."""

from commsplan.cli import main

main()
