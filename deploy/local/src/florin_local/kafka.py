"""A real Apache Kafka broker for this machine: one KRaft node that is its own controller."""

import asyncio
import base64
import os
import shutil
import signal
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from florin_local.errors import StartFailed
from florin_local.folders import KAFKA_POM
from florin_local.java import find_java
from florin_local.kafka_jars import kafka_jars
from florin_local.ports import HOST, accepts_connections, free_port, require_free
from florin_local.server import Server

_START_TIMEOUT_S = 90
_STOP_GRACE_S = 30
_LOGGING = KAFKA_POM.with_name("log4j2.properties")

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=CLIENTS://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=CLIENTS://{host}:{advertised_port}
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENTS
controller.listener.names=CONTROLLER
log.dirs={log_dir}
auto.create.topics.enable=false
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=10
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=10
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""


class Kafka(Server):
    """One broker. `heap_mb` bounds the memory of its Java heap.

    Set `advertised_port` before the start to send its clients somewhere else than to itself, such
    as through a bad network; `properties` are the broker's, beside ours.
    """

    name = "kafka"

    def __init__(
        self,
        data_dir: Path,
        port: int = 0,
        *,
        heap_mb: int = 512,
        log: Path | None = None,
        leashed: bool = False,
    ) -> None:
        super().__init__(data_dir, port, log=log, leashed=leashed)
        self.heap_mb = heap_mb
        self.advertised_port = self.port
        self.properties: dict[str, str] = {}
        self._log_dir = self.data_dir / "log"
        self._properties = self.data_dir / "server.properties"
        self._cluster_id_file = self.data_dir / "cluster-id"

    @property
    def bootstrap(self) -> str:
        """What a client is given: host and port."""
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        """Format the log folder if it is new, start the broker, return when it answers."""
        if not self.process.running:
            require_free(self.port)
            self._launch()
        self.process.wait_until(self._answers, timeout_s=_START_TIMEOUT_S)

    def stop(self) -> None:
        """Let the broker close its log in order; no process is left."""
        self.process.stop(signal.SIGTERM, grace_s=_STOP_GRACE_S)

    def kill(self) -> None:
        """Crash: no goodbye to anybody. `start()` brings it back with the same port and data."""
        self.process.kill()

    def wipe(self) -> None:
        """Lose the broker's whole log, as a dead disk would; the broker must be stopped."""
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def _launch(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        # Nobody but the node itself uses the controller's port, so it may differ at every start.
        values = {
            "host": HOST,
            "port": self.port,
            "advertised_port": self.advertised_port,
            "controller_port": free_port(),
        }
        ours = _PROPERTIES.format(log_dir=self._log_dir, **values)
        others = "".join(f"{name}={value}\n" for name, value in self.properties.items())
        self._properties.write_text(ours + others)
        if not self._cluster_id_file.exists():
            self._format()
        self.process.start(
            self._java("kafka.Kafka", str(self._properties)),
            environment=_environment(),
            folder=self.data_dir,
            leash_signal=signal.SIGKILL if self.leashed else None,
        )

    def _format(self) -> None:
        # The id is written last, so a log folder without one was interrupted half way.
        shutil.rmtree(self._log_dir, ignore_errors=True)
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        arguments = ["format", f"--cluster-id={cluster_id}", "--config", str(self._properties)]
        answer = subprocess.run(
            self._java("kafka.tools.StorageTool", *arguments),
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise StartFailed(self.name, "could not format its folder", answer.stderr)
        self._cluster_id_file.write_text(cluster_id)

    def _java(self, main: str, *arguments: str) -> list[str]:
        return [
            str(find_java()),
            f"-Xmx{self.heap_mb}m",
            "-XX:+UseSerialGC",
            f"-Dlog4j2.configurationFile={_LOGGING}",
            *("-cp", f"{kafka_jars()}/*"),
            main,
            *arguments,
        ]

    def _answers(self) -> bool:
        if not accepts_connections(self.port):
            return False
        # In a thread of its own, because the caller may be inside a running event loop.
        with ThreadPoolExecutor(max_workers=1) as executor:
            cluster_id = executor.submit(lambda: asyncio.run(self._ask_cluster_id())).result()
        return cluster_id == self._cluster_id_file.read_text()

    async def _ask_cluster_id(self) -> str | None:
        client = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, request_timeout_ms=5_000)
        try:
            await client.start()
            cluster = await client.describe_cluster()
        except (KafkaError, OSError):
            return None
        finally:
            await client.close()
        return str(cluster["cluster_id"]) if cluster["brokers"] else None


def _environment() -> dict[str, str]:
    # A broker of ours is told everything on its command line.
    return {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}
