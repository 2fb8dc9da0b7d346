"""Rules of cancellation (撤单): what may be cancelled, who decides, and what a requester is told (CU4050 and after).

Pure: `customs.intake.cancellations` and `customs.movement.cancelling` look the facts up and write what is answered.
"""

from __future__ import annotations

from collections.abc import Mapping

from common.findings import Finding, Text, rule
from common.law import step_rule
from customs.rules.movement import AT_INSPECTION, state_texts
from customs.rules.moves import State

_STANDARD = "跨境电子商务出口统一版系统企业对接报文规范"
_HOUSE = "平台移动监管规则"

NO_SUCH_CHECKLIST = rule(
    "CU4050",
    title=("没有这票清单", "No such checklist"),
    say=(
        "没有您申报的清单“{number}”。请核对清单编号；尚无清单编号的，请用清单删除（appType 3）。",
        "No checklist “{number}” of yours exists. Check the number; one without a customs number is withdrawn by "
        "deleting it (appType 3).",
    ),
    basis=f"{_STANDARD}；错误码-623003",
)
CANCEL_OTHER_OFFICE = rule(
    "CU4051",
    title=("申报地海关与清单不符", "Not the checklist's office"),
    say=(
        "清单“{number}”向海关{expected}申报，撤销申请写的是{office}。请填写接受申报的海关。",
        "Checklist “{number}” is declared at office {expected}, the request says {office}. Enter the office that took "
        "the declaration.",
    ),
    basis=f"{_STANDARD}，CEB605 customsCode",
)
CANCEL_OTHER_CONSIGNOR = rule(
    "CU4052",
    title=("收发货人与清单不符", "Not the checklist's consignor"),
    say=(
        "撤销申请的收发货人不是清单“{number}”的收发货人。请改正代码。",
        "The consignor of the request is not that of checklist “{number}”. Correct the code.",
    ),
    basis=f"{_STANDARD}，CEB605 ebcCode",
)
CANCEL_PENDING = rule(
    "CU4053",
    title=("撤销申请已在办理", "Already asked for"),
    say=(
        "清单“{number}”的撤销申请（{pre_no}）正在办理。请等候结果，要改原因请用变更。",
        "A request to cancel checklist “{number}” ({pre_no}) is being decided. Wait for it; to change the reason, "
        "change that request.",
    ),
    basis=f"{_STANDARD}；错误码-623009",
    kind="processing",
)
CANCEL_STATE = rule(
    "CU4054",
    title=("清单的状态不能撤销", "The state does not allow a cancellation"),
    say=(
        "清单“{number}”现在是「{state_zh} {state}」，不能撤销。{do_zh}",
        "Checklist “{number}” is at {state_en} ({state}) and cannot be cancelled. {do_en}",
    ),
    basis=f"{_STANDARD}；错误码-623005；海关进出口货物报关单修改和撤销管理办法（海关总署令第220号）",
)
CANCEL_LEFT = rule(
    "CU4055",
    title=("货物已离境", "The goods have left"),
    say=(
        "清单“{number}”的货物已离境，不能撤销。货物退回的，请办理退货。",
        "The goods of checklist “{number}” have left: it cannot be cancelled. If they come back, file a goods return.",
    ),
    basis=f"{_STANDARD}；错误码-623005",
)
CANCEL_DECIDED = rule(
    "CU4056",
    title=("撤销申请已办结", "The request is decided"),
    say=(
        "该撤销申请已办结（{outcome_zh}），不能再改动或重复决定。请查看结果。",
        "The request is decided already ({outcome_en}); it cannot be changed or decided again. Look at the result.",
    ),
    basis=f"{_STANDARD}；错误码-623013",
    kind="processing",
)
CANCEL_NOT_FOUND = rule(
    "CU4057",
    title=("没有这份撤销申请", "No such cancellation request"),
    say=(
        "没有这份撤销申请，或者它不在您的范围内。请从列表中选择。",
        "There is no such request, or it is not yours to see. Choose one from the list.",
    ),
    basis=_HOUSE,
)
CANCEL_RELAYED = rule(
    "CU4058",
    title=("由海关系统决定", "Decided in customs' own system"),
    say=(
        "这个海关由海关系统决定撤销申请。请等候海关回执。",
        "This office decides cancellations in customs' own system. Wait for its response.",
    ),
    basis=_HOUSE,
    kind="processing",
)
CANCELLED = step_rule("CU4102", "customs.movement", title=("入库清单撤销", "Cancelled while stored"), basis=_HOUSE).id
CANCEL_APPROVED = step_rule(
    "CU4103", "customs.movement", title=("撤销申请经海关批准", "Cancellation approved"), basis=_HOUSE
).id
CANCEL_REFUSED = step_rule(
    "CU4104", "customs.movement", title=("撤销申请未获批准", "Cancellation refused"), basis=_HOUSE
).id

OUTCOMES: Mapping[str, Text] = {
    "pending": Text("待办", "pending"),
    "approved": Text("批准撤销", "approved"),
    "refused": Text("不予撤销", "refused"),
    "withdrawn": Text("申请人撤回", "withdrawn"),
}
"""How a cancellation request ends."""


_DO = {
    "declared": Text("请用清单删除（appType 3）。", "Delete the checklist instead (appType 3)."),
    "targeted": Text("布控查验期间不能撤销，请等候查验结果。", "Not while inspection is ordered; wait for its result."),
    "over": Text("无须撤销。", "There is nothing to cancel."),
}


def cancel_refusal(number: str, status: str, *, cancellable: bool, left: bool, pointer: str) -> Finding | None:
    """Why a checklist cannot be cancelled, or None; `cancellable` is what the dated table says of its state."""
    if left or status == State.CLOSED:
        return CANCEL_LEFT.at(pointer, number=number)
    if cancellable:
        return None
    if status in (State.REJECTED, State.SENT_BACK):
        do = _DO["over"]
    else:
        do = _DO["targeted"] if status in AT_INSPECTION else _DO["declared"]
    return CANCEL_STATE.at(pointer, number=number, do_zh=do.zh, do_en=do.en, **state_texts(status))


def needs_officer(status: str, *, held: bool) -> bool:
    """Whether an officer decides a cancellation: from review on, and whatever an officer or the site holds."""
    return held or status != State.STORED
