"""Search in what a reader may see: parameters, person, pages, includes (search.html)."""
