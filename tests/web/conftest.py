"""The demo's city, built once for all who look at its pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.city import City


@pytest.fixture(scope="session")
def demo_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The city as the demo leaves it; tests look at it and change nothing."""
    city = City(tmp_path_factory.mktemp("demo"))
    yield city
    city.close()
