"""WordNet for NLTK, made from Debian's packages wordnet-base and wordnet-sense-index."""

import shutil
from pathlib import Path

DEBIAN = Path("/usr/share/wordnet")
_PARTS = {"noun": 1, "verb": 2, "adj": 3, "adv": 4}
# Debian leaves out the list of lexicographers' files, which NLTK reads first: WordNet's manual has it in lexnames(5WN).
_LEXICOGRAPHERS_FILES = (
    "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition noun.communication "
    "noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person noun.phenomenon noun.plant "
    "noun.possession noun.process noun.quantity noun.relation noun.shape noun.state noun.substance noun.time verb.body verb.change "
    "verb.cognition verb.communication verb.competition verb.consumption verb.contact verb.creation verb.emotion verb.motion "
    "verb.perception verb.possession verb.social verb.stative verb.weather adj.ppl"
)


def make_corpus(root: Path) -> Path:
    """Lay out WordNet below `root` as NLTK looks for it: `root` is then a folder for `nltk.data.path`. Returns `root`."""
    corpus = root / "corpora" / "wordnet"
    corpus.mkdir(parents=True)
    for file in DEBIAN.iterdir():
        if file.is_file():
            shutil.copyfile(file, corpus / file.name)
    names = _LEXICOGRAPHERS_FILES.split()
    lines = (f"{place:02d}\t{name}\t{_PARTS[name.split('.')[0]]}\n" for place, name in enumerate(names))
    (corpus / "lexnames").write_text("".join(lines), encoding="ascii")
    return root
