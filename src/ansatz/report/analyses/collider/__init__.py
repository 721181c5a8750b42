"""Drawings of analyses of collider data."""
