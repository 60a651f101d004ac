"""Who sells: providers, companies, service conditions, staff and the catalogue."""
