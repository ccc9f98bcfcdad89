"""What several files of tests use."""

import ipywidgets as widgets
import pytest


@pytest.fixture
def let_go():
    """Close what was shown: widgets live until then, and an explorer holds megabytes of pixels."""
    yield
    widgets.Widget.close_all()
