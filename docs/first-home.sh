#!/bin/sh
# A home to look at, in the folder $1: Vänersborg's wheel with the cycles around today. Every line that begins with
# arshjul is one that you could type. The people are invented, and so are KS's decisions on the timetables.
set -eu
home=$1
year=$(date +%Y)
today=$(date +%F)
autumn=$([ "$(date +%m)" -ge 11 ] && echo yes || echo no) # in November the next budget work opens, as a draft

arshjul init --home "$home"
trap '[ $? = 0 ] || rm -rf "$home"' EXIT # half a home would pass for a whole one the next time

last=$((year + 1))
if [ "$autumn" = yes ]; then last=$((year + 2)); fi
cycle=$((year - 1))
while [ "$cycle" -le "$last" ]; do
    arshjul open "$cycle" --home "$home" --actor admin
    decided=$((cycle - 2))-11-05
    if [ "$(echo "$decided" | tr -d -)" -gt "$(echo "$today" | tr -d -)" ]; then decided=$today; fi
    arshjul advance "$cycle/tidsplan" decide --home "$home" --actor admin --body ks --date "$decided" \
        --paragraph 999 --diary "KS $((cycle - 2))/999" --outcome adopted \
        --text "Påhittat beslut, för att kunna prova Årshjul."
    cycle=$((cycle + 1))
done

election=$((year - (year + 2) % 4)) # 2022, 2026, 2030 …
if [ "$election" = "$year" ] && [ "$autumn" = no ]; then election=$((election - 4)); fi
arshjul open "mandat-$election" --home "$home" --actor admin
