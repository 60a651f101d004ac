"""Members that join the services' consumer groups, and leave again without having done anything."""

import asyncio
from contextlib import AsyncExitStack

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient


async def visit_groups(bootstrap: str, seconds: float) -> int:
    """One more member of every group for so long; how many groups there were."""
    groups = await _topics_by_group(bootstrap)
    async with AsyncExitStack() as visits:
        strangers = [_stranger(bootstrap, group, topics) for group, topics in groups.items()]
        for stranger in strangers:
            visits.push_async_callback(stranger.stop)
        await asyncio.gather(*(stranger.start() for stranger in strangers))
        await asyncio.sleep(seconds)
    return len(groups)


def _stranger(bootstrap: str, group: str, topics: set[str]) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        *sorted(topics), bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
    )


async def _topics_by_group(bootstrap: str) -> dict[str, set[str]]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        groups = [name for name, _ in await admin.list_consumer_groups()]
        offsets = {group: await admin.list_consumer_group_offsets(group) for group in groups}
    finally:
        await admin.close()
    return {group: {p.topic for p in found} for group, found in offsets.items() if found}
