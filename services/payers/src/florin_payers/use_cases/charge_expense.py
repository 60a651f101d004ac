"""A service's period is charged to the client's personal account."""

from sqlalchemy import select

from florin_chassis.transaction import Transaction
from florin_contracts.clients import ServiceState
from florin_payers.models import Account, Book, Expense, Holder, NotRunning, post
from florin_payers.models.plans import describe


async def charge_expense(service: ServiceState, account: Account, transaction: Transaction) -> None:
    """Charge the period that begins with the activation, unless it is charged already.

    Raises `NotRunning`.
    """
    if service.activated_at is None:
        raise NotRunning(f"service {service.id} has not been activated")
    charged = select(Expense.id).where(
        Expense.service_id == service.id, Expense.period_start == service.activated_at
    )
    if await transaction.session.scalar(charged) is not None:
        return
    expense = Expense(
        client_id=service.client_id,
        provider_id=service.provider_id,
        payer_id=service.payer_id,
        account_id=account.id,
        service_id=service.id,
        description=describe(service.plan_name, service.period, service.length),
        amount=service.price,
        period_start=service.activated_at,
        period_end=service.paid_until,
    )
    transaction.add(expense)
    transaction.emit(expense.charge())
    revenue = Holder(Book.REVENUE, service.provider_id)
    await post(transaction.session, expense.id, expense.amount, account.holder, revenue)
