"""Whether an actor may make something for a client at a provider: there is no row yet to filter."""

from uuid import UUID

from florin_chassis.actor import Actor


def reaches_all(actor: Actor, **tenants: UUID) -> bool:
    """What the tenant filter would say of a row that belongs to these tenants.

    `reaches_all(actor, client=client_id, provider=provider_id)`; a dimension left out sees nothing.
    """
    if actor.everywhere:
        return True
    bounds = actor.reach.items()
    return bool(bounds) and all(tenants.get(dimension) in ids for dimension, ids in bounds)
