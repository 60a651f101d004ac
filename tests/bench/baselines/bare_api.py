"""FastAPI and asyncpg alone: validate a body, insert a row, answer with it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
from fastapi import FastAPI, Request
from pydantic import BaseModel

TABLE = """
    CREATE TABLE IF NOT EXISTS providers (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        slug text NOT NULL UNIQUE,
        currency text NOT NULL,
        time_zone text NOT NULL
    )
"""
INSERT = "INSERT INTO providers (id, name, slug, currency, time_zone) VALUES ($1, $2, $3, $4, $5)"
URL_VARIABLE = "BARE_DATABASE_URL"


class NewProvider(BaseModel):
    """The body."""

    name: str
    slug: str
    currency: str
    time_zone: str


class ProviderAnswer(NewProvider):
    """The answer."""

    id: UUID


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ[URL_VARIABLE], min_size=10, max_size=10) as pool:
        await pool.execute(TABLE)
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


@app.get("/readyz")
async def readyz() -> dict[str, bool]:
    """It serves only once the pool is there."""
    return {"ready": True}


@app.post("/providers", status_code=201)
async def post_provider(body: NewProvider, request: Request) -> ProviderAnswer:
    """One row, one implicit transaction."""
    id_ = uuid4()
    await request.app.state.pool.execute(
        INSERT, id_, body.name, body.slug, body.currency, body.time_zone
    )
    return ProviderAnswer(id=id_, **body.model_dump())
