"""What a treadmill offers, in plain words and as JSON, and what that means for treadguard.

Here: the words for one `Offer`. Not here: how it was read (treadmill/offer.py), or how good the
machine is for its runner (report/equipment.py). The rule to keep: text from the air can't move the
cursor.
"""

from typing import Final

from treadguard.config.toml import printable
from treadguard.ftms import features as ftms_features
from treadguard.ftms.characteristics import Characteristic
from treadguard.ftms.describe import describe
from treadguard.treadmill.finding import Found
from treadguard.treadmill.fingerprint import TOLD
from treadguard.treadmill.offer import Heard, Offer
from treadguard.treadmill.readings import ranges
from treadguard.units import kmh, pct

STALE_S: Final = 3.0
"""Without a speed for so long nothing is raised (DESIGN.md section 3)."""

_NAMES: Final = {
    Characteristic.FEATURE: "features",
    Characteristic.TREADMILL_DATA: "treadmill data",
    Characteristic.TRAINING_STATUS: "training status",
    Characteristic.SPEED_RANGE: "speed range",
    Characteristic.INCLINE_RANGE: "incline range",
    Characteristic.CONTROL_POINT: "control point",
    Characteristic.MACHINE_STATUS: "machine status",
}
_MISSED: Final = {
    Characteristic.FEATURE: "it doesn't say what it can do; what it does will show",
    Characteristic.TREADMILL_DATA: "its speed can't be known, so treadguard can't use it",
    Characteristic.TRAINING_STATUS: "a countdown before the belt moves isn't announced",
    Characteristic.SPEED_RANGE: "your own limits alone hold",
    Characteristic.INCLINE_RANGE: "treadguard takes it for one without an incline motor",
    Characteristic.CONTROL_POINT: (
        "treadguard can watch, and can't slow or stop it: only its console and key can"
    ),
    Characteristic.MACHINE_STATUS: (
        "its safety key and its console's buttons are seen by the speed alone"
    ),
}
_WRITES: Final = {
    "write": "a request that it confirms",
    "write-without-response": "a command that nothing confirms",
}
_SILENT: Final = (
    "nothing: many machines report only while the belt moves, so start it on its own console, at"
    " its lowest speed, and inspect it again"
)
_ALWAYS: Final = ("maker", "model", "firmware")
_UNITS: Final = frozenset({"m", "s", "n", "w", "kcal", "bpm", "vendor"})


def report(found: Found, offer: Offer, doubted: str | None) -> list[str]:
    """The whole of it, a line each. `doubted`: why it isn't proven, if it isn't."""
    about = {what: printable(getattr(offer.about, what) or "") for what in TOLD}
    said = [f"{what} {about[what] or 'not told'}" for what in _ALWAYS]
    said += [f"{what} {text}" for what, text in about.items() if text and what not in _ALWAYS]
    lines = [
        f"{name_of(found)}  {found.address}",
        f"  {', '.join(said)}",
        "",
        "What it offers",
        *_offered(offer),
        "",
        f"What it sent in {offer.heard.for_s:.0f} s",
        *(_sent(offer.heard) if offer.has(Characteristic.TREADMILL_DATA) else ("  nothing",)),
        "",
        "What that means",
        *(f"  {line}" for line in meanings(offer, doubted)),
        "",
        "Nothing was written to the machine: no command was sent.",
    ]
    if offer.lost:
        lines.insert(-1, "The connection was lost while listening.")
    return lines


def meanings(offer: Offer, doubted: str | None) -> list[str]:
    """What treadguard can and can't do with it, a sentence each."""
    if not offer.properties:
        return ["without a Fitness Machine service (FTMS) treadguard can't use it"]
    lines = [_control(offer), _answers(offer), _speeds(offer), _incline(offer), _told(offer)]
    lines += [
        f"no {_NAMES[char]}: {_MISSED[char]}"
        for char in (
            Characteristic.TREADMILL_DATA,
            Characteristic.MACHINE_STATUS,
            Characteristic.TRAINING_STATUS,
            Characteristic.FEATURE,
        )
        if not offer.has(char)
    ]
    lines.append(
        "proven to be yours"
        if doubted is None
        else f"it {doubted}, so treadguard only watches it and sends your own Stop:"
        " treadguard commission --prove"
    )
    return [line for line in lines if line]


def name_of(found: Found) -> str:
    return printable(found.name) or found.address


def _offered(offer: Offer) -> list[str]:
    if not offer.properties:
        return ["  no Fitness Machine service"]
    known = {char.short: name for char, name in _NAMES.items()}
    lines = []
    for char, properties in sorted(offer.properties.items()):
        told = _value(char, offer)
        line = f"  {char}  {known.get(char, 'not known'):<16}  {', '.join(properties)}"
        lines += [line, *(f"        {text}" for text in told)]
    return lines


def _value(char: str, offer: Offer) -> list[str]:
    """What was read of it, where that is for people."""
    value = offer.values.get(char)
    if char not in (
        Characteristic.FEATURE.short,
        Characteristic.SPEED_RANGE.short,
        Characteristic.INCLINE_RANGE.short,
    ):
        return []
    if value is None:
        return ["couldn't be read"]
    if char == Characteristic.FEATURE.short:
        read = ftms_features.decode(value)
        return [
            f"{what}: {', '.join(ftms_features.names(flags)).replace('_', ' ') or 'nothing'}"
            for what, flags in (("measures", read.features), ("takes", read.targets))
            if flags is not None
        ] or ["too short to mean anything"]
    low, high, step, unit = _range(char, value)
    if None in (low, high, step):
        return [f"too short to mean anything ({value.hex() or 'empty'})"]
    return [f"{low:g} to {high:g} {unit} by {step:g}"]


