"""To come."""

from tests.bench.harness import Family

stack = Family("stack")
