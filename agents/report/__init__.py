"""One self-contained page about what was found in a history: read from the store, drawn as SVG, written as HTML."""
