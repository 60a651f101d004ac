"""To come."""

from tests.bench.harness import Family

api = Family("api")
