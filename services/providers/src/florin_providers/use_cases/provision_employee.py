"""A company directory has a person who is to work here."""

from florin_chassis.transaction import Begin
from florin_providers.models import DirectoryPerson, Employee, require_free, standing_of


async def provision_employee(person: DirectoryPerson, begin: Begin) -> Employee:
    """It works for the providers that whoever provisions it works for, in no department yet.

    Raises `GrantsMoreThanHeld`, `EmailTaken` and `UserNameTaken`.
    """
    async with begin() as transaction:
        actor = transaction.actor
        places = () if actor.everywhere else tuple(sorted(actor.reach.get("provider", ())))
        employee = Employee.new(**person.columns(), provider_ids=places)
        await require_free(transaction.session, employee.email)
        standing = await standing_of(transaction, employee)
        transaction.add(employee)
        transaction.emit(employee.invite(standing))
        if not person.active:
            transaction.emit(*filter(None, [employee.suspend(standing)]))
    return employee
