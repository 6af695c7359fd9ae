"""Known defects of the reference scorers, and the tests that hold them: what docs/metrics.md shows as a table."""

from typing import NamedTuple


class Defect(NamedTuple):
    """One defect of a published scorer.

    Attributes:
        system: EgoAVU, EgoTextVQA, EVQA ...
        where: the file or the function of it.
        defect: what it does.
        ours: what egoetl does instead.
        legacy: what egoetl prints as legacy, or that it prints none.
        test: `path::function` of the test that shows both, or of one for each, parted by a space.
    """

    system: str
    where: str
    defect: str
    ours: str
    legacy: str
    test: str


_EVIDENCE, _TEXT, _METEOR, _QA, _ST_EVIDENCE, _SCORING = (
    f"tests/unit/metrics/defects/test_{part}.py" for part in ("evidence", "text", "meteor", "qa_benchmarks", "st_evidence", "scoring")
)

OF_EVIDENCE: tuple[Defect, ...] = (
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, temporal IoU",
        "Overlaps of all pairs of segments are added up: a perfect segment given twice has an IoU of 2.0.",
        "Spans are merged first; IoU is 1.0 and cannot exceed it.",
        "2.0",
        f"{_EVIDENCE}::test_a_segment_given_twice",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, temporal IoU and IoP",
        "Where true segments overlap, a perfect prediction can make the denominator 0: IoU is 0.0 and IoP 2.0.",
        "Spans are merged first; both are 1.0.",
        "0.0 and 2.0",
        f"{_EVIDENCE}::test_true_segments_that_overlap",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, J and F",
        "Only frames that were predicted count: one perfect mask of a hundred frames scores 1.0.",
        "The union of predicted and true frames counts: 0.01.",
        "1.0",
        f"{_EVIDENCE}::test_frames_that_were_left_out",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, J and F",
        "A predicted mask that cannot be read is passed over, and an entry of nothing else left out of the mean.",
        "Scoring ends with DataError `mask_unreadable`, which names the file: a broken mask is no empty one.",
        "The mean over the readable frames.",
        f"{_EVIDENCE}::test_a_mask_that_cannot_be_read",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, J and F",
        "One predicted mask of another size than the truth ends the scoring of all masks.",
        "It is brought to the size of the truth, by nearest neighbour, and counted as resized.",
        "None: DataError `mask_sizes_differ`.",
        f"{_EVIDENCE}::test_masks_of_two_sizes",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`",
        "Answer and evidence are reported apart, although the paper asks for answers that are right for the right reason.",
        "`joint@0.3`, `joint@0.5` and `joint`, beside the separate scores.",
        "None: the scorer has no such score.",
        f"{_EVIDENCE}::test_right_answer_and_evidence_on_different_halves",
    ),
    Defect(
        "DAVIS",
        "boundary measure F",
        "A mask that fills the picture has no boundary, so that against an empty one F is 1.0.",
        "F is 0.0 wherever one mask is empty and the other is not.",
        "None: EVQA's F has the same exception.",
        f"{_EVIDENCE}::test_a_full_mask_against_an_empty_one",
    ),
    Defect(
        "EgoVLP",
        "Charades mAP",
        "A class without a positive makes the mean NaN.",
        "The mean is over the classes that have a positive.",
        "NaN",
        f"{_EVIDENCE}::test_a_class_without_a_positive",
    ),
    Defect(
        "EgoVLP",
        "Charades mAP",
        "Equal scores rank in the order of an unstable sort: a constant score earns what the order of the file gives it.",
        "Equal scores are one step: a constant score earns the share of positives.",
        "What NumPy's sort gives.",
        f"{_EVIDENCE}::test_equal_scores_in_another_order",
    ),
    Defect(
        "JPoSE (EPIC-Kitchens-100)",
        "`src/evaluation/mAP.py`",
        "Precision adds up fractional relevance: an item of relevance 0.5 ahead of the right one raises AP from 0.5 to 0.75.",
        "Precision counts items of relevance 1, as the formula in the code's own comment does.",
        "0.75",
        f"{_EVIDENCE}::test_half_relevant_items_ahead_of_the_right_one",
    ),
    Defect(
        "JPoSE (EPIC-Kitchens-100)",
        "`src/evaluation/mAP.py`",
        "A query without an item of relevance 1 makes the mean NaN.",
        "It has no AP, and the mean is over the others.",
        "NaN",
        f"{_EVIDENCE}::test_a_query_without_a_right_item",
    ),
)

OF_TEXTS: tuple[Defect, ...] = (
    Defect(
        "EVQA",
        "generation runner, letters",
        "The first of a to e in any word is the answer: `The answer is B` is E.",
        "Read only where a text puts its choice: B.",
        "E",
        f"{_TEXT}::test_evqa_generation_reads_letters_inside_words",
    ),
    Defect(
        "EVQA",
        "multiple-choice runners, letters",
        "The article is an option: `a dog, C` is A.",
        "C",
        "A",
        f"{_TEXT}::test_evqa_multiple_choice_takes_the_article_for_option_a",
    ),
    Defect(
        "EVQA",
        "Qwen runner, letters",
        "Without a letter that stands alone, the first of A to E that occurs anywhere is the answer: `It is unclear` is A.",
        "No answer: `no_option`.",
        "A",
        f"{_TEXT}::test_evqa_qwen_runner_takes_the_first_letter_of_the_alphabet",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, accuracy",
        "Of two options with the same text both are right.",
        "The option is chosen by its place.",
        "Both are right.",
        f"{_TEXT}::test_evqa_counts_both_of_two_equal_options_as_right",
    ),
    Defect(
        "EVQA",
        "`eval_st_evidence.py`, accuracy",
        "Texts are compared case and all: `b`, `(B)` and `A cat` are wrong where B, `a cat`, is right.",
        "All three choose B.",
        "wrong",
        f"{_TEXT}::test_evqa_compares_the_text_of_the_option_case_and_all",
    ),
    Defect(
        "VideoLLaMA2",
        "EgoSchema",
        "An answer that cannot be read counts as option C.",
        "No answer: `no_option`.",
        "C",
        f"{_TEXT}::test_videollama2_answers_c_where_it_reads_nothing",
    ),
    Defect(
        "EgoAVU",
        "`captioning_eval.py`, CIDEr",
        "Each pair is a corpus of its own, in which no word is rare: CIDEr is 0 even for equal texts.",
        "The task's narrations are the corpus: 10 for equal texts.",
        "0.0",
        f"{_TEXT}::test_egoavu_cider_is_zero_even_for_equal_texts",
    ),
    Defect(
        "EgoAVU",
        "`captioning_eval.py`, ROUGE-L",
        "No tokenizer: a full stop belongs to its word, and a second space is a word.",
        "Words are runs of letters and digits, as in rouge-score.",
        "Below 0.5 for a sentence with its full stop.",
        f"{_TEXT}::test_egoavu_rouge_l_takes_a_full_stop_and_a_second_space_for_words",
    ),
    Defect(
        "EgoAVU",
        "`captioning_eval.py`, METEOR through pycocoevalcap",
        "Three bars in a reference part it into several references, of which the best counts.",
        "One reference, as it was written.",
        "The best of its parts.",
        f"{_METEOR}::test_bars_in_a_reference_part_it_into_several",
    ),
    Defect(
        "EgoAVU",
        "`captioning_eval.py`, METEOR through pycocoevalcap",
        "Three bars vanish from a prediction, and then two blanks become one.",
        "The prediction is scored as it stands.",
        "The score of what is left.",
        f"{_METEOR}::test_bars_in_a_candidate_vanish",
    ),
    Defect(
        "EgoAVU",
        "`llm_as_judge.py`",
        "Ratings that cannot be read drop out of the mean without a word.",
        "They have no value, and coverage says so.",
        "The mean of the others.",
        f"{_TEXT}::test_egoavu_drops_ratings_that_it_cannot_read",
    ),
    Defect(
        "EgoAVU",
        "`llm_as_judge.py`",
        "A rating of 7 of 5 counts as 7; 4.8 is cut to 4.",
        "A grade beside the rubric's scale is none.",
        "7 and 4",
        f"{_TEXT}::test_egoavu_counts_ratings_beside_the_scale_and_cuts_fractions",
    ),
    Defect(
        "EgoTextVQA",
        "`eval.py`",
        "A judge call that failed is saved as no, with 0 points.",
        "No grade: a status, and a retry.",
        "no and 0",
        f"{_TEXT}::test_egotextvqa_saves_a_failed_call_as_no_with_zero",
    ),
    Defect(
        "EgoTextVQA",
        "`eval.py`",
        "Any reply with `yes` in it is a yes: `Not yes` too.",
        "A verdict is yes or no by its schema; anything else is none.",
        "yes",
        f"{_TEXT}::test_egotextvqa_takes_any_text_with_yes_in_it_for_a_yes",
    ),
)

OF_BENCHMARKS: tuple[Defect, ...] = (
    Defect(
        "EVQA",
        "`eval_st_evidence.py`",
        "A prediction that is missing counts as wrong.",
        "It has no value, and coverage says so.",
        "wrong",
        f"{_ST_EVIDENCE}::test_a_missing_prediction_is_wrong_for_the_reference_and_no_answer_for_us",
    ),
    Defect(
        "EVQA",
        "multiple-choice runners",
        "They read the columns `video` and `options`; with the documented table every row is passed over without a word.",
        "The documented columns are read; a row that cannot be read is refused by name.",
        "None: no row would be asked.",
        f"{_ST_EVIDENCE}::test_a_table_with_the_documented_columns_is_asked_and_not_passed_over",
    ),
    Defect(
        "EgoTextVQA",
        "`predict.py` and `eval.py`",
        "A prediction that failed leaves no row, and so leaves the mean.",
        "It stays in the total, and coverage says so.",
        "The mean over the others.",
        f"{_QA}::test_a_question_without_a_prediction_stays_in_the_total",
    ),
    Defect(
        "EgoTextVQA",
        "`eval.py`, tables",
        "Rows are told apart by their type alone: `others` of indoor and outdoor are one.",
        "Each subset has its own.",
        "Both pooled.",
        f"{_QA}::test_the_others_of_one_subset_are_not_those_of_the_other",
    ),
    Defect(
        "EgoTextVQA",
        "frames",
        "Frames up to a second after the question's time are shown.",
        "Nothing that comes after a question is shown.",
        "None: it is what a model is shown.",
        f"{_QA}::test_nothing_that_comes_after_a_question_is_shown",
    ),
    Defect(
        "EgoTempo",
        "the published notebook",
        "Of the 32 frames that it samples it sends the first alone.",
        "32 frames, spread over the clip.",
        "None: it is what a model is shown.",
        f"{_QA}::test_egotempo_shows_more_than_the_first_frame",
    ),
    Defect(
        "EgoTextVQA",
        "`app.py`",
        "Predictions are joined by video and question: one that is asked at two times is shown once.",
        "Joined by the question's id.",
        "None: it is a page.",
        f"{_SCORING}::test_one_question_at_two_times_is_two_where_a_join_by_its_words_has_one",
    ),
    Defect(
        "EgoTextVQA",
        "files of results",
        "A failed call that was saved as no cannot be told from a wrong answer.",
        "An answer that holds the gold answer and was graded lowest is listed as suspicious.",
        "As it is in the file.",
        f"{_SCORING}::test_a_failed_call_that_was_saved_as_no_is_listed_as_suspicious",
    ),
    Defect(
        "EgoAVU",
        "`llm_as_judge.py`",
        "Braces in the prompt go through `str.format`: it ends at its first item with a KeyError.",
        "Prompts are filled in without looking at what is filled in.",
        "None: it prints nothing.",
        f"{_QA}::test_braces_in_a_question_reach_the_model_as_they_stand",
    ),
)

DEFECTS = (*OF_TEXTS, *OF_EVIDENCE, *OF_BENCHMARKS)
