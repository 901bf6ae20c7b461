"""The command ``scorm-builder``: build packages, check and preview modules, translate them.

Exit codes: 0 all is well (warnings may have been told), 1 something is wrong with what was given,
2 the command itself was not understood. What the command says goes to standard output, problems to
standard error; with ``--json`` one document on standard output holds both.

Everything that a subcommand needs is imported inside it, so that ``--help`` and a single build
start fast. What is loaded stays to the end: to look for garbage in it again and again, as Python
does at every 700 new objects, took a tenth of a build.
"""

import gc

import click

from scorm_builder.commands.build import build
from scorm_builder.commands.check import check
from scorm_builder.commands.inspect import inspect
from scorm_builder.commands.new import new
from scorm_builder.commands.preview import preview
from scorm_builder.commands.translate import translate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="minga", prog_name="scorm-builder")
def main() -> None:
    """Package learning modules for an LMS: write, see, check, translate and build them."""
    gc.set_threshold(50_000)


main.add_command(build)
main.add_command(check)
main.add_command(inspect)
main.add_command(new)
main.add_command(preview)
main.add_command(translate)


if __name__ == "__main__":
    main()
