"""`python -m treadguard` is the same as `treadguard`."""

import sys

from treadguard.cli.main import main

sys.exit(main())
