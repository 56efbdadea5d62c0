#!/usr/bin/env bash
# Fits lme4's own data by lme4 and by this library, one after the other, and compares times and answers: the table "Beside lme4" of README.md.
# Usage: bench/compare_lme4.sh <folder outside this repository> [part of a model's name]
# Needs R with lme4 and the .NET SDK. Takes about four minutes, most of it lme4's InstEval taken to its end.
# Ends with 0 where all answers agree, with 1 where one does not, with 2 where none could be compared.
set -euo pipefail
if [ $# -lt 1 ]; then
    echo "Usage: bench/compare_lme4.sh <folder outside this repository> [part of a model's name]" >&2
    exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
part=${2:-}
bench=$(cd "$(dirname "$0")" && pwd)

# Built before anything is timed.
dotnet build "$bench/TypedPooling.Bench" -c Release -v quiet
[ -f "$folder/insteval.csv" ] || Rscript "$bench/fetch_lme4_data.R" "$folder"
Rscript "$bench/lme4_speed.R" "$folder" "$folder/lme4_answers.csv" $part
TYPEDPOOLING_LME4_DATA="$folder" dotnet run --no-build -c Release --project "$bench/TypedPooling.Bench" -- --compare "$folder/lme4_answers.csv"
