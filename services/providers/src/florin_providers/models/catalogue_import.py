"""An import of a provider's catalogue: its file, line by line, and how far it got."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import String

from florin_chassis.errors import Refusal, TooLarge
from florin_chassis.ids import new_id
from florin_chassis.tenancy import Tenanted
from florin_providers.models.base import Base
from florin_providers.models.import_text import ImportFormat

ERRORS_MAX: Final = 100
"""So many of a file's errors are told; all are counted."""
UNFINISHED_MAX: Final = 5
"""Of one provider at once."""


class ImportStatus(StrEnum):
    """*uploading* → *waiting* → *checking* → *refused*, or *checked* of a dry run, or
    *applying* → *applied*; what is uploading may be *cancelled*, or *abandoned* after a day.
    """  # noqa: D205

    UPLOADING = "uploading"
    WAITING = "waiting"
    CHECKING = "checking"
    APPLYING = "applying"
    APPLIED = "applied"
    CHECKED = "checked"
    REFUSED = "refused"
    ABANDONED = "abandoned"
    CANCELLED = "cancelled"


DUE: Final = (ImportStatus.WAITING, ImportStatus.CHECKING, ImportStatus.APPLYING)
"""To be run; one that its process left half-way is run from its beginning."""


class NotUploading(Refusal):
    """The file is complete: nothing is added to it any more."""

    code = "import_not_uploading"


class PartOutOfOrder(Refusal):
    """Parts come one after the other, so that lines can be counted."""

    code = "part_out_of_order"


class NothingUploaded(Refusal):
    """There is no line to import."""

    code = "nothing_uploaded"


class TooManyImports(Refusal):
    """The provider has as many unfinished imports as it may have."""

    code = "too_many_imports"


class ImportTooLarge(TooLarge):
    """The file has more lines or bytes than an import may have."""

    code = "import_too_large"


class CatalogueImport(Tenanted, Base):
    """What is done is stated by the products that it makes and changes."""

    __tablename__ = "catalogue_imports"
    __table_args__ = (Index(None, "provider_id", "id"), Index(None, "status"))
    tenants: ClassVar = {"provider": "provider_id"}

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("providers.id"))
    format: Mapped[ImportFormat]
    dry_run: Mapped[bool]
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.UPLOADING)
    actor: Mapped[str]
    on_behalf_of: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    columns: Mapped[list[str]] = mapped_column(ARRAY(String), default=list)
    parts: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(default=0)
    lines: Mapped[int] = mapped_column(default=0)
    next_line: Mapped[int] = mapped_column(default=1)
    checked: Mapped[int] = mapped_column(default=0)
    applied: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    errors_found: Mapped[int] = mapped_column(default=0)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)

    def require_uploading(self) -> None:
        """Raise `NotUploading` once its file is complete."""
        if self.status is not ImportStatus.UPLOADING:
            raise NotUploading(f"this import is {self.status}")

    def is_next(self, part: int) -> bool:
        """Whether it is the next part; not when it is the last again. Raises `PartOutOfOrder`."""
        if part == self.parts and part > 0:
            return False
        if part != self.parts + 1:
            raise PartOutOfOrder(f"part {self.parts + 1} comes next", next=self.parts + 1)
        return True

    def take_in(self, size: int, lines: int, limits: tuple[int, int]) -> None:
        """Count a part in. Raises `ImportTooLarge` past so many lines or bytes in all."""
        self.parts += 1
        self.bytes += size
        self.lines += lines
        lines_max, bytes_max = limits
        if self.lines > lines_max or self.bytes > bytes_max:
            raise ImportTooLarge(
                f"an import has at most {lines_max} lines and {bytes_max} bytes",
                lines_max=lines_max,
                bytes_max=bytes_max,
            )


class ImportLine(Base):
    """A line of the file that waits to be checked and applied."""

    __tablename__ = "catalogue_import_lines"
    __table_args__ = (Index(None, "import_id", "product_code", "line"),)

    import_id: Mapped[UUID] = mapped_column(ForeignKey("catalogue_imports.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_code: Mapped[str] = mapped_column(String(collation="C"))
    plan_code: Mapped[str]
    cells: Mapped[dict[str, Any]] = mapped_column(JSONB)
