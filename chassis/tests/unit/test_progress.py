"""A long command shows how far it is, in the way that its reader can read."""

from io import StringIO

from structlog.testing import capture_logs

from florin_chassis.progress import Progress


class Terminal(StringIO):
    """What a person looks at."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_grows_in_its_line() -> None:
    terminal = Terminal()
    progress = Progress("station", 200, terminal)
    progress.advance(100)
    assert terminal.getvalue() == f"\rstation [{'#' * 15}{'.' * 15}]  50% 100"
    progress.advance(150)
    progress.finish()
    assert terminal.getvalue().endswith(f"\rstation [{'#' * 30}] 100% 250\n")


def test_elsewhere_the_log_tells_every_tenth() -> None:
    stream = StringIO()
    progress = Progress("station", 1_000, stream)
    with capture_logs() as logs:
        for _ in range(100):
            progress.advance(10)
    progress.finish()
    assert [line["done"] for line in logs] == list(range(100, 1_001, 100))
    assert stream.getvalue() == ""


def test_of_nothing_all_is_done() -> None:
    terminal = Terminal()
    Progress("station", 0, terminal).advance(0)
    assert "0% 0" in terminal.getvalue()
