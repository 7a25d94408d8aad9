"""Imports go one way. Every module is parsed; there is no list of exceptions."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# From the ground up: an app may import itself and what stands before it.
LAYERS = ["catalog", "sessions_app", "recommender", "recsite"]

# Inside an app: what answers requests, tasks and commands stands above everything else.
TOP = {
    "views",
    "api",
    "tasks",
    "admin",
    "management",
    "receivers",
    "context_processors",
    "urls",
    "api_urls",
}
# Everything but these may reach the models; models reach nothing of the app but these.
BELOW_MODELS = {"models", "text"}


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


def is_module(app: str, name: str) -> bool:
    return (ROOT / app / name).is_dir() or (ROOT / app / f"{name}.py").exists()


def place_of(module: str) -> str:
    """`views_search` is one of the views."""
    return "views" if module.startswith("views_") else module


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
        place = place_of(path.relative_to(ROOT / app).with_suffix("").parts[0])
        if place in {*TOP, "apps"}:  # apps.py wires the signals
            continue
        parts = [name.split(".") for name in imported(path) if name.startswith(f"{app}.")]
        reached = {place_of(part[1]) for part in parts}
        wrong = reached & TOP
        if place == "models":
            wrong |= {name for name in reached - BELOW_MODELS if is_module(app, name)}
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


def test_a_wrong_import_would_be_noticed() -> None:
    source = (
        "def late():\n    from recommender.services import recommend\nimport sessions_app.models"
    )
    module = ROOT / "catalog" / "imaginary.py"

    assert apps_of(imported(module, source)) == {"recommender", "sessions_app"}
    relative = imported(module, "from .models import Item")
    assert "catalog.models.Item" in relative
