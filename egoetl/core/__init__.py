"""Records, ids, errors, content keys, ports, stages, recipes: imports nothing else of egoetl."""
