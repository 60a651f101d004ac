"""Makes `python -m tests.faults` the command behind `make faults`."""

import sys

from tests.faults.cli import main

if __name__ == "__main__":
    sys.exit(main())
