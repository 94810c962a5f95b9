"""Figures as ratios against a bare reference of the same run; `make bench` appends them."""
