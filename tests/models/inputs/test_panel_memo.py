import gc
from collections.abc import Callable
from weakref import ref

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from models.inputs.inputs import inputs_of_level
from models.inputs.panel_memo import once_per_panel

PanelOf = Callable[..., Panel]


def test_an_answer_is_worked_out_once_for_a_panel_and_its_arguments(panel_of: PanelOf) -> None:
    asked: list[tuple[Panel, str]] = []

    @once_per_panel
    def first_region(panel: Panel, prefix: str) -> str:
        asked.append((panel, prefix))
        return prefix + panel.regions[0]

    one, alike = panel_of(4), panel_of(4)
    assert [first_region(panel, "a ") for panel in (one, one, alike)] == ["a TGO"] * 3
    assert first_region(one, "b ") == "b TGO"
    assert asked == [(one, "a "), (alike, "a "), (one, "b ")]


def test_what_was_kept_goes_with_its_panel(panel_of: PanelOf) -> None:
    def used() -> ref[Panel]:
        # In a frame of its own: the coverage tool reads the locals of running frames, and what it
        # has read lives as long as the frame.
        panel = panel_of(200, rate=0.2)
        inputs_of_level(panel, Level.COUNTRY, "mass-mobilization", Target.FORCE, 4, False)
        return ref(panel)

    gone = used()
    gc.collect()
    assert gone() is None
