"""To come."""

from tests.bench.harness import Family

process = Family("process")
