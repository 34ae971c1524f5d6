"""The rules of the house that no linter knows."""

import re
import subprocess
import tomllib

import pytest


@pytest.fixture(scope="module")
def modules(root):
    return sorted((root / "src" / "gluteal").rglob("*.py"))


def test_no_module_passes_300_lines(modules):
    long = {m.name: n for m in modules if (n := len(m.read_text().splitlines())) > 300}
    assert not long


def test_every_module_has_a_mirrored_test(modules, root):
    home = root / "src" / "gluteal"
    missing = []
    for module in modules:
        if module.name in ("__init__.py", "__main__.py"):
            continue
        part = module.relative_to(home)
        if not (root / "tests" / part.parent / f"test_{part.name}").is_file():
            missing.append(str(part))
    assert not missing


def test_the_version_stands_in_one_place(root):
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    assert re.search(rf"^version: {re.escape(version)}$", (root / "CITATION.cff").read_text(), re.M)
    assert f":{version}" in (root / "workflow" / "Snakefile").read_text()


def test_the_lock_has_hashes_and_no_address(root):
    text = (root / "requirements.lock").read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "index-url" not in text


def test_no_raw_or_processed_data_is_tracked(root):
    done = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    allowed = {"data/raw/README.md", "reports/README.md"}
    kept = [
        name
        for name in done.stdout.splitlines()
        if name.startswith(("data/raw/", "data/processed/", "reports/")) and name not in allowed
    ]
    assert not kept


def test_notebooks_carry_no_output(root):
    import json

    for path in (root / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text())["cells"]
        assert not [c for c in cells if c["cell_type"] == "code" and c["outputs"]], path.name


def test_the_readme_opens_with_its_two_commands(root):
    blocks = re.findall(r"^```bash\n(.*?)^```$", (root / "README.md").read_text(), re.M | re.S)
    assert "snakemake" in blocks[0]
    assert "pytest" in blocks[1]
    for block in blocks[:2]:
        assert block.startswith("python3 -m venv .venv")
        assert "--require-hashes" in block


def test_there_is_one_wildcard_and_no_run_or_script(root):
    rules = "".join(p.read_text() for p in (root / "workflow" / "rules").glob("*.smk"))
    assert set(re.findall(r"wildcards\.(\w+)", rules)) == {"analysis"}
    assert not re.search(r"^\s+(run|script|conda|checkpoint)\s*:", rules, re.M)
    assert "ancient(" not in rules
    assert len((root / "workflow" / "Snakefile").read_text().splitlines()) <= 40


def test_every_parity_script_has_its_answer_and_a_test_that_reads_it(root):
    tests = "".join(p.read_text(encoding="utf-8") for p in (root / "tests").rglob("test_*.py"))
    for script in (root / "tests" / "parity").glob("*.R"):
        assert script.with_suffix(".json").is_file(), f"{script.name} has no answer"
        assert re.search(rf"[\"'/]{script.stem}(\.json)?[\"']", tests), (
            f"no test reads {script.stem}"
        )


def test_every_simulation_has_its_page(root):
    for script in (root / "benchmarks" / "simulations").glob("*.py"):
        assert (root / "docs" / "simulations" / f"{script.stem}.md").is_file(), script.name