def _range(char: str, value: bytes) -> tuple[float | None, float | None, float | None, str]:
    said = describe(char, value)
    key, unit = ("kmh", "km/h") if char == Characteristic.SPEED_RANGE.short else ("pct", "%")
    low, high, step = (said.get(f"{end}_{key}") for end in ("min", "max", "step"))
    numbers = [number if isinstance(number, float) else None for number in (low, high, step)]
    return numbers[0], numbers[1], numbers[2], unit


def _sent(heard: Heard) -> list[str]:
    lines = []
    if heard.records:
        every = "" if heard.every_s is None else f", a speed every {heard.every_s:.1f} s"
        lines.append(f"  {heard.records} records of treadmill data{every}")
        lines.append(f"  fields: {', '.join(map(_field, heard.fields)) or 'none'}")
    if heard.speed is not None:
        low, high = map(kmh, heard.speed)
        lines.append(f"  speed {_span(low, high)} km/h")
    if heard.incline is not None:
        low, high = map(pct, heard.incline)
        lines.append(f"  incline {_span(low, high)} %")
    names = {char.short: name for char, name in _NAMES.items()}
    lines += [f"  {names.get(char, char)}: {count}" for char, count in heard.others]
    if heard.truncated:
        lines.append(f"  {heard.truncated} records were cut short; what is there is used")
    if heard.implausible:
        lines.append(f"  {heard.implausible} values that no treadmill can mean; they are dropped")
    return lines or [f"  {_SILENT}"]


def _field(name: str) -> str:
    """The field without its unit."""
    *words, last = name.split("_")
    return " ".join(words if last in _UNITS and words else [*words, last])


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


# ---------------------------------------------------------------- what it means


def _control(offer: Offer) -> str:
    properties = offer.properties.get(Characteristic.CONTROL_POINT.short)
    if properties is None:
        return f"no control point: {_MISSED[Characteristic.CONTROL_POINT]}"
    ways = [how for property_, how in _WRITES.items() if property_ in properties]
    if not ways:
        return "its control point takes no writes: treadguard can watch, and can't slow or stop it"
    return (
        f"it can be asked to slow and to stop, by {' or '.join(ways)}; whether it follows, only its"
        " speed shows"
    )


def _answers(offer: Offer) -> str:
    properties = offer.properties.get(Characteristic.CONTROL_POINT.short)
    if properties is None or "indicate" in properties:
        return ""
    if "notify" in properties:
        return "it answers by notification where FTMS wants an indication: treadguard takes both"
    return "it never answers a command: treadguard judges by its speed alone"


def _speeds(offer: Offer) -> str:
    if not offer.has(Characteristic.SPEED_RANGE):
        return f"no speed range: {_MISSED[Characteristic.SPEED_RANGE]}"
    value = offer.values.get(Characteristic.SPEED_RANGE.short)
    usable = ranges(value, None)
    if usable.speed_max is None:
        return "its speed range is no range, so your own limits alone hold"
    heard = offer.heard.speed
    if heard is not None and heard[1] > usable.speed_max:
        return (
            f"it ran at {kmh(heard[1]):g} km/h, above its own speed range: the range isn't true,"
            " and is perhaps in miles; watch its first steps closely"
        )
    return ""


def _incline(offer: Offer) -> str:
    if not offer.has(Characteristic.INCLINE_RANGE):
        return f"no incline range: {_MISSED[Characteristic.INCLINE_RANGE]}"
    usable = ranges(None, offer.values.get(Characteristic.INCLINE_RANGE.short))
    if usable.incline_max is None or usable.incline_min == usable.incline_max:
        return "its incline range is no range: treadguard takes it for one without an incline motor"
    return ""


def _told(offer: Offer) -> str:
    gap_s = offer.heard.gap_s
    if gap_s is not None and gap_s > STALE_S:
        return (
            f"its speed came only after {gap_s:.1f} s: nothing is raised on it while it is silent"
            f" for more than {STALE_S:g} s"
        )
    value = offer.values.get(Characteristic.FEATURE.short)
    targets = None if value is None else ftms_features.decode(value).targets
    if targets is not None and not targets & ftms_features.Target.SPEED:
        return "it says that it takes no speed: many say so wrongly, only trying shows"
    return ""


# ---------------------------------------------------------------- for other programs


def as_dict(found: Found, offer: Offer, doubted: str | None) -> dict[str, object]:
    """The same as JSON; what was read is described as by `treadguard decode`."""
    heard = offer.heard
    return {
        "name": found.name,
        "address": found.address,
        **{what: getattr(offer.about, what) for what in TOLD},
        "proven": doubted is None,
        "characteristics": {
            char: {
                "properties": list(properties),
                **({"value": describe(char, offer.values[char])} if _decodes(char, offer) else {}),
            }
            for char, properties in sorted(offer.properties.items())
        },
        "heard": {
            "for_s": round(heard.for_s, 1),
            "records": heard.records,
            "others": dict(heard.others),
            "fields": list(heard.fields),
            "speed_kmh": None if heard.speed is None else [*map(kmh, heard.speed)],
            "incline_pct": None if heard.incline is None else [*map(pct, heard.incline)],
            "every_s": None if heard.every_s is None else round(heard.every_s, 2),
            "longest_gap_s": None if heard.gap_s is None else round(heard.gap_s, 2),
            "truncated": heard.truncated,
            "implausible": heard.implausible,
        },
        "lost": offer.lost,
        "meaning": meanings(offer, doubted),
    }


def _decodes(char: str, offer: Offer) -> bool:
    return char in offer.values and char in {known.short for known in _NAMES}
