"""`/scim/v2`: a company directory provisions employees and departments (RFC 7643, RFC 7644)."""
