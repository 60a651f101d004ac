"""To come."""

from tests.bench.harness import Family

events = Family("events")
