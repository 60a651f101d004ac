"""Runs one process of the providers service."""

from florin_chassis.cli import main
from florin_providers.service import service

main(service)
