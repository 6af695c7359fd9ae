"""ssa, sound source association: which sounds are there, and what makes each of them?"""
