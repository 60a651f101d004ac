"""What it means that nothing was lost."""

from typing import Any


def holds(read: Any, original: Any) -> bool:
    """Whether what was read keeps all of the original; new fields with defaults may have come."""
    if isinstance(original, dict):
        return isinstance(read, dict) and all(
            name in read and holds(read[name], value) for name, value in original.items()
        )
    if isinstance(original, list):
        return len(read) == len(original) and all(map(holds, read, original))
    return bool(read == original)
