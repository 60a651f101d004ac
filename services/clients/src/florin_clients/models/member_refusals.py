"""What is refused about a client's users, each named after the rule that it defends."""

from florin_chassis.errors import Forbidden, Refusal


class GrantsMoreThanHeld(Forbidden):
    """Whoever gives rights holds them."""

    code = "grants_more_than_held"


class MayDoMoreThanYou(Forbidden):
    """Nobody changes who may do more than itself."""

    code = "may_do_more_than_you"


class OwnRights(Forbidden):
    """Nobody changes its own role, grants or standing."""

    code = "own_rights"


class LastOwner(Refusal):
    """A client has an active owner at any time."""

    code = "last_owner"


class UserIsRemoved(Refusal):
    """A user that was removed is so for good: invite the person anew."""

    code = "user_removed"


class EmailIsTheUsers(Refusal):
    """Once a user signs in with its address, nobody else changes it: that is a credential."""

    code = "email_is_the_users"


class EmailTaken(Refusal):
    """Somebody signs in with this email already, or is invited at it."""

    code = "email_taken"
