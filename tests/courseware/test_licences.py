"""Names and URLs of licences."""

import pytest

from courseware.licences import is_identifier, name, url


@pytest.mark.parametrize(
    ("identifier", "shown", "where"),
    [
        ("CC-BY-4.0", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("CC-BY-NC-SA-4.0", "CC BY-NC-SA 4.0",
         "https://creativecommons.org/licenses/by-nc-sa/4.0/"),
        ("CC-BY-3.0-IGO", "CC BY 3.0 IGO", "https://creativecommons.org/licenses/by/3.0/igo/"),
        ("CC0-1.0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("MIT", "MIT", "https://spdx.org/licenses/MIT.html"),
        ("LicenseRef-Ours", "LicenseRef-Ours", None),
    ],
)  # fmt: skip
def test_name_and_url(identifier: str, shown: str, where: str | None) -> None:
    assert (name(identifier), url(identifier)) == (shown, where)


def test_an_identifier_has_no_spaces() -> None:
    assert is_identifier("CC-BY-4.0")
    assert not is_identifier("CC BY 4.0")
    assert not is_identifier("")
