"""What payers must be told to run."""

from florin_chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing beyond what every service needs."""
