"""Stages as Kubernetes pods: what a pod looks like, how it is started, followed and judged."""
