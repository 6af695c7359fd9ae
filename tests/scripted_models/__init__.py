"""Models that are scripts: they answer a build's requests as a good model would, over the protocol that models speak.

One module a task. The writers read the rendered messages and nothing else, so what they get right a prompt holds. The captioners
cannot look or listen: they are told what is true of the footage.
"""
