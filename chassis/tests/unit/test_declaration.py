"""What FastStream is told is what the consumer reads."""

from chassis.tests.weather.models import StationState
from chassis.tests.weather.service import subscriptions
from faststream.specification import AsyncAPI
from pydantic import SecretStr

from florin_chassis.road.declaration import declare
from florin_chassis.settings import ServiceSettings

SETTINGS = ServiceSettings(
    database_url=SecretStr("postgresql+asyncpg://x@127.0.0.1/x"),
    kafka_bootstrap="127.0.0.1:1",
    topic_prefix="p-",
    jwks_url="http://127.0.0.1:1",
    token_issuer="x",
)


def test_every_topic_that_is_read_is_declared_with_what_it_carries() -> None:
    broker = declare("weather", subscriptions, SETTINGS)
    document = AsyncAPI(broker, schema_version="3.0.0").to_specification().to_jsonable()
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {"p-weather-station", "p-weather-station-state"}
    schemas = document["components"]["schemas"]
    assert {"StationOpened", "TemperatureMeasured"} <= set(schemas)
    assert set(StationState.model_fields) <= set(schemas["TemperatureMeasured"]["properties"])
