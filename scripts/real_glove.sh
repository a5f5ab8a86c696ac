#!/bin/bash
# Annotates two real frames and draws every stage: a hand painted red, seen by a Kinect (colour and depth), and the
# colour frame of the paper's figure 2, whose threshold stage is put beside the mask its authors publish.
#   scripts/real_glove.sh DATA_DIR [OUT_DIR]      OUT_DIR: build/real_glove
# DATA_DIR/red_hand_kinect1 and DATA_DIR/handseg_figures hold the frames; without them there is nothing to do.
set -euo pipefail
. "$(dirname "$(realpath "$0")")/help.sh"
[ $# -ge 1 ] || { echo "usage: $0 DATA_DIR [OUT_DIR]" >&2; exit 2; }
data=$(realpath -m "$1")
root=$(dirname "$(dirname "$(realpath "$0")")")
out=$(realpath -m "${2:-$root/build/real_glove}")
cd "$root"
for folder in "$data/red_hand_kinect1" "$data/handseg_figures"; do
    [ -d "$folder" ] || { echo "SKIPPED: $folder: no such folder"; exit 0; }
done
scripts/install_deps.sh scores
make -s build/release/handseg
program=$PWD/build/release/handseg
rm -rf "$out"
mkdir -p "$out"

# write_recording FOLDER COLOR DEPTH: one pair, the depth registered to the colour
write_recording() {
    mkdir -p "$1/color" "$1/depth"
    cp "$2" "$1/color/00000000.png"
    cp "$3" "$1/depth/00000000.png"
    local lens="width=640
height=480
fx=525
fy=525
cx=319.5
cy=239.5
model=none"
    cat >"$1/camera.ini" <<INI
[recording]
subject=1
tolerance=0.01
[depth]
$lens
unit=0.001
[color]
$lens
[depth_to_color]
rotation=1, 0, 0, 0, 1, 0, 0, 0, 1
translation=0, 0, 0
[depth_times]
00000000=0
[color_times]
00000000=0
INI
}

write_recording "$out/red_hand" "$data"/red_hand_kinect1/{color_0,depth_0}.png
"$program" calibrate --right "$out/red_hand" --box 188,305,25,78 --out "$out/red_hand.ini"
"$program" annotate "$out/red_hand" --calib "$out/red_hand.ini" --out "$out/red_hand_labelled" \
    --debug "$out/red_hand_stages"

# Figure 2 has no depth to go with its colours: a plane stands for it, and the colours alone decide.
/usr/bin/python3 - "$out/plane.png" <<'PYTHON'
import sys
import numpy
from PIL import Image
Image.fromarray(numpy.full((480, 640), 1000, numpy.uint16)).save(sys.argv[1])
PYTHON
write_recording "$out/figure2" "$data/handseg_figures/fig2_color_640x480.png" "$out/plane.png"
"$program" calibrate --right "$out/figure2" --box 190,130,60,50 --out "$out/figure2_right.ini"
"$program" calibrate --left "$out/figure2" --box 395,115,60,60 --out "$out/figure2_left.ini"
cat "$out"/figure2_{right,left}.ini >"$out/figure2.ini"
"$program" annotate "$out/figure2" --calib "$out/figure2.ini" --out "$out/figure2_labelled" \
    --debug "$out/figure2_stages"
/usr/bin/python3 - "$data/handseg_figures/fig2_mask_hsv_640x480.png" "$out/figure2_authors.png" <<'PYTHON'
import sys
import numpy
from PIL import Image
mask = numpy.array(Image.open(sys.argv[1]))
colours = numpy.array([[0, 0, 0], [150, 225, 135], [255, 112, 62]], numpy.uint8)
Image.fromarray(colours[mask]).save(sys.argv[2])
PYTHON
echo "stages: $out/red_hand_stages, $out/figure2_stages; the authors' mask of figure 2 (in the view of the depth" \
    "camera, smoothed): $out/figure2_authors.png"
