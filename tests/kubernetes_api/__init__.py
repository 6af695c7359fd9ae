"""A Kubernetes API on loopback whose containers are processes of this machine: `Cluster` in `cluster.py`."""
