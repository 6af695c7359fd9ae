"""Models for tests: an environment with vLLM on the CPU, tiny checkpoints of the real architectures, and servers of them."""
