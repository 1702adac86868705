import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard import scenario
from treadguard.config import ConfigError, load_policy
from treadguard.scenario import Expect, Fault, Scenario, read_scenario, scenario_from_dict

LEAST: dict[str, Any] = {"name": "least", "duration_s": 300}

FROM_THE_CONTRACT = """
name = "pain 6 in mid-run"
duration_s = 300
seed = 7
mode = "guard"
[profile]
speed_max_kmh = 8.0
[policy]
break.min_s = 60
[machine]
preset = "ideal"
quirks = ["mph", "stop-toggles"]
[[fault]]
at_s = 60.0
for_s = 20.0
where = "link"
kind = "off"
[[at]]
s = 5.0
do = "start"
[[at]]
s = 60.0
do = "pain"
level = 6
[[at]]
s = 20.0
do = "speed"
kmh = 6.0
[[expect]]
within_s = [60.0, 60.5]
command = "stop"
[[expect]]
within_s = [60.0, 200.0]
never = true
command = "set_speed"
"""


def read(**more: object) -> Scenario:
    return scenario_from_dict({**LEAST, **more}, "demo.toml")


def refusal(**more: object) -> str:
    with pytest.raises(ConfigError) as refused:
        read(**more)
    sentence = str(refused.value)
    assert sentence.startswith("demo.toml: ")
    assert sentence.endswith((".", "?"))
    assert "\n" not in sentence
    return sentence.removeprefix("demo.toml: ")


def test_the_contract_s_own_example_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "demo.toml"
    file.write_text(FROM_THE_CONTRACT)
    found = read_scenario(file)
    assert (found.name, found.duration_s, found.seed, found.mode) == (
        "pain 6 in mid-run",
        300.0,
        7,
        "guard",
    )
    assert found.fault == (Fault(at_s=60.0, for_s=20.0, where="link", kind="off"),)
    assert found.machine.quirks == ("mph", "stop-toggles")
    assert found.expect == (
        Expect(within_s=(60.0, 60.5), command="stop"),
        Expect(within_s=(60.0, 200.0), command="set_speed", never=True),
    )
    assert load_policy(None, found.policy).breaks.min_ms == 60_000


def test_actions_come_in_order_of_time_and_of_the_file_within_one_second() -> None:
    at = [
        {"s": 9, "do": "stop"},
        {"s": 1, "do": "start"},
        {"s": 9, "do": "button"},
        {"s": 2, "do": "speed", "kmh": 6},
    ]
    assert read(at=at).at == (
        scenario.Start(s=1.0),
        scenario.SetSpeed(s=2.0, kmh=6.0),
        scenario.Stop(s=9.0),
        scenario.Button(s=9.0),
    )


@pytest.mark.parametrize(
    "action",
    [
        {"do": "start"},
        {"do": "resume"},
        {"do": "speed", "kmh": 6.0},
        {"do": "incline", "pct": 4},
        {"do": "stop"},
        {"do": "break"},
        {"do": "end"},
        {"do": "ease"},
        {"do": "pain", "level": 0},
        {"do": "pain", "level": 10},
        {"do": "button"},
        {"do": "symptom", "what": "numb leg"},
        {"do": "posture", "trunk_deg": 22, "for_s": 12},
        {"do": "posture", "neck_deg": 30, "asym_pct": 11, "for_s": 12},
        {"do": "console", "kmh": 7.5},
        {"do": "console", "pct": 0},
        {"do": "console", "stop": True},
        {"do": "console", "start": True},
        {"do": "safety_key"},
        {"do": "walk_away"},
        {"do": "kill"},
        {"do": "kill", "for_s": 30},
    ],
)
def test_every_kind_of_action_is_read_as_it_stands(action: dict[str, Any]) -> None:
    (found,) = read(at=[{"s": 1, **action}]).at
    assert found.__struct_config__.tag == action["do"]
    for key in action.keys() - {"do"}:
        assert getattr(found, key) == action[key]


def test_a_killed_service_comes_back_after_two_seconds_unless_said() -> None:
    assert read(at=[{"s": 1, "do": "kill"}]).at == (scenario.Kill(s=1.0, for_s=2.0),)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (
            {"do": "strat"},
            'at[1].do (entry 2 of [[at]]) must be one of "start", "resume", "programme"',
        ),
        ({"do": 7}, "not 7."),
        ({"do": ["mqtt"]}, 'not ["mqtt"].'),
        ({}, 'at[1] (entry 2 of [[at]]): the key "do" is missing.'),
        ({"do": "heart_rate", "bpm": 120}, 'at[1].do: "heart_rate" comes with a later version'),
        ({"do": "mqtt", "topic": "stop"}, 'at[1].do: "mqtt" comes with a later version'),
        ({"do": "start", "s": -1}, "at[1].s (entry 2 of [[at]]) must be a number from 0 to 86400"),
        ({"do": "start", "s": math.nan}, "from 0 to 86400, not nan."),
        ({"do": "start", "s": True}, "from 0 to 86400, not true."),
        ({"do": "start", "s": 301}, "at[1].s is 301 s, but the scenario ends at 300 s"),
        ({"do": "start", "kmh": 6}, 'at[1].kmh (entry 2 of [[at]]): there is no key "kmh" here'),
        ({"do": "speed"}, 'at[1] (entry 2 of [[at]]): the key "kmh" is missing.'),
        ({"do": "speed", "kmh": 60}, "at[1].kmh (entry 2 of [[at]]) must be a number from 0 to 30"),
        ({"do": "speed", "kmh": "6"}, 'from 0 to 30, not "6".'),
        ({"do": "speed", "km_h": 6}, 'there is no key "km_h" here; did you mean "kmh"?'),
        ({"do": "pain", "level": 11}, "must be a whole number from 0 to 10, not 11."),
        ({"do": "pain", "level": 6.5}, "must be a whole number from 0 to 10, not 6.5."),
        ({"do": "pain", "level": True}, "must be a whole number from 0 to 10, not true."),
        ({"do": "symptom", "what": ""}, 'must be text that isn\'t empty, not "".'),
        (
            {"do": "posture", "for_s": 3},
            "a posture needs trunk_deg, neck_deg, asym_pct or lumbar_deg.",
        ),
        ({"do": "posture", "trunk_deg": 20}, 'the key "for_s" is missing.'),
        ({"do": "console"}, "the console needs exactly one of kmh, pct, stop = true and start"),
        ({"do": "console", "kmh": 3, "stop": True}, "the console needs exactly one of"),
        (
            {"do": "console", "stop": False},
            "at[1].stop (entry 2 of [[at]]) must be true, not false.",
        ),
        ({"do": "kill", "for_s": 0}, "must be a number from 0.001 to 86400, not 0."),
    ],
)
def test_a_mistake_in_an_action_is_named_with_its_place(entry: dict[str, Any], says: str) -> None:
    assert says in refusal(at=[{"s": 1, "do": "start"}, {"s": 2, **entry}])


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({}, "expect[0] (entry 1 of [[expect]]): nothing is expected; give one of command, phase"),
        ({"comand": "stop"}, 'there is no key "comand" here; did you mean "command"?'),
        ({"command": "halt"}, "expect[0].command (entry 1 of [[expect]]) must be one of "),
        ({"phase": "break"}, 'must be one of "BREAK"'),
        ({"verdict": "ok"}, 'must be one of "confirmed", "rejected", "unknown", not "ok".'),
        ({"alarm": False}, "must be true or text that isn't empty, not false."),
        ({"alarm": ""}, 'must be true or text that isn\'t empty, not "".'),
        ({"cue": 3}, "must be true or text that isn't empty, not 3."),
        ({"phase": "BREAK", "value_min": 2}, "value_min and value_max need a command."),
        ({"command": "set_speed", "value_min": 3, "value_max": 2}, "must not be above value_max."),
        ({"alarm": True, "never": 1}, "must be true or false, not 1."),
        ({"alarm": True, "within_s": [2, 1]}, "from the earlier to the later second."),
        ({"alarm": True, "within_s": [2]}, "must be a list of 2 numbers, not [2]."),
        ({"alarm": True, "within_s": [1, math.inf]}, "from 0 to 86400, not inf."),
        ({"alarm": True, "within_s": [301, 302]}, "expect[0].within_s is 301 s, but the scenario"),
        ({"max_speed_kmh": math.nan}, "must be a number from 0 to 30, not nan."),
    ],
)
def test_a_mistake_in_an_expectation_is_named(entry: dict[str, Any], says: str) -> None:
    assert says in refusal(expect=[{"within_s": [1, 2], **entry}])


