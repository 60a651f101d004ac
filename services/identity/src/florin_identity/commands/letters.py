"""`letters`: what could not be sent, in the mail server's words, and another try for it.

A letter that is tried again is looked at anew: what is not true any more is dropped, and a link in
it is made afresh.
"""

from typing import Final

from florin_identity.commands.errands import Errands
from florin_identity.models.letter import Letter, LetterStatus

_SHOWN: Final = (
    Letter.id,
    Letter.kind,
    Letter.status,
    Letter.recipient,
    Letter.tries,
    Letter.written_at,
    Letter.due_at,
    Letter.ended_at,
    Letter.error,
)

letters: Final = Errands("letters", Letter, LetterStatus, _SHOWN).command()
