"""What the service says of itself: its configuration, its schemas, its resource types."""

from typing import Final

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ETag,
    Filter,
    Meta,
    Patch,
    Required,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    Sort,
)

from florin_providers.api.scim.bulk_job import OPERATIONS_MAX
from florin_providers.api.scim.resources import Group, User

RESULTS_MAX: Final = 200
_ALWAYS_THERE: Final = {"displayName", "active", "emails"}
_HIDDEN: Final = {"primary"}


def configuration(base: str, payload_bytes_max: int) -> ServiceProviderConfig:
    """What of SCIM is supported."""
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(
            supported=True, max_operations=OPERATIONS_MAX, max_payload_size=payload_bytes_max
        ),
        filter=Filter(supported=True, max_results=RESULTS_MAX),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Access token",
                description="An access token of somebody who may read and write staff",
            )
        ],
        meta=_meta("ServiceProviderConfig", f"{base}/ServiceProviderConfig"),
    )


def schemas(base: str) -> dict[str, Schema]:
    """Each schema by its id.

    An attribute that Florin completes where it is left out is there in every resource, so the
    schema calls it required: whoever goes by the schema sends it.
    """
    found = {}
    for model in (User, Group):
        schema = model.to_schema()
        for attribute in schema.attributes or []:
            if model is User and attribute.name in _ALWAYS_THERE:
                attribute.required = Required.true
            if attribute.sub_attributes:
                attribute.sub_attributes = [
                    sub for sub in attribute.sub_attributes if sub.name not in _HIDDEN
                ]
        schema.meta = _meta("Schema", f"{base}/Schemas/{schema.id}")
        found[str(schema.id)] = schema
    return found


def resource_types(base: str) -> dict[str, ResourceType]:
    """Each type of resource by its id."""
    found = {}
    for model in (User, Group):
        kind = ResourceType.from_resource(model)
        kind.meta = _meta("ResourceType", f"{base}/ResourceTypes/{kind.id}")
        found[str(kind.id)] = kind
    return found


def _meta(kind: str, location: str) -> Meta:
    return Meta(resource_type=kind, location=location)
