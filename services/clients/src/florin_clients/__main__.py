"""Runs one process of the clients service."""

from florin_chassis.cli import main
from florin_clients.service import service

main(service)
