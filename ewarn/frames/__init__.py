"""Typed data frames and arrays that packages exchange."""
