"""SCIM filters as SQL conditions: the whole grammar of RFC 7644, section 3.4.2.2."""

from typing import Any

from scim2_models import InvalidFilterException, Resource, ScimFilter
from scim2_models.path.expressions import (
    AttrPath,
    CompareOperator,
    Comparison,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)
from scim2_models.path.visitor import FilterVisitor
from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from florin_providers.api.scim.attributes import Attribute, Entries, Table
from florin_providers.api.scim.speaking import spoken

Condition = ColumnElement[bool]


def condition_of(
    filter_: str | None, model: type[Resource[Any]], table: Table, *, alone: bool = True
) -> Condition:
    """The rows that a filter matches; raises `NotScim` for one that cannot be answered.

    Unless they are asked for `alone`, an attribute that other resources have matches nothing here.
    """
    if filter_ is None:
        return true()
    with spoken():
        bound: Any = ScimFilter.__class_getitem__(model)
        parsed = bound(filter_)
        return _Conditions(table, alone=alone).visit(parsed.ast)


class _Conditions(FilterVisitor[Condition]):
    """Each condition is true or false, never NULL, so that `not` means what SCIM means by it."""

    def __init__(self, table: Table, within: str | None = None, *, alone: bool) -> None:
        self._table, self._within, self._alone = table, within, alone

    def visit_comparison(self, node: Comparison) -> Condition:
        """A multi-valued attribute matches if one of its values does, and `ne` if none is equal."""
        attribute, entries = self._find(node.attr_path)
        if attribute is None:
            return false()
        if entries is None:
            return attribute.compared(node.op, node.value)
        if node.op is CompareOperator.ne:
            return not_(entries.some(attribute.compared(CompareOperator.eq, node.value)))
        return entries.some(attribute.compared(node.op, node.value))

    def visit_present(self, node: Present) -> Condition:
        """A multi-valued attribute is present if it has a value."""
        attribute, entries = self._find(node.attr_path)
        if attribute is None:
            return false()
        present = attribute.present()
        return present if entries is None else entries.some(present)

    def visit_not(self, node: Not) -> Condition:
        return not_(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> Condition:
        terms = [self.visit(term) for term in node.terms]
        return and_(*terms) if node.op is LogicalOperator.and_ else or_(*terms)

    def visit_value_path(self, node: ValuePath) -> Condition:
        """One and the same value matches all that is in the brackets."""
        head = node.attr_path.attr.lower()
        inner = _Conditions(self._table, head, alone=self._alone).visit(node.val_filter)
        entries = self._table.entries.get(head)
        return inner if entries is None else entries.some(inner)

    def _find(self, path: AttrPath) -> tuple[Attribute | None, Entries | None]:
        parts = [self._within, path.attr, path.sub_attr]
        name = ".".join(part.lower() for part in parts if part)
        attribute = self._table.attribute(name)
        if attribute is None and self._alone:
            raise InvalidFilterException(detail=f"{path}: nothing can be filtered by it")
        entries = None if self._within else self._table.entries.get(path.attr.lower())
        return attribute, entries
