"""How the agents run: one process on one SQLite file, or Faust workers on Kafka."""
