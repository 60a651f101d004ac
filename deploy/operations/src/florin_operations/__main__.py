"""Makes `python -m florin_operations` and `florin` the same command line."""

from florin_chassis.garbage import tune_collector
from florin_operations import cli


def main() -> None:
    """A process of its own, unlike `cli.main` in a test."""
    tune_collector()
    cli.main()


if __name__ == "__main__":
    main()
