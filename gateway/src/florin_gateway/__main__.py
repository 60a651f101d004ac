"""Runs one process of the gateway."""

from florin_gateway.cli import main

main()
