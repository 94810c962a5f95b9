"""Code that is not served: tested detectors, simulated worlds and evaluation for benchmarks."""
