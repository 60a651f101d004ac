"""Who pays: payers, personal accounts, the ledger, invoices, payments and expenses."""
