"""``python -m spinneuron``: the command line."""

import sys

from spinneuron.cli import main

if __name__ == "__main__":
    sys.exit(main())
