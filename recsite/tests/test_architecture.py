"""Imports go one way. Every module is parsed; there is no list of exceptions."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# From the ground up: an app may import itself and what stands before it.
LAYERS = ["catalog", "sessions_app", "recommender", "recsite"]

# Inside an app: a module of a row may not import one of a later row of the same app.
INNER = [
    {"models"},
    {"services", "importing", "training", "publishing", "runs", "loader", "reading", "simulate"},
    {"views", "api", "tasks", "admin", "management", "receivers", "context_processors", "urls"},
]


def modules(app: str) -> list[Path]:
    """Production modules of an app: tests may reach anywhere."""
    return [p for p in sorted((ROOT / app).rglob("*.py")) if "tests" not in p.parts]


def imported(path: Path, source: str | None = None) -> set[str]:
    """Absolute dotted names of everything that a module imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source or path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).with_suffix("").parts[: -node.level or None]
            base = ".".join(package) if node.level else ""
            prefix = ".".join(part for part in (base, node.module) if part)
            names |= {prefix} | {f"{prefix}.{alias.name}" for alias in node.names}
    return names


def apps_of(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names} & set(LAYERS)


@pytest.mark.parametrize("app", LAYERS)
def test_an_app_imports_only_what_stands_below_it(app: str) -> None:
    allowed = set(LAYERS[: LAYERS.index(app) + 1])
    found = modules(app)
    assert found, f"{app} has no modules: the test looks in the wrong place"
    for path in found:
        above = apps_of(imported(path)) - allowed
        assert not above, f"{path.relative_to(ROOT)} imports {', '.join(sorted(above))}"


def test_the_machine_learning_knows_neither_django_nor_the_rest_of_segue() -> None:
    found = modules("recommender/ml")
    assert found
    for path in found:
        names = imported(path)
        foreign = {n for n in names if n.split(".")[0] in {"django", "celery", "rest_framework"}}
        of_segue = {n for n in names if n.split(".")[0] in LAYERS}
        ours = {n for n in of_segue if n != "recommender" and not n.startswith("recommender.ml")}
        assert not foreign | ours, f"{path.relative_to(ROOT)} imports {foreign | ours}"


@pytest.mark.parametrize("app", LAYERS)
def test_inside_an_app_services_do_not_import_views_or_tasks(app: str) -> None:
    for path in modules(app):
        parts = path.relative_to(ROOT / app).with_suffix("").parts
        row = next((i for i, names in enumerate(INNER) if parts[0] in names), None)
        if row is None:
            continue
        later = set().union(*INNER[row + 1 :])
        wrong = {n for n in imported(path) if n.startswith(f"{app}.") and n.split(".")[1] in later}
        # An app's management package and urls may name their own siblings in the same row.
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


def test_a_wrong_import_would_be_noticed() -> None:
    source = (
        "def late():\n    from recommender.services import recommend\nimport sessions_app.models"
    )
    module = ROOT / "catalog" / "imaginary.py"

    assert apps_of(imported(module, source)) == {"recommender", "sessions_app"}
    relative = imported(module, "from .models import Item")
    assert "catalog.models.Item" in relative
