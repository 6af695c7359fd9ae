"""The words of a text as CIDEr and NLTK's METEOR are given them here, and how EgoAVU's scorer prepares a text."""

from egoetl.algorithms.wording import words


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text: runs of letters and digits of its NFKC form, case-folded.

    The Penn Treebank tokenizer that COCO's captions are scored with, a Java program, differs in three ways. It keeps `ice-cream`
    and `3.5` whole, which here are two words each; it parts `don't` into `do` and `n't`, which here is `don` and `t`; and it keeps
    some signs, such as `$` and `&`, which here are dropped. Plain words come out the same.
    """
    return words(text)


def flattened(text: str) -> str:
    """A text as EgoAVU's captioning_eval.py prepares it: line ends become spaces, white space at both ends goes, nothing else."""
    return text.replace("\r", " ").replace("\n", " ").strip()
