"""What is refused about staff, each named after the rule that it defends."""

from florin_chassis.errors import Forbidden, Refusal


class EmployeeHasEnded(Refusal):
    """An employee that left has left for good: invite the person anew."""

    code = "employee_ended"


class LastAdministrator(Refusal):
    """Somebody must be left who may do everything."""

    code = "last_administrator"


class EmailIsTheEmployees(Refusal):
    """Once an employee signs in with its address, nobody else changes it: that is a credential."""

    code = "email_is_the_employees"


class NotAMember(Refusal):
    """Whoever is to be in a department works here, for a provider of whoever asks."""

    code = "not_a_member"


class TooManyMembers(Refusal):
    """One request moves a bounded number of people."""

    code = "too_many_members"


class DepartmentIsRemoved(Refusal):
    """A department that was removed changes no more."""

    code = "department_removed"


class MayDoMoreThanYou(Forbidden):
    """Nobody changes who may do more, or works in more places, than itself."""

    code = "may_do_more_than_you"


class OwnRights(Forbidden):
    """Nobody changes its own rights."""

    code = "own_rights"
