"""The pure core: no Kafka, no asyncio, no wall clock, no global state. Time comes in with the records."""
