"""From a document to the store: recognise, judge, store, parse, map, check, index."""
