"""I4 and I13: the ledger adds up, and documents are numbered without gaps."""

from collections import Counter
from collections.abc import Iterator

from tests.faults.evidence import Evidence
from tests.faults.history import History


def ledger_adds_up(history: History, evidence: Evidence) -> Iterator[str]:
    """I4: entries add up to zero, stored balances to rebuilt ones, documents move money once."""
    del history
    total: Counter[str] = Counter()
    entries: Counter[object] = Counter()
    for posting in evidence.books.postings:
        total.update(posting.sums)
        entries[posting.document] += posting.entries
        for currency, minor in posting.sums.items():
            if minor:
                yield f"the entry of {posting.document} adds up to {minor} {currency}"
    yield from (
        f"all of {currency} adds up to {minor}" for currency, minor in total.items() if minor
    )
    for document in evidence.books.documents:
        if entries[document] != 1:
            yield f"document {document} has {entries[document]} entries"
    for balance in evidence.books.balances:
        if balance.stored != balance.rebuilt:
            yield f"account {balance.account}: {balance.stored} stored, {balance.rebuilt} rebuilt"


def numbers_are_gapless(history: History, evidence: Evidence) -> Iterator[str]:
    """I13: the numbers of a series are 1, 2, 3 … up to the last one taken, each once."""
    del history
    for name, numbers in evidence.books.series.items():
        last = evidence.books.last_numbers.get(name, 0)
        if sorted(numbers) != [*range(1, last + 1)]:
            missing = sorted(set(range(1, last + 1)) - set(numbers))
            doubled = [number for number, count in Counter(numbers).items() if count > 1]
            yield f"series {name} up to {last}: missing {missing}, doubled {doubled}"
    for name in evidence.books.last_numbers.keys() - evidence.books.series.keys():
        yield f"series {name} has taken numbers and no documents"
