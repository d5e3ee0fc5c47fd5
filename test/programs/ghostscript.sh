#!/usr/bin/env bash
# Ghostscript renders a document of several pages (text in many sizes, gradients, curves, patterns,
# images, transparency) to PNG and PPM, also from a PDF that it has written itself. Every page must
# be identical, byte for byte, to the one of a run without the library.
. "$(dirname "$0")/common.sh"
begin "$@"
need gs ghostscript

pages=$(pick 8 4)
resolution=$(pick 110 72)

gs_work() {
  local common=(-q -dBATCH -dNOPAUSE -dSAFER -dMaxPatternBitmap=400000)
  launch gs "${common[@]}" -sDEVICE=png16m "-r$resolution" -dTextAlphaBits=4 \
    -dGraphicsAlphaBits=4 -sOutputFile=page%02d.png "$work/input/pages.ps" || return 1
  launch gs "${common[@]}" -sDEVICE=ppmraw "-r$resolution" -dNumRenderingThreads=2 \
    -dBandHeight=64 -sOutputFile=page%02d.ppm "$work/input/pages.ps" || return 1
  launch gs "${common[@]}" -sDEVICE=pdfwrite -sOutputFile=pages.pdf "$work/input/pages.ps" ||
    return 1
  launch gs "${common[@]}" -sDEVICE=pgmraw "-r$resolution" -sOutputFile=again%02d.pgm \
    pages.pdf || return 1
  launch gs "${common[@]}" -sDEVICE=txtwrite -sOutputFile=text pages.pdf
}

# `not_blank FILE`: a page of one colour has few different bytes.
not_blank() {
  local different
  different=$(tail -c +20 "$1" | od -An -v -tu1 -w1 | sort -u | wc -l)
  [ "$different" -gt 50 ] || fail "$(basename "$1") shows only $different different values"
}

sed "s/PAGES/$pages/" "$here/pages.ps" >"$work/input/pages.ps"
served gs gs -q -dBATCH -dNODISPLAY -c '(x) print quit'
run_both gs_work
for page in $(seq -f %02g "$pages"); do
  same "page$page.png" "the PNG of page $page"
  same "page$page.ppm" "the PPM of page $page, rendered by two threads"
  same "again$page.pgm" "page $page of the PDF"
  not_blank "$work/preloaded/page$page.ppm"
done
[ ! -e "$work/preloaded/page$(printf %02d $((pages + 1))).png" ] || fail "there are too many pages"
same text "the text of the PDF"
finish
