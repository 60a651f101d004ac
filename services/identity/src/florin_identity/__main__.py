"""Runs one process of the identity service."""

from florin_chassis.cli import main
from florin_identity.service import service

main(service)
