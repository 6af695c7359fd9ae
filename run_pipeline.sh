#!/usr/bin/env bash
# EgoAVU's pipeline by its own flags, variables and folders, on egoetl. docs/coming-from-egoavu.md has every detail.
set -euo pipefail

usage() {
  cat <<'END'
Usage: ./run_pipeline.sh [FLAG...]

  --all            every step (the default)
  --split          cut the clips of CSV_FILE out of INPUT_VIDEO_DIR, as mp4 and wav
  --caption        describe what is seen and heard in each segment
  --mcg            multimodal context graphs
  --av-narration   audio-visual narrations
  --qa             question-answer pairs, and the dataset's release
  --from-mcg       mcg, av-narration and qa, on captions that are there already
  --from-av        av-narration and qa, on context graphs that are there already
  --help           show this

A step makes what it needs of the steps before it, and nothing that is there already. Variables, with their defaults:

  CSV_FILE, INPUT_VIDEO_DIR        the manifest and its videos; sample footage is made if neither is set
  SPLIT_OUTPUT_DIR                 ./media/split
  CAPTION_OUTPUT_DIR               ./outputs/captions
  MCG_OUTPUT_DIR                   ./outputs/mcg
  AV_NARRATION_OUTPUT_DIR          ./outputs/av_narration
  QA_OUTPUT_DIR                    ./outputs/qa
  RELEASE_OUTPUT_DIR               ./outputs/release: release files, LlamaFactory and WebDataset forms
  CHUNK_DURATION                   10, seconds of a segment
  SPLIT_WORKERS, BATCH_SIZE        4, 4: clips, and requests to a model, in flight at once
  MAX_NEW_TOKENS, TEMPERATURE      the recipe's, of the text model
  QWEN_MODEL_PATH, LLM_MODEL_ID, NUM_GPUS   for engines with a model; the engine `measured` has none
END
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
egoetl="$here/.venv/bin/egoetl"
first=""
split="" caption="" mcg="" av_narration="" qa=""
set=()

read_flags() {
  [ $# -gt 0 ] || set -- --all
  for flag in "$@"; do
    case "$flag" in
      --all) split=1 caption=1 mcg=1 av_narration=1 qa=1 ;;
      --split) split=1 ;;
      --caption) caption=1 ;;
      --mcg) mcg=1 ;;
      --av-narration) av_narration=1 ;;
      --qa) qa=1 ;;
      --from-mcg) first=mcg mcg=1 av_narration=1 qa=1 ;;
      --from-av) first=av_narration av_narration=1 qa=1 ;;
      --help | -h) usage; exit 0 ;;
      *) echo "run_pipeline.sh: there is no flag $flag; ./run_pipeline.sh --help shows those there are." >&2; exit 64 ;;
    esac
  done
}

prepare() {
  make --silent --directory "$here" .venv/.control
  if [ -z "${EGOETL_DATABASE_URL:-}" ]; then
    eval "$("$egoetl" local up --without-airflow)"
  fi
  if [ -z "${CSV_FILE:-}${INPUT_VIDEO_DIR:-}" ]; then
    INPUT_VIDEO_DIR="${EGOETL_HOME:-.egoetl}/footage"
    CSV_FILE="$INPUT_VIDEO_DIR/manifest.csv"
    "$egoetl" footage make "$INPUT_VIDEO_DIR"
  fi
  : "${CSV_FILE:=$INPUT_VIDEO_DIR/manifest.csv}" "${INPUT_VIDEO_DIR:=$(dirname "$CSV_FILE")}"
  for name in QWEN_MODEL_PATH LLM_MODEL_ID NUM_GPUS; do
    if [ -n "${!name:-}" ]; then
      echo "run_pipeline.sh: $name is not used: the engine measured has no model." >&2
    fi
  done
}

read_settings() {
  if [ -n "${CHUNK_DURATION:-}" ]; then
    local milliseconds
    milliseconds=$(awk -v seconds="$CHUNK_DURATION" 'BEGIN { if (seconds !~ /^[0-9]+([.][0-9]+)?$/) exit 1; printf "%.0f", seconds * 1000 }') || {
      echo "run_pipeline.sh: CHUNK_DURATION=$CHUNK_DURATION is no number of seconds." >&2
      exit 64
    }
    set+=(--set "split.segment_ms=$milliseconds")
  fi
  if [ -n "${MAX_NEW_TOKENS:-}" ]; then set+=(--set "text.max_tokens=$MAX_NEW_TOKENS"); fi
  if [ -n "${TEMPERATURE:-}" ]; then set+=(--set "text.temperature=$TEMPERATURE"); fi
}

# build NAME CONCURRENCY [OPTION...]: a build of the manifest's rows; what is there already is reused.
build() {
  EGOETL_CONCURRENCY="$2" "$egoetl" build run egoavu --manifest "$CSV_FILE" --videos "$INPUT_VIDEO_DIR" --name "$1" "${@:3}" ${set[@]+"${set[@]}"}
}

# stage_files BUILD FOLDER FILE...: stages of a build as EgoAVU's files, each put in place whole.
stage_files() {
  local made
  made=$(mktemp -d)
  "$egoetl" export "$1" --format egoavu --out "$made" >/dev/null
  mkdir -p "$2"
  for file in "${@:3}"; do
    for each in "$made"/$file; do
      cp "$each" "$2/.${each##*/}.part"
      mv "$2/.${each##*/}.part" "$2/${each##*/}"
      echo "$2/${each##*/}"
    done
  done
  rm -rf "$made"
}

main() {
  read_flags "$@"
  read_settings
  prepare
  local name last="" out="${RELEASE_OUTPUT_DIR:-./outputs/release}"
  name="pipeline-$(date -u +%Y%m%d-%H%M%S)-$$"
  if [ -n "$split" ]; then
    build "$name-split" "${SPLIT_WORKERS:-4}" --to split
    "$egoetl" materialize "$name-split" --out "${SPLIT_OUTPUT_DIR:-./media/split}"
  fi
  [ -z "$caption" ] || last=caption
  [ -z "$mcg" ] || last=mcg
  [ -z "$av_narration" ] || last=av_narration
  if [ -n "$qa" ]; then
    build "$name" "${BATCH_SIZE:-4}" ${first:+--from "$first"}
  elif [ -n "$last" ]; then
    build "$name" "${BATCH_SIZE:-4}" ${first:+--from "$first"} --to "$last"
  fi
  [ -z "$caption" ] || stage_files "$name" "${CAPTION_OUTPUT_DIR:-./outputs/captions}" captions/merged_captions.jsonl
  [ -z "$mcg" ] || stage_files "$name" "${MCG_OUTPUT_DIR:-./outputs/mcg}" mcg/mcg_output.jsonl
  [ -z "$av_narration" ] ||
    stage_files "$name" "${AV_NARRATION_OUTPUT_DIR:-./outputs/av_narration}" av_narration/av_narration_output.jsonl
  if [ -n "$qa" ]; then
    stage_files "$name" "${QA_OUTPUT_DIR:-./outputs/qa}" 'qa/qa_*.jsonl'
    "$egoetl" export egoavu@latest --format parquet --out "$out"
    "$egoetl" export egoavu@latest --format llamafactory --out "$out/llamafactory"
    "$egoetl" export egoavu@latest --format webdataset --out "$out/webdataset"
  fi
}

main "$@"
