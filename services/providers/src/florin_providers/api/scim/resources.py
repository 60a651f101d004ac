"""Employees and departments as SCIM has them: users and groups, with what Florin keeps of each."""

from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Mutability,
    Reference,
    Required,
    Resource,
    Returned,
    ScimPolicy,
    Uniqueness,
)

from florin_chassis.http.bodies import Email, Line

# Directories send what they know of a person; Florin takes what it keeps, and lets the rest go. The
# other two are how Microsoft Entra writes its patches.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
_Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Name(ComplexAttribute):
    """The parts of a person's name."""

    formatted: _Text | None = None
    """The full name, formatted for display."""
    family_name: _Text | None = None
    """The family name, or last name."""
    given_name: _Text | None = None
    """The given name, or first name."""


class EmailAddress(ComplexAttribute):
    """An address. Florin keeps one; `primary` says which where a directory sends several."""

    value: Annotated[Email | None, Required.true] = None
    """The address that the person signs in with."""
    type: _Text | None = Field(None, examples=["work"])
    """Always 'work'."""
    primary: bool | None = None
    """Whether this is the one to keep."""


class InGroup(ComplexAttribute):
    """A group that a person is in."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    """The identifier of the group."""
    ref: Annotated[Reference["Group"] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the group is."""
    display: Annotated[str | None, Mutability.read_only] = None
    """What the group is called."""


class User(Resource[Any]):
    """An employee."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    external_id: Annotated[_Text | None, Returned.default, CaseExact.true] = None
    """What the directory itself knows the person by."""
    user_name: Annotated[Line | None, Uniqueness.server, Required.true] = None
    """What the directory calls the person's login."""
    display_name: Line | None = None
    """What the person is called; completed from the other names where left out."""
    name: Name | None = None
    """The parts of the person's name."""
    active: bool | None = None
    """Whether the person may work now; false suspends. True where left out."""
    emails: Annotated[list[EmailAddress] | None, Field(max_length=20)] = None
    """The address that the person signs in with; the user name where left out."""
    groups: Annotated[list[InGroup] | None, Mutability.read_only] = None
    """The groups that the person is in."""


class Member(ComplexAttribute):
    """A person in a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The identifier of the user."""
    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the user is."""
    type: Annotated[_Text | None, Mutability.immutable] = Field(None, examples=["User"])
    """Always 'User': groups hold no groups."""


class Group(Resource[Any]):
    """A department. What its members may do is decided in Florin."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    external_id: Annotated[_Text | None, Returned.default, CaseExact.true] = None
    """What the directory itself knows the group by."""
    display_name: Annotated[Line | None, Required.true] = None
    """What the group is called."""
    members: list[Member] | None = None
    """Who is in the group."""
