#!/bin/sh
# The strongest pairs as CSV, then asked again without sending what is known already.
# Usage: ranking.sh [URL]; TOKEN in the environment where the scanner wants one.
set -eu
url=${1:-http://127.0.0.1:8080}
ask() { curl --silent --show-error --fail-with-body --compressed ${TOKEN:+--header "Authorization: Bearer $TOKEN"} "$@"; }

ask --header 'Accept: text/csv' "$url/api/v1/ranking?level=FUERTE,ALTA,MEDIA&limit=5" | cut -d, -f1,3,5,6

tag=$(ask --output /dev/null --write-out '%header{etag}' "$url/api/v1/symbols?limit=1")
ask --output /dev/null --write-out 'unchanged: %{http_code}\n' --header "If-None-Match: $tag" "$url/api/v1/symbols?limit=1"
