"""What identity must be told to run."""

import os

from pydantic import Field

from florin_chassis.sealing import SealingSettings


class Settings(SealingSettings):
    """How long things live, and how many passwords are hashed at once."""

    token_life_s: int = Field(default=300, ge=1)
    impersonation_life_s: int = Field(default=900, ge=1)
    invitation_life_hours: int = Field(default=72, ge=1)
    hashing_threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    hashing_waiting_max: int = Field(
        default=200, ge=1, description="Sign-ins that may wait for a hashing thread; more get 503"
    )
