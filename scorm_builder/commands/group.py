"""The ``scorm-builder`` command group. Only the subcommand that is called is imported."""

from importlib import import_module

import click

_NAMES = ("build", "check", "inspect", "new", "preview", "translate")
"""Each is a function of that name, in the file of that name."""


class _Subcommands(click.Group):
    def list_commands(self, _: click.Context) -> list[str]:
        return list(_NAMES)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in _NAMES:
            return None
        found = getattr(import_module(f"scorm_builder.commands.{name}"), name)
        assert isinstance(found, click.Command)
        return found


@click.group(cls=_Subcommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="minga", prog_name="scorm-builder")
def scorm_builder() -> None:
    """Package learning modules for an LMS: write, see, check, translate and build them."""
