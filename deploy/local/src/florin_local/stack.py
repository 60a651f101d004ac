"""The whole of Florin on one machine: what runs, in which order, and how it is stopped."""

import json
import shutil
import signal
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from florin_local import programs
from florin_local.administrator import install_administrator
from florin_local.errors import LocalStackError
from florin_local.folders import FLORIN, PROJECT, exclusive
from florin_local.health import is_ready, wait_until_done, wait_until_ready, wait_until_unlisted
from florin_local.kafka import Kafka
from florin_local.ports import require_free
from florin_local.postgres import Postgres
from florin_local.processes import Process
from florin_local.secrets import Secrets
from florin_local.settings import GATEWAY, SERVICES, Ports, port_variable
from florin_local.together import together

HTTP_PARTS = (*SERVICES, GATEWAY)
PARTS = ("postgres", "kafka", *HTTP_PARTS)

OnStep = Callable[[str], None]

_MIGRATE_TIMEOUT_S = 120
_READY_TIMEOUT_S = 60
_STOP_GRACE_S = 15
_UNLISTED_TIMEOUT_S = 3


def _silently(step: str) -> None:
    del step


class Stack:
    """PostgreSQL, Kafka, four services and the gateway, with all they keep in one folder.

    `ports` are the configured ones unless given; a stack that runs already keeps its own.
    `environment` adds variables to a process, by name: `{"clients": {"NAME": "value"}}`.
    `runs` is the process that a service's own name stands for; with less than `all`, the others
    are started beside it.
    As a context manager the stack is up inside the block and ends with it, or with this
    interpreter however that ends.
    """

    def __init__(
        self,
        folder: Path = FLORIN,
        ports: Ports | None = None,
        *,
        environment: Mapping[str, Mapping[str, str]] | None = None,
        durable: bool = True,
        runs: str = "all",
    ) -> None:
        self.folder = folder.resolve()
        self.ports = self._ports_in_use() or ports or Ports.configured()
        self.environment = {name: dict(extra) for name, extra in (environment or {}).items()}
        self.postgres = Postgres(
            self.folder / "postgres",
            self.ports.postgres,
            durable=durable,
            log=self._log("postgres"),
        )
        self.kafka = Kafka(self.folder / "kafka", self.ports.kafka, log=self._log("kafka"))
        self._runs = runs
        self._wanted_ports = ports or self.ports
        self._secrets = Secrets(self.folder / "secrets.json")
        self._processes = {"postgres": self.postgres.process, "kafka": self.kafka.process}
        self._leashed = False

    @property
    def gateway_url(self) -> str:
        """Where frontends come in."""
        return programs.base_url(GATEWAY, self.ports)

    @property
    def kafka_bootstrap(self) -> str:
        """What a Kafka client is given."""
        return self.kafka.bootstrap

    @property
    def administrator_file(self) -> Path:
        """Where `up` leaves the first administrator's one-time token, readable by us only."""
        return self.folder / "administrator.json"

    def database_url(self, service: str) -> str:
        """The SQLAlchemy URL of one service's database, with that service's own role."""
        return self.postgres.url(service, self._secrets.password(f"database-{service}"))

    def service_url(self, name: str) -> str:
        """Where a service itself answers, past the gateway."""
        return programs.base_url(name, self.ports)

    def process(self, name: str) -> Process:
        """The process of one part, such as "clients" or "kafka", to look at or to signal."""
        if name not in self._processes:
            self._processes[name] = Process(
                name, pidfile=self.folder / f"{name}.pid", log=self._log(name)
            )
        return self._processes[name]

    def is_ready(self, name: str) -> bool:
        """Whether a part runs and, where it speaks HTTP, says that it is ready."""
        running = self.process(name).running
        return running and (name not in HTTP_PARTS or is_ready(self.service_url(name)))

    def up(self, on_step: OnStep = _silently) -> None:
        """Start what does not run; return when every /readyz says yes."""
        with exclusive(self.folder):
            self._require_same_ports()
            if all(map(self.is_ready, PARTS)):
                on_step("everything is up already")
                return
            self._require_free_ports()
            self._remember_ports()
            together(partial(self._start_postgres, on_step), partial(self._start_kafka, on_step))
            stopped = [name for name in HTTP_PARTS if not self.process(name).running]
            self._migrate([name for name in stopped if name in SERVICES], on_step)
            for name in stopped:
                self._launch(name)
            self._install(on_step)
            self._wait_until_ready(HTTP_PARTS, on_step)

    def down(self, on_step: OnStep = _silently, *, wipe: bool = False) -> None:
        """Stop everything, the servers last; leave no process. Data stays unless wiped."""
        with exclusive(self.folder):
            servers = ("postgres", "kafka")
            known = {file.stem for file in self.folder.glob("*.pid")}
            pids = [pid for name in known if (pid := self.process(name).pid)]
            programs_left = known - set(servers)
            together(*(partial(self._stop, name, on_step) for name in sorted(programs_left)))
            together(*(partial(self._stop, name, on_step) for name in servers))
            # They have ended; an idle init may take a moment to clear them from the list.
            wait_until_unlisted(pids, timeout_s=_UNLISTED_TIMEOUT_S)
            self._ports_file.unlink(missing_ok=True)
            if wipe:
                self._wipe()
                on_step("data, logs and secrets are removed")

    def start_service(self, name: str) -> None:
        """Start a service, or the gateway; return when it is ready."""
        if not self.process(name).running:
            require_free(self.ports.of(name), port_variable(name))
            self._launch(name)
        self._wait_until_ready([name], _silently)

    def start_beside(self, name: str, service: str, runs: str, port: int) -> None:
        """Start one more process of a service, under a name of its own; `down` stops it too."""
        self.process(name).start(
            programs.command(service, runs),
            environment=self.environment_of(service) | {"FLORIN_HTTP_PORT": str(port)},
            folder=PROJECT,
            leash_signal=self._leash_signal,
        )

    def stop_service(self, name: str) -> None:
        """Let a service, or the gateway, end in order."""
        self.process(name).stop(grace_s=_STOP_GRACE_S)

    def kill_service(self, name: str) -> None:
        """End a service, or the gateway, without warning."""
        self.process(name).kill()

    def __enter__(self) -> Self:
        self._leashed = self.postgres.leashed = self.kafka.leashed = True
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.down()

    def _start_postgres(self, on_step: OnStep) -> None:
        self.postgres.start()
        for name in SERVICES:
            self.postgres.create_service_database(name, self._secrets.password(f"database-{name}"))
        on_step(f"PostgreSQL answers on port {self.ports.postgres}, one database per service")

    def _start_kafka(self, on_step: OnStep) -> None:
        self.kafka.start()
        on_step(f"Kafka answers on port {self.ports.kafka}")

    def _migrate(self, services: list[str], on_step: OnStep) -> None:
        migrations = {name: self.process(f"{name}-migrate") for name in services}
        for name, process in migrations.items():
            process.start(
                programs.command(name, "migrate"),
                environment=self.environment_of(name),
                folder=PROJECT,
                leash_signal=self._leash_signal,
            )
        wait_until_done(migrations.values(), timeout_s=_MIGRATE_TIMEOUT_S)
        if services:
            on_step(f"tables and topics are there: {', '.join(services)}")

    def _install(self, on_step: OnStep) -> None:
        made = install_administrator(
            environment=self.environment_of("identity"),
            log=self._log("identity-install"),
            file=self.administrator_file,
        )
        if made:
            on_step(f"the first administrator is invited: {self.administrator_file}")
            on_step("docs/how-to/set-up-a-provider.md says how to go on from there")

    def _launch(self, name: str) -> None:
        self.start_beside(name, name, "api" if name == GATEWAY else self._runs, self.ports.of(name))

    def _wait_until_ready(self, names: list[str] | tuple[str, ...], on_step: OnStep) -> None:
        wait_until_ready(
            {self.process(name): self.service_url(name) for name in names},
            timeout_s=_READY_TIMEOUT_S,
            on_ready=lambda name: on_step(f"{name} is ready on port {self.ports.of(name)}"),
        )

    def _stop(self, name: str, on_step: OnStep) -> None:
        was_running = self.process(name).running
        if name == "postgres":
            self.postgres.stop()
        elif name == "kafka":
            self.kafka.stop()
        else:
            self.stop_service(name)
        if was_running:
            on_step(f"{name} is stopped")

    def environment_of(self, name: str) -> dict[str, str]:
        """The `FLORIN_*` variables that a part is started with."""
        if name == GATEWAY:
            environment = programs.gateway_environment(self.ports, self.kafka_bootstrap)
        else:
            environment = programs.service_environment(
                name,
                self.ports,
                database_url=self.database_url(name),
                kafka_bootstrap=self.kafka_bootstrap,
                own=self._own_secrets(name),
            )
        return environment | self.environment.get(name, {})

    def _own_secrets(self, name: str) -> dict[str, str]:
        if name not in {"identity", "providers"}:
            return {}
        return {"FLORIN_KEY_ENCRYPTION_SECRET": self._secrets.key(f"{name}-key-encryption")}

    @property
    def _leash_signal(self) -> signal.Signals | None:
        return signal.SIGKILL if self._leashed else None

    def _log(self, name: str) -> Path:
        return self.folder / "log" / f"{name}.log"

    @property
    def _ports_file(self) -> Path:
        return self.folder / "ports.json"

    def _ports_in_use(self) -> Ports | None:
        if not self._ports_file.exists() or not any(self._is_ours(n) for n in PARTS):
            return None
        return Ports(**json.loads(self._ports_file.read_text()))

    def _is_ours(self, name: str) -> bool:
        return Process(name, pidfile=self.folder / f"{name}.pid", log=self._log(name)).running

    def _remember_ports(self) -> None:
        self._ports_file.write_text(json.dumps(self.ports.as_dict()))

    def _require_same_ports(self) -> None:
        if self.ports != self._wanted_ports:
            raise LocalStackError(
                "the stack runs already, on other ports than the configured ones: make down first"
            )

    def _require_free_ports(self) -> None:
        for name in PARTS:
            if not self.process(name).running:
                require_free(self.ports.of(name), port_variable(name))

    def _wipe(self) -> None:
        for name in ("postgres", "kafka", "log"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for name in ("secrets.json", "administrator.json"):
            (self.folder / name).unlink(missing_ok=True)
