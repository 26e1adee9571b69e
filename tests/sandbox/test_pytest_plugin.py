import subprocess
import sys
from pathlib import Path

CONFTEST = 'pytest_plugins = ["server.sandbox.pytest_plugin"]\n'
USE = """
import httpx2
import pytest

ISSUE = "/rest/api/3/issue/DEMO-7"


def test_a_site_of_ones_own(atlassian_site):
    with httpx2.Client(base_url=atlassian_site.url, auth=atlassian_site.credentials) as http:
        assert http.get(ISSUE).json()["key"] == "DEMO-7"
        atlassian_site.fault(path=ISSUE, status=503, retry_after=0)
        assert http.get(ISSUE).status_code == 503
        atlassian_site.fault(truncate=True)
        with pytest.raises(httpx2.RemoteProtocolError):
            http.get(ISSUE)
        before = http.get("/rest/api/3/serverInfo").json()["serverTime"]
        atlassian_site.advance(86_400)
        answered = http.get("/rest/api/3/serverInfo")
        assert answered.json()["serverTime"] > before
        assert len(answered.headers.get_list("date")) == 1
        assert [each["status"] for each in atlassian_site.requests()] == [200, 503, 200, 200, 200]


def test_the_next_is_fresh(atlassian_site):
    assert atlassian_site.requests() == []
"""


def test_any_project_may_have_a_site_by_a_fixture(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_use.py").write_text(USE)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout
