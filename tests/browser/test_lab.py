"""JupyterLab in a real browser: explore redraws after each choice, notebook 04 after new parameters."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from matplotlib.image import imread
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60_000
PICTURES = ".jupyter-widgets .jp-OutputArea-output img"
XIANNING, ACCEPTED = "咸宁市", "受理行政复议案件（"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab of its own, on a copy of the notebooks; it listens on this machine only."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    folder.mkdir()
    for name in ("explore", "04_other_cities"):
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", folder)
    _settings(home / "settings")
    places = (
        "JUPYTER_RUNTIME_DIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
        "IPYTHONDIR",
        "MPLCONFIGDIR",
    )
    environment = {
        **os.environ,
        **{name: str(home / name.lower()) for name in places},
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "PYTHONPATH": str(ROOT / "src"),
    }
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ip=127.0.0.1",
        "--port=0",
        "--allow-root",
    ]
    command += ["--IdentityProvider.token=", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            yield _address(home, server)
        finally:
            server.terminate()
            server.wait(20)


def _settings(folder: Path) -> None:
    """Settings of the lab: every cell is in the document, in view or not, and nothing asks for news."""
    for plugin, values in {
        "notebook-extension/tracker": {"windowingMode": "none"},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    }.items():
        path = folder / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")


def _address(home: Path, server: subprocess.Popen[bytes]) -> str:
    """The address that the server writes down when it listens."""
    for _ in range(300):
        for path in (home / "jupyter_runtime_dir").glob("jpserver-*.json"):
            return str(json.loads(path.read_text(encoding="utf-8"))["url"])
        assert server.poll() is None, (home / "log").read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError((home / "log").read_text(encoding="utf-8"))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that refuses whatever lies beyond this machine."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.route(re.compile(r"^https?://(?!127\.0\.0\.1[:/])"), lambda route: route.abort())
    yield opened
    context.close()


def open_notebook(page: Page, lab: str, name: str) -> None:
    """Opens a notebook and waits for its kernel."""
    page.goto(f"{lab}lab/workspaces/{name}/tree/{name}.ipynb")
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".jp-Toolbar-kernelName")).to_contain_text("Python 3", timeout=PATIENCE)
    expect(page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute(
        "data-status", "idle", timeout=PATIENCE
    )


def run_all(page: Page) -> None:
    """Runs every cell from the menu, as an analyst does."""
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()


def darkest(address: str) -> float:
    """The darkest point of a picture that stands in its address, from 0 to 1."""
    return float(imread(BytesIO(base64.b64decode(address.split(",")[1])))[..., :3].min())


def test_explore_draws_anew_after_each_choice(page: Page, lab: str) -> None:
    open_notebook(page, lab, "explore")
    run_all(page)
    picture = page.locator(PICTURES).first
    expect(picture).to_be_visible(timeout=PATIENCE)
    city, metric, _ = page.locator(".jupyter-widgets select").all()[:3]
    seen = [picture.get_attribute("src")]
    for box, wanted in ((city, XIANNING), (metric, ACCEPTED)):
        label = next(text for text in box.locator("option").all_inner_texts() if wanted in text)
        box.select_option(label=label)
        expect(page.locator(PICTURES)).to_have_count(1, timeout=PATIENCE)
        expect(picture).not_to_have_attribute("src", str(seen[-1]), timeout=PATIENCE)
        seen.append(picture.get_attribute("src"))
        assert darkest(str(seen[-1])) < 0.5, "the chart is empty"
    assert len(set(seen)) == 3
    said = page.locator(".jupyter-widgets .jp-RenderedMarkdown").first
    expect(said).to_contain_text(XIANNING, timeout=PATIENCE)


def test_other_parameters_give_another_place(page: Page, lab: str) -> None:
    open_notebook(page, lab, "04_other_cities")
    body = page.locator(".jp-Notebook")
    expect(body).to_contain_text("Zhanjiang has 5.26 per 100,000 residents")
    cell = page.locator(".jp-CodeCell", has_text="guangdong").first.locator(".cm-content")
    cell.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text('city, year, language, peers = "421200", 2020, "en", "all"')
    run_all(page)
    expect(body).to_contain_text("Xianning has 5.64 per 100,000 residents", timeout=PATIENCE)
    expect(body).to_contain_text("4th lowest of 9")
    expect(body).not_to_contain_text("Zhanjiang has")
    expect(body).not_to_contain_text("Traceback")
