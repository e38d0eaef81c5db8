"""What the benchmarks are made of: the machine, the proxies under test, load, and bars."""
