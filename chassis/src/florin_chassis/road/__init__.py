"""The road of an event: out of one database, through Kafka, into another, once and in order."""
