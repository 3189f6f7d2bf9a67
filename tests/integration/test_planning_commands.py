"""The commands solve, check and explain, from file to file, by their exit codes and what they say."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.cli import main
from services.scheduling.domain import rotation
from services.scheduling.domain.problem import Problem
from tests.unit.scheduling.rotations import INSTANCES, a_chain, closed, days
from tests.unit.scheduling.test_checker_agrees import check_rotation


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write(tmp_path / "small.json", rotation.to_instance(a_chain(groups=3, sites=2, length=4), "small"))
    write(
        tmp_path / "shut.json", rotation.to_instance(closed(a_chain(groups=2, sites=2, length=2), "school1", *days(2)))
    )
    return tmp_path


def write(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def small() -> Problem:
    return a_chain(groups=3, sites=2, length=4)


def solve(files: Path, name: str, *more: str) -> int:
    return main(["solve", str(files / name), "-o", str(files / "plan.json"), "--time-limit", "5", *more])


def test_a_whole_plan_is_written_and_the_other_checker_agrees(files, capsys):
    assert solve(files, "small.json") == 0
    plan = read(files / "plan.json")
    verdict = check_rotation().Checker(read(files / "small.json"), plan).run()
    assert (verdict["valid"], verdict["placed"], verdict["total"]) == (True, 6, plan["objective"])
    assert (plan["seed"], plan["unplaced"]) == (0, [])
    assert plan["status"] in ("optimal", "feasible")
    said = capsys.readouterr()
    assert "6 séances sur 6" in said.err
    assert said.out == ""


def test_a_plan_that_leaves_sessions_out_lists_them_with_reasons(files, capsys):
    assert solve(files, "shut.json", "--language", "en") == 2
    left_out = read(files / "plan.json")["unplaced"]
    assert [(one["group"], one["activity"]) for one in left_out] == [(1, "robotics"), (1, "video")]
    assert "school1 has no opening" in left_out[0]["reason"]
    assert "“robotics”, which comes before, has no place" in left_out[1]["reason"]
    assert "Sessions without a place: 2." in capsys.readouterr().out


def test_the_same_steps_write_the_same_file(files, capsys):
    written = []
    for _ in range(2):
        assert main(["solve", str(files / "small.json"), "-o", str(files / "plan.json"), "--steps", "40"]) == 0
        written.append((files / "plan.json").read_bytes())
        assert "le germe 0 et 40 pas de calcul redonneront ce plan" in capsys.readouterr().err
    assert written[0] == written[1]
    plan = read(files / "plan.json")
    assert (plan["steps"], plan["seconds"], len(plan["question"])) == (40, None, 64)
    assert plan["made_by"].startswith("Quinzaine ")


def test_a_proof_is_written_when_one_is_reached(files, capsys):
    certificate = files / "proof.json"
    assert solve(files, "small.json", "--certificate", str(certificate)) == 0
    assert read(files / "plan.json")["status"] == "optimal"
    assert read(certificate)["value"] == read(files / "plan.json")["objective"]
    assert "Certificat écrit dans" in capsys.readouterr().err


def test_without_a_proof_there_is_no_certificate_and_that_is_said(files, capsys):
    assert solve(files, "shut.json", "--certificate", str(files / "proof.json")) == 2
    assert not (files / "proof.json").exists()
    assert "Pas de certificat dans" in capsys.readouterr().err


def test_a_replan_from_a_baseline_keeps_what_it_can(files, capsys):
    assert solve(files, "small.json") == 0
    sessions = [{**session, "state": "confirmed"} for session in read(files / "plan.json")["sessions"]]
    baseline = write(files / "base.json", {"sessions": sessions})
    assert solve(files, "small.json", "--baseline", str(baseline)) == 0
    capsys.readouterr()
    assert main(["check", str(files / "small.json"), str(files / "plan.json"), str(baseline)]) == 0
    assert "0 séances confirmées déplacées, 0 proposées" in capsys.readouterr().out


def test_check_says_what_a_plan_breaks_in_names(files, capsys):
    assert solve(files, "small.json") == 0
    plan = read(files / "plan.json")
    plan["sessions"][0]["start"] = 0
    write(files / "bad.json", plan)
    capsys.readouterr()
    assert main(["check", str(files / "small.json"), str(files / "bad.json")]) == 1
    said = capsys.readouterr().out
    assert "Le plan ne respecte pas les règles" in said
    assert "school0 n’accueille pas de séance le" in said
    assert "2021-" not in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["solve", "none.json", "-o", "plan.json"], "none.json: No such file or directory"),
        (["solve", "small.json", "-o", "no/such/plan.json"], "No such file or directory"),
        (["solve", "small.json", "-o", "."], "Is a directory"),
        (["solve", "small.json", "-o", "plan.json", "--time-limit", "soon"], "--time-limit : il faut ici un nombre"),
        (["solve", "small.json", "-o", "plan.json", "--seed", "1.5"], "--seed : il faut ici un nombre"),
        (["solve", "broken.json", "-o", "plan.json"], "broken.json, ligne 1 : Ce n’est pas du JSON"),
        (["solve", "faulty.json", "-o", "plan.json"], "faulty.json : noon : il faut ici un nombre entier"),
        (["check", "small.json", "faulty.json"], "faulty.json : sessions manque."),
        (["explain", "small.json", "empty.json", "--session", "9/video"], "--session : « 9/video » n’existe pas"),
        (["explain", "small.json", "empty.json", "--session", "0/video", "--at", "9/am"], "--at : « 9/am »"),
    ],
)
def test_bad_input_is_a_sentence_and_nothing_is_written(files, capsys, monkeypatch, arguments, sentence):
    (files / "broken.json").write_text("{", encoding="utf-8")
    write(files / "faulty.json", {**read(files / "small.json"), "noon": "midi"})
    write(files / "empty.json", {"sessions": []})
    monkeypatch.chdir(files)
    before = sorted(files.iterdir())
    assert main(arguments) == 1
    assert sentence in capsys.readouterr().err
    assert sorted(files.iterdir()) == before


def test_explain_tells_what_cannot_be_planned(files, capsys):
    problem = small()
    crews = (problem.crews[0], replace(problem.crews[1], available={}))
    write(files / "away.json", rotation.to_instance(replace(problem, crews=crews)))
    assert main(["explain", str(files / "away.json")]) == 0
    said = capsys.readouterr().out
    assert "school0 : aucune ouverture ne contient une séance « video »" in said
    assert "faire venir « film-org »" in said


def test_explain_tells_why_a_session_is_here_and_not_there(files, capsys):
    assert solve(files, "small.json") == 0
    capsys.readouterr()
    about = ["explain", str(files / "small.json"), str(files / "plan.json"), "--language", "en"]
    assert main(about) == 0
    assert main([*about, "--session", "0/video"]) == 0
    assert main([*about, "--session", "0/video", "--at", "0/am"]) == 0
    said = capsys.readouterr().out
    assert "school0 1, “video”" in said
    assert "breaks the order or the delay asked for after “robotics”" in said


def test_an_interrupted_solve_keeps_its_best_plan(tmp_path):
    output = tmp_path / "plan.json"
    command = [sys.executable, "-m", "services", "solve", str(INSTANCES / "quinzaine2020.json"), "-o", str(output)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*command, "--time-limit", "600"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as child:
        assert child.stderr is not None
        assert "séances sur 62" in child.stderr.readline()  # the first plan is there
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        said = child.stderr.read()
        assert child.wait(60) in (0, 2)
    assert "le meilleur plan trouvé est gardé" in said
    verdict = check_rotation().Checker(read(INSTANCES / "quinzaine2020.json"), read(output)).run()
    assert verdict["valid"]


def test_a_command_loads_no_more_than_it_needs(files):
    """What is wrong with a file is told at once: the databases and web servers of other commands take seconds."""
    (files / "bad.json").write_text("x" * 1000, encoding="utf-8")
    told = "print(sorted({'sqlalchemy', 'ortools', 'numpy'} & {*sys.modules}))"
    code = f"import sys; from services.cli import main; main(sys.argv[1:]); {told}"
    words = ["solve", str(files / "bad.json"), "-o", str(files / "plan.json")]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert len(done.stderr.splitlines()) == 1
