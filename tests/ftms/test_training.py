import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadguard.ftms import training
from treadguard.ftms.training import Training, TrainingCode


@pytest.mark.parametrize(
    ("hex_", "found", "name"),
    [
        ("", Training(), "missing"),
        ("01", Training(), "missing"),
        ("0001", Training(0x01), "idle"),
        ("000e", Training(0x0E), "pre_workout"),
        ("000d", Training(0x0D), "manual_mode"),
        ("0010", Training(0x10), "rfu_0x10"),
        ("00ff", Training(0xFF), "rfu_0xff"),
        ("010d", Training(0x0D), "manual_mode"),
        ("0102" + "Go ü".encode().hex(), Training(0x02, "Go ü"), "warming_up"),
        ("0302" + b"more".hex(), Training(0x02, "more"), "warming_up"),
        ("0101ff", Training(0x01, "\N{REPLACEMENT CHARACTER}"), "idle"),
        ("02024142", Training(0x02, None, b"AB"), "warming_up"),
        ("000f0000", Training(0x0F, None, b"\0\0"), "post_workout"),
    ],
)
def test_the_code_is_read_whatever_the_flags_say_of_a_text(
    hex_: str, found: Training, name: str
) -> None:
    assert training.decode(bytes.fromhex(hex_)) == found
    assert found.name == name


def test_all_sixteen_codes_have_their_place() -> None:
    assert [code.value for code in TrainingCode] == list(range(16))


@given(st.integers(0, 255), st.text("aZ 9üß✓🏃\0", max_size=20))
def test_what_is_encoded_decodes_to_the_same(code: int, text: str) -> None:
    assert training.decode(training.encode(code, text)) == Training(code, text or None)


def test_the_bytes_are_flags_code_text() -> None:
    assert training.encode(TrainingCode.PRE_WORKOUT).hex() == "000e"
    assert training.encode(TrainingCode.IDLE, "A").hex() == "010141"


def test_a_code_that_doesnt_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="a training status must lie between 0 and 255"):
        training.encode(256)


@given(st.binary(max_size=40))
def test_any_bytes_at_all_decode(data: bytes) -> None:
    assert training.decode(data).name
