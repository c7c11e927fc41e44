"""What the adapters that are fitted by a source profile share: reading, scope and records.

An adapter of this kind turns its format into `mappings.source_node` trees and removes from its own
document what `scope` says must not be stored; the rest is the same for XML, JSON and tables.
"""
