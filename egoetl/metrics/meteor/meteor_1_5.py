"""METEOR 1.5 for English: the metric of the Java program that pycocoevalcap runs, number for number, without Java.

Words of the candidate are aligned with words of the reference by the same word (worth 1), the same stem (0.6), a synonym of
WordNet (0.8) or a paraphrase (0.6), so that the most words are matched in the fewest chunks. Precision P and recall R weigh content
words 0.75 and the commonest words 0.25; the score is (1 - 0.6 (chunks / matches)^0.2) / (0.15 / P + 0.85 / R), 0 to 1.

Source: Denkowski and Lavie, Meteor Universal: Language Specific Translation Evaluation for Any Target Language, WMT 2014, and
`java -jar meteor-1.5.jar - - -stdio -l en -norm`, which decides wherever the paper is silent: how text is cut into words, the
stemmer, the beam of 40 alignments. NLTK's METEOR is another metric, of other numbers.

The tables are read from the package pycocoevalcap. The first use on a machine takes about ten seconds and 250 MB while the
paraphrases are brought into a file of 70 MB in the user's cache folder (`$XDG_CACHE_HOME` or `~/.cache`, `egoetl/meteor`); later
processes map that file, load in about a second, and hold 110 MB and the pages they look at, at most 70 MB more.
"""

from collections.abc import Iterable, Sequence

from egoetl.core.errors import CallerError
from egoetl.metrics.meteor.counts import MeteorCounts, total

References = str | Sequence[str]
"""One reference, or several of which the best counts."""


def meteor_1_5(candidate: str, reference: References) -> float:
    """The METEOR 1.5 score of a caption, 0 to 1; the best, where there are several references.

    Line breaks count as blanks. Raises CallerError without a reference, DataError for a caption of more than 4,096 words, and
    ConfigError where the tables are missing.
    """
    return meteor_1_5_counts(candidate, reference).score


def meteor_1_5_scores(pairs: Iterable[tuple[str, References]]) -> list[float]:
    """The METEOR 1.5 score of each (candidate, reference or references), in order."""
    return [meteor_1_5(candidate, reference) for candidate, reference in pairs]


def meteor_1_5_corpus(pairs: Iterable[tuple[str, References]]) -> float:
    """METEOR 1.5 of a whole corpus, from its summed counts: what pycocoevalcap calls the score, and not the mean of the scores."""
    counts = [meteor_1_5_counts(candidate, reference) for candidate, reference in pairs]
    if not counts:
        raise CallerError("METEOR of a corpus needs at least one caption, and there is none.", reason="empty_corpus")
    return total(counts).score


def meteor_1_5_counts(candidate: str, reference: References) -> MeteorCounts:
    """What the score is made of; of several references, for the first of those that score best."""
    from egoetl.metrics.meteor.scorer import scorer

    references = [reference] if isinstance(reference, str) else reference
    if not references:
        raise CallerError("METEOR needs at least one reference, and there is none.", reason="no_reference")
    return max((scorer().counts(candidate, one) for one in references), key=lambda counts: counts.score)


def legacy_meteor_1_5(candidate: str, reference: References) -> float:
    """What EgoAVU prints for a caption: METEOR through pycocoevalcap, one sample a call, without its tokenizer of Penn Treebank.

    The score is the same, for METEOR cuts the words itself. What differs: `|||`, which parts the fields of a line, vanishes from the
    candidate, after which two blanks become one, and parts a reference into several, of which the best counts.
    """
    references = [reference] if isinstance(reference, str) else reference
    parts = [part for one in references for part in one.split("|||")]
    return meteor_1_5(candidate.replace("|||", "").replace("  ", " "), parts)
