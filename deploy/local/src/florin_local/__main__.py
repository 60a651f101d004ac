"""Makes `python -m florin_local` the local stack's command line."""

from florin_local.cli import app

app(prog_name="florin_local")
