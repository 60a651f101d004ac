"""A service's runtime in a process that is set up as the service's own is."""

from contextlib import AbstractAsyncContextManager

from florin_chassis import processes
from florin_chassis.garbage import tune_collector
from florin_chassis.runtime import Runtime
from florin_chassis.service import Service
from florin_chassis.settings import ServiceSettings


def running(service: Service, settings: ServiceSettings) -> AbstractAsyncContextManager[Runtime]:
    """As `processes.running`; for a process that runs nothing else."""
    tune_collector()
    return processes.running(service, settings)
