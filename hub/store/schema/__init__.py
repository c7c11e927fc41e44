"""hub/store/schema"""
