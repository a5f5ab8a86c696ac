#!/bin/bash
# The page of `make demo`, to its output: a row of pictures for each step, from the files the steps left in FOLDER.
#   scripts/demo_report.sh FOLDER >FOLDER/report.html
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
cd "$1"

row() { # HEADING, TEXT, pictures by their names in FOLDER
    printf '<section>\n<h2>%s</h2>\n<p>%s</p>\n<div>\n' "$1" "$2"
    shift 2
    for picture in "$@"; do
        [ -e "$picture" ] && printf '<a href="%s"><img src="%s" alt="%s"></a>\n' "$picture" "$picture" "$picture"
    done
    printf '</div>\n</section>\n'
}

# Loss of every step (grey) and hand mIoU of every epoch (green) of the training's log.
curve() {
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        { n++; if ($column["loss"] != "") { loss[n] = $column["loss"] } if ($column["val_miou"] != "") { miou[n] = $column["val_miou"] } }
        END {
            print "<svg viewBox=\"0 0 800 230\" role=\"img\" aria-label=\"loss and hand mIoU\">"
            for (y = 0; y <= 10; y += 2)
                printf "<path d=\"M40 %d H790\" class=\"grid\"/><text x=\"34\" y=\"%d\">%.1f</text>\n", 210 - 20 * y, 214 - 20 * y, y / 10
            width = n > 1 ? 750 / (n - 1) : 0
            printf "<polyline class=\"loss\" points=\""
            part = n > 400 ? int(n / 400) : 1
            for (i = 1; i <= n; i++) {
                if (i in loss) { sum += loss[i]; many++ }
                if (i % part == 0 && many) { mean = sum / many; printf "%.1f,%.1f ", 40 + (i - 1) * width, 210 - 200 * (mean > 1 ? 1 : mean); sum = many = 0 }
            }
            printf "\"/>\n"
            for (i = 1; i <= n; i++) if (i in miou) {
                x = 40 + (i - 1) * width; y = 210 - 200 * miou[i]; line = line x "," y " "
                printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\"><title>%.3f</title></circle>\n", x, y, miou[i]
            }
            printf "<polyline class=\"miou\" points=\"%s\"/>\n</svg>\n", line
        }' run/log.csv
}

cat <<'HTML'
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>handseg: from recording to network</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fafafa }
h1 { font-size: 1.6rem } h2 { font-size: 1.15rem; margin-bottom: .2rem } p { margin: .2rem 0 .6rem; color: #555 }
div { display: flex; flex-wrap: wrap; gap: .5rem } img { max-height: 15rem; max-width: 100%; border-radius: 4px }
.wide img { max-height: none } pre { background: #fff; border: 1px solid #ddd; padding: .8rem; overflow: auto; font-size: .85rem }
svg { background: #fff; border: 1px solid #ddd; max-width: 50rem; width: 100% } svg text { font-size: 11px; text-anchor: end; fill: #777 }
.grid { stroke: #eee } .loss { fill: none; stroke: #999 } .miou { fill: none; stroke: #2a7; stroke-width: 2 } circle { fill: #2a7 }
</style>
<h1>handseg: from recording to network</h1>
HTML

kept=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "verdict") c = i; next } { n[$c]++; all++ }
    END { printf "%d frames: %d kept, %d rejected by their score, %d without labels", all, n["keep"], n["reject"], n["unlabelled"] }' \
    labelled/quality.csv)
worst() { # names of the three kept frames with the highest (-r) or the lowest score
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } $c["verdict"] != "unlabelled" { print $c["score"], $c["frame"] }' \
        labelled/quality.csv | sort -n ${1:-} | awk 'NR <= 4 { print "labelled/color/" $2 ".png" }'
}
row "1. Recording" "What the colour camera sees; the depth camera stands 26 mm beside it, and exposes a little earlier or later." \
    recordings/user-{1,2,3,4}/color/00000004.png
row "2. Calibration" "The gloves' cloth over a sphere, found in every shot; all colours inside give the ranges." calib.png | sed 's/<div>/<div class="wide">/'
row "3. Annotation" "Colour threshold, opening, joining, hull, depth: from colour to labels, as the paper's figure 4 shows it." \
    stages/*.png | sed 's/<div>/<div class="wide">/'
mapfile -t best < <(worst -r)
mapfile -t least < <(worst)
row "4. Selection" "$kept. Those with the best and the worst scores, in the depth camera's view:" "${best[@]}" "${least[@]}"
printf '<section>\n<h2>5. Training</h2>\n<p>Loss of the training steps (grey), hand mIoU on the validation split (green).</p>\n'
curve
printf '</section>\n'
row "6. Evaluation" "On people the network has not seen: truth, prediction; wrong pixels magenta." evaluation/overlays/sheet.png |
    sed 's/<div>/<div class="wide">/'
printf '<pre>'
sed 's/&/\&amp;/g; s/</\&lt;/g' evaluation/table.txt
printf '</pre>\n'
row "7. New frames" "Segmented from PNG files." segmented/overlays/*.png
echo '</html>'
