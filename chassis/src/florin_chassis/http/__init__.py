"""HTTP as every service speaks it: problems, permissions, idempotency, versions and pages."""