def test_an_expectation_takes_any_text_or_a_certain_one() -> None:
    expect = [{"within_s": [1, 2], "alarm": True}, {"within_s": [1, 2], "veto": "raise"}]
    assert [(e.alarm, e.veto) for e in read(expect=expect).expect] == [
        (True, None),
        (None, "raise"),
    ]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"kind": "of"}, "fault[0].kind (entry 1 of [[fault]]) must be one of "),
        ({"where": "belt"}, "fault[0].where (entry 1 of [[fault]]) must be one of "),
        ({"where": "mqtt"}, 'fault[0].where: "mqtt" comes with a later version of treadguard.'),
        ({"at_s": 400}, "fault[0].at_s is 400 s, but the scenario ends at 300 s"),
        ({"for_s": -1}, "must be a number from 0.001 to 86400, not -1."),
        ({"s": 1}, 'fault[0].s (entry 1 of [[fault]]): there is no key "s" here'),
    ],
)
def test_a_mistake_in_a_fault_is_named(entry: dict[str, Any], says: str) -> None:
    fault = {"at_s": 1, "for_s": 2, "where": "link", "kind": "off"}
    assert says in refusal(fault=[{**fault, **entry}])


@pytest.mark.parametrize(
    ("top", "says"),
    [
        ({"faults": []}, 'faults: there is no key "faults" here; did you mean "fault"?'),
        ({"name": ""}, 'name must be text that isn\'t empty, not "".'),
        ({"duration_s": 0}, "duration_s must be a number from 0.001 to 86400, not 0."),
        ({"duration_s": "5 min"}, "duration_s must be a number from 0.001 to 86400"),
        ({"seed": -1}, "seed must be a whole number from 0 to 9223372036854775807, not -1."),
        ({"mode": "programme"}, 'mode must be one of "guard", "shadow", not "programme".'),
        ({"at": {}}, "at must be a list of tables, not a table."),
        ({"at": [5]}, "at[0] (entry 1 of [[at]]) must be a table, not 5."),
        ({"machine": {"preset": "ideel"}}, 'machine.preset: "ideel" isn\'t known; did you mean'),
        ({"machine": {"quirks": ["mhp"]}}, 'machine.quirks[0]: "mhp" isn\'t known; did you mean'),
        ({"machine": {"quirks": "mph"}}, 'machine.quirks must be a list, not "mph".'),
        ({"machine": {"quirks": [3]}}, "machine.quirks[0] must be text, not 3."),
        ({"machine": {"quirk": []}}, 'machine.quirk: there is no key "quirk" here; did you mean'),
        ({"policy": 3}, "policy must be a table, not 3."),
        ({"policy": {"break": {"min_s": 6}}}, "policy.break.min_s must be a number from 30 to 600"),
        ({"policy": {"break": {"max_s": 60}}}, "in [policy], break.max_s must not be shorter"),
        ({"policy": {"pain": {"stop_above": 40}}}, "policy.pain.stop_above must be a whole number"),
        ({"profile": {"speed_max_kmh": 30}}, "profile.speed_max_kmh must be a number from 0.5 to"),
    ],
)
def test_a_mistake_elsewhere_is_named(top: dict[str, Any], says: str) -> None:
    assert refusal(**top).startswith(says)


def test_an_empty_file_lacks_its_name(tmp_path: Path) -> None:
    file = tmp_path / "empty.toml"
    file.write_text("")
    with pytest.raises(ConfigError) as refused:
        read_scenario(file)
    assert str(refused.value) == f'{file}: the key "name" is missing.'


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[1].glob("configs/scenarios/*.toml")))
def test_every_scenario_that_ships_is_read(path: Path) -> None:
    assert read_scenario(path).expect


ENTRY_KEYS = ("s", "do", "kmh", "level", "at_s", "for_s", "where", "kind", "within_s", "alarm")
TOML = st.recursive(
    st.none().map(lambda _: "")
    | st.booleans()
    | st.integers(-5, 500)
    | st.floats()
    | st.sampled_from(["start", "pain", "console", "stop", "link", "off", "BREAK", "ideal", "mph"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*ENTRY_KEYS, "preset", "quirks", "pain", "break", "min_s", "stop_above", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(sorted(tomllib.loads(FROM_THE_CONTRACT))), TOML)
def test_whatever_a_key_holds_the_outcome_is_a_scenario_or_one_sentence(
    key: str, value: object
) -> None:
    data = {**tomllib.loads(FROM_THE_CONTRACT), key: value}
    try:
        scenario_from_dict(data, "demo.toml")
    except ConfigError as refused:
        assert str(refused).startswith("demo.toml: ")
        assert "$" not in str(refused)
