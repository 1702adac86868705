"""The simulated machine's control point: what each written frame does, and what it answers.

It plays the server's side of characteristic 2AD9: result codes as FTMS has them, or as the preset
and the quirks have them. How the belt then moves is motor.py's business. The rule to keep: the
result is settled when the frame is carried out, and the answer never says more than that.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from treadguard.ftms.control_point import (
    OpCode,
    Request,
    ResultCode,
    StopOrPause,
    decode_request,
    response,
)
from treadguard.ftms.status import StatusCode
from treadguard.sim.agenda import Agenda
from treadguard.sim.faults import Faults
from treadguard.sim.motor import Motor

_WITH_PARAMETER: Final = (
    OpCode.SET_TARGET_SPEED,
    OpCode.SET_TARGET_INCLINE,
    OpCode.STOP_OR_PAUSE,
)


class ControlPoint:
    """Takes frames for one motor. All methods act at `agenda.now`."""

    def __init__(self, motor: Motor, faults: Faults, agenda: Agenda) -> None:
        self._motor = motor
        self._faults = faults
        self._agenda = agenda
        self._controlled = False
        preset = motor.preset
        self._highest = {int(OpCode.SET_TARGET_SPEED): int(preset.speed_max)}
        if preset.incline is not None:
            self._highest[int(OpCode.SET_TARGET_INCLINE)] = int(preset.incline[1])

    def link_lost(self) -> None:
        """Control is lost with the link."""
        self._controlled = False

    def write(self, frame: bytes) -> None:
        """A frame has reached the machine; its status, answer and motion follow in time."""
        if not frame:
            return
        preset, motor = self._motor.preset, self._motor
        says_after = motor.draw(preset.status)
        answers_after = max(says_after, motor.draw(preset.answer))
        fate = self._faults.command(self._agenda.now, frame, self._highest)
        result: int | None = None if fate.result == "own" else fate.result
        op = frame[0]
        if fate.frame is not None:
            carry_out = partial(self._carry_out, fate.frame, fate.slowness, says_after)
            if fate.delay:
                self._agenda.put(self._agenda.now + fate.delay, carry_out)
            else:
                op, result = fate.frame[0], carry_out()
        if result is not None:
            self._answer(op, result, answers_after)

    def _answer(self, op: int, result: int, after: int) -> None:
        unanswered = op == OpCode.REQUEST_CONTROL and not self._motor.preset.answers_control
        if unanswered or "control-silent" in self._motor.quirks:
            return
        data, later = self._faults.answer(self._agenda.now, response(op, result))
        if data is not None:
            self._motor.sends("2ad9", data, after + later)

    def _carry_out(self, frame: bytes, slowness: int, says_after: int) -> ResultCode:
        """Do what the frame says, as far as the machine will."""
        preset = self._motor.preset
        request = decode_request(frame)
        refused = "control-refused" in self._motor.quirks
        if request.op == OpCode.REQUEST_CONTROL and not request.trailing:
            self._controlled = True
            return ResultCode.OPERATION_FAILED if refused else ResultCode.SUCCESS
        if preset.needs_control and not (self._controlled or refused):
            return ResultCode.CONTROL_NOT_PERMITTED
        result = self._obey(request, slowness, says_after)
        return ResultCode.SUCCESS if preset.always_success else result

    def _obey(self, request: Request, slowness: int, says_after: int) -> ResultCode:
        motor = self._motor
        whole = not request.trailing and (request.value is not None) == (
            request.op in _WITH_PARAMETER
        )
        value = request.value or 0
        match request.op:
            case (
                OpCode.REQUEST_CONTROL
                | OpCode.RESET
                | OpCode.SET_TARGET_SPEED
                | OpCode.SET_TARGET_INCLINE
                | OpCode.START_OR_RESUME
                | OpCode.STOP_OR_PAUSE
            ) if not whole:
                return ResultCode.INVALID_PARAMETER
            case OpCode.RESET:
                self._controlled = False
                motor.says(StatusCode.RESET, after=says_after)
                motor.stop(motor.draw(motor.preset.acts), says_after, slowness=slowness)
                return ResultCode.SUCCESS
            case OpCode.SET_TARGET_SPEED:
                return self._set_speed(value, slowness, says_after)
            case OpCode.SET_TARGET_INCLINE:
                return self._set_grade(value, slowness, says_after)
            case OpCode.START_OR_RESUME:
                return self._start(says_after)
            case OpCode.STOP_OR_PAUSE:
                return self._stop(value, slowness, says_after)
        return ResultCode.OP_CODE_NOT_SUPPORTED

    def _set_speed(self, value: int, slowness: int, says_after: int) -> ResultCode:
        motor, preset = self._motor, self._motor.preset
        if not preset.speed_min <= value <= preset.speed_max:
            return ResultCode.INVALID_PARAMETER
        # One mile is 1.609344 km.
        miles = value * 1_609_344 // 1_000_000
        target = preset.nearest_speed(miles if "mph" in motor.quirks else value)
        if motor.state == "standing" and motor.key_in and "set-speed-starts" in motor.quirks:
            motor.start(motor.draw(preset.starts), says_after, target=target)
        elif motor.state == "running":
            motor.set_speed(target, motor.draw(preset.acts), slowness)
        else:
            return ResultCode.OPERATION_FAILED
        motor.says(StatusCode.TARGET_SPEED_CHANGED, value, says_after)
        return ResultCode.SUCCESS

    def _set_grade(self, value: int, slowness: int, says_after: int) -> ResultCode:
        motor, preset = self._motor, self._motor.preset
        if preset.incline is None or not preset.has_incline:
            return ResultCode.OP_CODE_NOT_SUPPORTED
        if not preset.incline[0] <= value <= preset.incline[1]:
            return ResultCode.INVALID_PARAMETER
        motor.set_grade(preset.nearest_grade(value), motor.draw(preset.acts), slowness)
        motor.says(StatusCode.TARGET_INCLINE_CHANGED, value, says_after)
        return ResultCode.SUCCESS

    def _start(self, says_after: int) -> ResultCode:
        motor = self._motor
        if motor.state != "standing" or not motor.key_in:
            return ResultCode.OPERATION_FAILED
        motor.start(motor.draw(motor.preset.starts), says_after)
        return ResultCode.SUCCESS

    def _stop(self, how: int, slowness: int, says_after: int) -> ResultCode:
        motor = self._motor
        pause = how == StopOrPause.PAUSE
        if not pause and how != StopOrPause.STOP:
            return ResultCode.INVALID_PARAMETER
        if pause and "pause-unsupported" in motor.quirks:
            return ResultCode.OP_CODE_NOT_SUPPORTED
        if motor.state == "standing":
            toggles = "stop-toggles" in motor.quirks
            return self._start(says_after) if toggles else ResultCode.OPERATION_FAILED
        motor.stop(motor.draw(motor.preset.acts), says_after, pause=pause, slowness=slowness)
        return ResultCode.SUCCESS
