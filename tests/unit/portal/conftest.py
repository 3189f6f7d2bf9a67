"""A portal with services that answer at once, and people who have come in."""

from __future__ import annotations

import pytest

from tests.unit.portal.fakes import FakeServices, Visitor


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def organiser(services: FakeServices) -> Visitor:
    return Visitor(services).sign_in()


@pytest.fixture
def school(services: FakeServices) -> Visitor:
    return Visitor(services).open_school()
