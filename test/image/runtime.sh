#!/usr/bin/env bash
# runc, where root may not raise limits (no CAP_SYS_RESOURCE): takes from a container's bundle what would raise
# them. Whether limits of processes are raised is not what is tested.
previous=
for word in "$@"; do
  case $previous in
    --bundle | -b) file=$word/config.json ;;
    --process | -p) file=$word ;;
  esac
  previous=$word
done
if [ -n "${file:-}" ]; then
  node -e '
    const { readFileSync, writeFileSync } = require("node:fs")
    const file = process.argv[1]
    const content = JSON.parse(readFileSync(file, "utf8"))
    const target = content.process ?? content
    delete target.rlimits
    delete target.oomScoreAdj
    writeFileSync(file, JSON.stringify(content))' "$file" || exit 1
fi
exec runc "$@"
