"""Runs one process of the payers service."""

from florin_chassis.cli import main
from florin_payers.service import service

main(service)
