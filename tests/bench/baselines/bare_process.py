"""The least that answers HTTP with FastAPI: what a service's memory and start are compared with."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/readyz")
async def readyz() -> dict[str, bool]:
    """Always ready: there is nothing behind it."""
    return {"ready": True}
