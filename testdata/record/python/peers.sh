# Programs with client and server in one Python package, run with Debian's Python.
export truth
software python "$(/usr/bin/python3 -c 'import platform; print(platform.python_version())')"

# python_peers PACKAGE PROGRAM [VARIANT] records PROGRAM.py, which uses PACKAGE, to its end.
python_peers() {
  software "$1" "$(/usr/bin/python3 -c "import importlib.metadata; print(importlib.metadata.version('$1'))")"
  capture
  PYTHONDONTWRITEBYTECODE=1 timeout 30 /usr/bin/python3 "$record/python/$2.py" "${@:3}"
}
