"""Makes `python -m tests.bench` the command behind `make bench`."""

import sys

if __name__ == "__main__":
    # Here and not above: the interpreter of every single measurement reads this file, too.
    from tests.bench.cli import main

    sys.exit(main())
