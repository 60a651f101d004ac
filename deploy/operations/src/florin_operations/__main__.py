"""Makes `python -m florin_operations` and `florin` the same command line."""

from florin_operations.cli import main

if __name__ == "__main__":
    main()
