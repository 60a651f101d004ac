"""The story of Florin, told through the gateway and heard again on Kafka."""
