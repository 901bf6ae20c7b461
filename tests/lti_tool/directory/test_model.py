"""The tables of the directory, without any other part of the tool."""

import subprocess
import sys

SCRIPT = """
import lti_tool.directory.registrations
from lti_tool.storage.database import Base
print(*(table.name for table in Base.metadata.sorted_tables))
"""


def test_the_tables_refer_to_no_table_of_a_feature() -> None:
    shown = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert {"registrations", "deployments", "institutions", "users"} <= set(shown.stdout.split())
