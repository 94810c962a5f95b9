"""What is not served: detectors that were tried, invented worlds, judges of one benchmark."""
