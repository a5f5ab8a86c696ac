# Sourced by the scripts: with --help or -h among the arguments shows the comment that the script begins with, and ends.
for argument in "$@"; do
    case $argument in
    -h | --help)
        sed -n '2,${/^#/!q;s/^# \{0,1\}//p;}' "$0"
        exit 0
        ;;
    esac
done
