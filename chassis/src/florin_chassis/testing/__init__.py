"""What tests of a service need: tokens that verify, a running application, the two-way guard."""
