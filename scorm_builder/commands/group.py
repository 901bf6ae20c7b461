"""``scorm-builder`` itself, over its subcommands.

Everything that a subcommand needs is imported inside it, so that ``--help`` and a single build
start fast.
"""

import click

from scorm_builder.commands.build import build
from scorm_builder.commands.check import check
from scorm_builder.commands.inspect import inspect
from scorm_builder.commands.new import new
from scorm_builder.commands.preview import preview
from scorm_builder.commands.translate import translate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="minga", prog_name="scorm-builder")
def scorm_builder() -> None:
    """Package learning modules for an LMS: write, see, check, translate and build them."""


scorm_builder.add_command(build)
scorm_builder.add_command(check)
scorm_builder.add_command(inspect)
scorm_builder.add_command(new)
scorm_builder.add_command(preview)
scorm_builder.add_command(translate)
