"""Every fault, by its name."""

from typing import Final

from tests.faults import faults_of_callers as callers
from tests.faults import faults_of_messages as messages
from tests.faults import faults_of_processes as processes
from tests.faults import faults_of_the_broker as broker
from tests.faults import faults_of_the_clock as clock
from tests.faults import faults_of_the_database as database
from tests.faults import faults_of_the_disk as disk
from tests.faults import faults_of_the_network as network
from tests.faults import faults_of_trust as trust
from tests.faults import faults_of_versions as versions
from tests.faults.fault import Fault

FAULTS: Final[dict[str, type[Fault]]] = {
    fault.name: fault
    for fault in (
        processes.ProcessKill,
        processes.RelayKill,
        processes.ConsumerKill,
        processes.Zombie,
        processes.Pause,
        processes.RollingRestart,
        versions.TwoVersions,
        broker.BrokerKill,
        broker.BrokerGone,
        broker.BrokerWipe,
        broker.RebalanceStorm,
        database.PostgresRestart,
        database.BackendKill,
        database.SlotDropped,
        database.OpenTransaction,
        disk.PostgresDiskFull,
        disk.KafkaDiskFull,
        network.SlowNetwork,
        network.ResetConnections,
        network.HalfOpen,
        messages.TripleDelivery,
        messages.Poison,
        trust.KeyRotation,
        trust.KeyCompromise,
        trust.Revocation,
        clock.ClockOff,
        callers.BruteForce,
        callers.SameKeyStorm,
    )
}
