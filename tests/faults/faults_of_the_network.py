"""Faults of the network between all parts: slow, reset, and silent without being closed."""

from contextlib import ExitStack

from tests.faults.fault import Fault
from tests.faults.proxy import Proxy


class _Network(Fault):
    pause_s = (1.0, 3.0)

    def links(self) -> list[Proxy]:
        """Some of the links between services, PostgreSQL and Kafka."""
        everywhere = self.arena.network.everywhere
        return self.rng.sample(everywhere, self.rng.randint(1, len(everywhere)))


class SlowNetwork(_Network):
    """Every piece of data is held up on some links."""

    name = "slow-network"
    disturbs = (
        "postgres",
        "kafka",
        "identity",
    )

    def strike(self) -> None:
        """For some seconds."""
        links, delay_s = self.links(), self.rng.uniform(0.02, 0.3)
        self.arena.say(f"slow-network: {delay_s * 1000:.0f} ms more on {_named(links)}")
        with ExitStack() as slowed:
            for link in links:
                slowed.enter_context(link.slow(delay_s))
            self.wait(2, 6)


class ResetConnections(_Network):
    """Open connections are reset, whatever is under way on them."""

    name = "reset-connections"
    disturbs = (
        "postgres",
        "kafka",
        "identity",
    )
    pause_s = (0.5, 3.0)

    def strike(self) -> None:
        """A share of those on some links."""
        links, share = self.links(), self.rng.uniform(0.1, 1.0)
        self.arena.say(f"reset-connections: {share:.0%} on {_named(links)}")
        for link in links:
            link.cut(share)


class HalfOpen(_Network):
    """Connections on a link seem to live, and nothing comes through; in the end they are reset."""

    name = "half-open"
    disturbs = (
        "postgres",
        "kafka",
        "identity",
    )
    pause_s = (2.0, 4.0)

    def strike(self) -> None:
        """One link, for some seconds."""
        link = self.rng.choice(self.arena.network.everywhere)
        self.arena.say(f"half-open: nothing comes through to {link.name}")
        with link.half_open():
            self.wait(2, 12)


def _named(links: list[Proxy]) -> str:
    return ", ".join(link.name for link in links)
