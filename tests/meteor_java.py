"""METEOR's Java program as an oracle, and pairs of captions to ask it about."""

import gzip
import random
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from egoetl.metrics.meteor.counts import MeteorCounts
from egoetl.metrics.meteor.tables import jar_text, paraphrase_file, tables_folder

Pair = tuple[str, str]
"""A candidate and its reference, without `|||` or line breaks: the program takes a line a pair."""
_EGO = """
the person a man woman picks up puts down cup knife table kitchen walks opens door drawer fridge turns on tap washes hands plate with
cloth left right hand cuts onion board pan stove stirs pours water into bowl looks around room sound of music playing background while
talking cooking holding walks walking toward sink red blue small large glass phone screen he she then after before , . to and in that
for " is 's it was as at by be from his an this not who
"""
_ODD = "abzAZ019.,'-`‘’“”\"–—!?:;()[]{}$%&/*+<>=\\~#@^_  \t\u00a0\u2003ÀßÿžŠİΣσςЖ東😀½"
_FORMS = (
    "U.S.",
    "e.g.",
    "Mr.",
    "No. 5",
    "1,000",
    "3.14",
    "...",
    "don't",
    "1990's",
    "o'clock",
    "''quoted''",
    "rock-n-roll",
    "a--b",
    "DOTMULTI.",
)


def numbers(counts: MeteorCounts) -> list[int]:
    """Counts in the order in which the program prints them."""
    matched = [number for kind in counts.matched for number in kind]
    return [*counts[:4], *matched, counts.chunks, counts.candidate_matches, counts.reference_matches]


class JavaMeteor:
    """The program as pycocoevalcap runs it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def numbers(self, pairs: Sequence[Pair]) -> list[list[int]]:
        """The 23 numbers of each pair."""
        answers = self._ask([f"SCORE ||| {reference} ||| {candidate}" for candidate, reference in pairs], len(pairs))
        return [[int(float(number)) for number in answer.split()] for answer in answers]

    def scores(self, counts: Sequence[Sequence[int]]) -> tuple[list[float], float]:
        """The score of each, from its numbers, and that of the corpus."""
        *scores, corpus = self._ask(["EVAL ||| " + " ||| ".join(" ".join(map(str, one)) for one in counts)], len(counts) + 1)
        return [float(score) for score in scores], float(corpus)

    def _ask(self, lines: Sequence[str], answers: int) -> list[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        text = "".join(f"{line}\n" for line in lines)
        writer = threading.Thread(target=lambda: (self._process.stdin.write(text), self._process.stdin.flush()))
        writer.start()
        made = [self._process.stdout.readline() for _ in range(answers)]
        writer.join()
        return made


@contextmanager
def java_meteor() -> Iterator[JavaMeteor]:
    """The program, until the block ends; it needs half a minute and 2 GB for its tables."""
    command = ["java", "-Xmx2G", "-jar", "meteor-1.5.jar", "-", "-", "-stdio", "-l", "en", "-norm"]
    with subprocess.Popen(
        command, cwd=tables_folder(), text=True, encoding="utf-8", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        yield JavaMeteor(process)


class CaptionPairs:
    """Pairs made by chance from METEOR's own tables: paraphrases, synonyms, irregular and function words, repetitions, odd characters."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._ego = _EGO.split()
        self._paraphrases: dict[str, list[str]] = {}
        with gzip.open(paraphrase_file(), "rt", encoding="utf-8", newline="\n") as lines:
            for number, (_, phrase, paraphrase) in enumerate(zip(lines, lines, lines, strict=True)):
                if number % 97 == seed % 97:
                    self._paraphrases.setdefault(phrase.strip(), []).append(paraphrase.strip())
        self._phrases = list(self._paraphrases)
        by_set: dict[str, list[str]] = {}
        lines = jar_text("synonym/english.synsets").splitlines()
        for word, sets in zip(lines[::2], lines[1::2], strict=True):
            for one in sets.split():
                by_set.setdefault(one, []).append(word)
        self._synonyms = [words for words in by_set.values() if len(words) > 1]
        self._irregular = jar_text("synonym/english.exceptions").split()

    def pairs(self, count: int) -> list[Pair]:
        """So many pairs, of six kinds by turns."""
        kinds = (self._rewritten, self._unrelated, self._repetitive, self._paraphrased, self._long, self._kitchen)
        return [self._as_text(*kinds[number % len(kinds)]()) for number in range(count)]

    def _rewritten(self) -> tuple[list[str], list[str]]:
        words = [self._word() for _ in range(self._chance.randint(1, 25))]
        return words, self._changed(words)

    def _unrelated(self) -> tuple[list[str], list[str]]:
        return [self._word() for _ in range(self._chance.randint(1, 20))], [self._word() for _ in range(self._chance.randint(1, 20))]

    def _repetitive(self) -> tuple[list[str], list[str]]:
        few = self._chance.sample(self._ego, self._chance.randint(1, 6))
        return self._chance.choices(few, k=self._chance.randint(1, 45)), self._chance.choices(few, k=self._chance.randint(1, 45))

    def _paraphrased(self) -> tuple[list[str], list[str]]:
        phrases = self._chance.choices(self._phrases, k=self._chance.randint(1, 15))
        others = [self._chance.choice(self._paraphrases[one]) if self._chance.random() < 0.7 else one for one in phrases]
        if self._chance.random() < 0.3:
            self._chance.shuffle(others)
        return (phrases, others) if self._chance.random() < 0.5 else (others, phrases)

    def _long(self) -> tuple[list[str], list[str]]:
        words = [self._word() for _ in range(self._chance.randint(60, 140))]
        return words, self._changed(words)

    def _kitchen(self) -> tuple[list[str], list[str]]:
        return self._chance.choices(self._ego, k=60), self._chance.choices(self._ego, k=60)

    def _word(self) -> str:
        kind = self._chance.random()
        if kind < 0.5:
            return self._chance.choice(self._ego)
        if kind < 0.65:
            return self._chance.choice(self._chance.choice(self._synonyms))
        if kind < 0.8:
            return self._chance.choice(self._phrases)
        if kind < 0.9:
            return self._chance.choice(self._irregular)
        return self._chance.choice(_FORMS) if kind < 0.93 else self._with_ending(self._chance.choice(self._ego))

    def _with_ending(self, word: str) -> str:
        return word + self._chance.choice(("s", "ed", "ing", "ly", "er", "est", "ness", "ization", "'s"))

    def _changed(self, words: list[str]) -> list[str]:
        made: list[str] = []
        for word in words:
            kind = self._chance.random()
            if kind < 0.65:
                made.append(self._chance.choice(self._paraphrases.get(word, [word])))
            elif kind < 0.75:
                made.append(self._with_ending(word))
            elif kind < 0.85:
                made.append(self._word())
            elif kind < 0.92:
                made += [word, word]
        if made and self._chance.random() < 0.4:
            cut = self._chance.randrange(len(made))
            made = made[cut:] + made[:cut]
        return made

    def _as_text(self, words: list[str], others: list[str]) -> Pair:
        return self._sentence(words), self._sentence(others)

    def _sentence(self, words: list[str]) -> str:
        text = " ".join(words)
        kind = self._chance.random()
        if kind < 0.3:
            text = text.capitalize() + self._chance.choice((".", "", "!", " .", "..."))
        elif kind < 0.45:
            text = "".join(letter if self._chance.random() > 0.03 else self._chance.choice(_ODD) for letter in text)
        return text.replace("|||", "")
