"""Where mentions come from: the connectors, the files, and the demo's story."""
