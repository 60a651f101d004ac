"""What an employee's invitation does here, and what rights become of what others stated."""

from services.identity.tests.making import (
    actor_of,
    employee,
    registered,
    token_of,
    working,
)

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.clients import ClientUserAdded
from florin_contracts.identity import UserInvited
from florin_contracts.permissions import (
    ADMINISTRATOR_PERMISSIONS,
    SECTIONS,
    ClientRole,
    Permission,
    Section,
)
from florin_contracts.providers import DepartmentCreated, EmployeeJoined


async def test_an_invited_employee_gets_a_login_under_its_own_id(identity: Harness) -> None:
    event = employee()
    await identity.deliver(event)
    (invited,) = await identity.stated(UserInvited)
    assert (
        invited["data"].items()
        >= {
            "id": str(event.id),
            "name": event.name,
            "email": event.email,
            "kind": "employee",
            "status": "invited",
            "administrator": False,
            "client_id": None,
        }.items()
    )
    assert invited["envelope"]["actor"] == "user/test"


async def test_a_login_that_is_there_already_is_left_alone(identity: Harness) -> None:
    event = employee()
    await identity.deliver(event)
    await identity.deliver(event)
    assert len(await identity.stated(UserInvited)) == 1


async def test_rights_are_the_union_of_departments_and_own_grants(identity: Harness) -> None:
    n1, n2 = new_id(), new_id()
    support = DepartmentCreated(
        id=new_id(), name="technical support", sections=(Section.SUPPORT,), permissions=()
    )
    sales = DepartmentCreated(
        id=new_id(),
        name="sales",
        sections=(Section.CATALOGUE,),
        permissions=(Permission.INVOICES_READ,),
    )
    await identity.deliver(support, sales)
    event = await working(
        identity,
        department_ids=(support.id, sales.id, new_id()),
        permissions=(Permission.CLIENTS_READ,),
        provider_ids=(n1, n2),
    )
    actor = await actor_of(identity, await token_of(identity, event.email))
    assert actor.permissions == (
        SECTIONS[Section.SUPPORT]
        | SECTIONS[Section.CATALOGUE]
        | {Permission.INVOICES_READ, Permission.CLIENTS_READ}
    )
    assert dict(actor.reach) == {"provider": frozenset({n1, n2})}
    assert actor.everywhere is False


async def test_an_employee_of_no_provider_in_particular_works_everywhere(identity: Harness) -> None:
    event = await working(identity, permissions=(Permission.CLIENTS_READ,))
    actor = await actor_of(identity, await token_of(identity, event.email))
    assert actor.permissions == {Permission.CLIENTS_READ}
    assert actor.everywhere is True
    assert dict(actor.reach) == {}


async def test_an_administrator_may_do_everything_everywhere(identity: Harness) -> None:
    event = await working(identity, administrator=True, provider_ids=(new_id(),))
    actor = await actor_of(identity, await token_of(identity, event.email))
    assert (actor.permissions, actor.everywhere) == (ADMINISTRATOR_PERMISSIONS, True)


async def test_the_next_sign_in_has_the_rights_of_the_latest_statement(identity: Harness) -> None:
    event = await working(identity, permissions=(Permission.CLIENTS_READ,))
    changed = event.model_copy(update={"permissions": (Permission.ORDERS_READ,)})
    await identity.deliver(EmployeeJoined.model_validate(changed.model_dump()), sequence=2)
    actor = await actor_of(identity, await token_of(identity, event.email))
    assert actor.permissions == {Permission.ORDERS_READ}


async def test_a_clients_user_has_its_roles_rights_and_its_own(identity: Harness) -> None:
    made = await registered(identity)
    place = ClientUserAdded(
        id=made["user"]["id"],
        client_id=new_id(),
        name="Vega",
        role=ClientRole.OWNER,
        permissions=(Permission.USERS_READ,),
    )
    await identity.deliver(place)
    actor = await actor_of(identity, await token_of(identity))
    assert Permission.USERS_READ in actor.permissions
    assert Permission.ORDERS_PLACE in actor.permissions
    assert dict(actor.reach) == {"client": frozenset({place.client_id})}


async def test_a_role_of_a_newer_release_allows_nothing_but_the_users_own_rights(
    identity: Harness,
) -> None:
    made = await registered(identity)
    place = ClientUserAdded(
        id=made["user"]["id"],
        client_id=made["client_id"],
        name="Vega",
        role="a role of tomorrow",
        permissions=(Permission.ORDERS_READ,),
    )
    await identity.deliver(place)
    actor = await actor_of(identity, await token_of(identity))
    assert actor.permissions == {Permission.ORDERS_READ}
