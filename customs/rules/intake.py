"""What intake says about a document as a whole: who is named, where it is declared, repeats, changes, deletions."""

from __future__ import annotations

from common.findings import Severity, rule

_STANDARD = "跨境电子商务出口统一版系统企业对接报文规范"
_RELEASE = "海关总署公告2018年第194号"

GUID_TAKEN = rule(
    "CU2201",
    title=("报文编号已用于另一份内容", "The message number carries other content"),
    say=(
        "报文编号{guid}此前已用于另一份内容。新的内容请换一个新的编号；要重发原报文请一字不改。",
        "Message number {guid} was used for other content before. Give new content a new number; "
        "to repeat the first message send the very same bytes.",
    ),
    basis=_STANDARD,
    kind="processing",
)
KEY_TAKEN = rule(
    "CU2202",
    title=("Idempotency-Key已用于另一份内容", "The Idempotency-Key carries another body"),
    say=(
        "该Idempotency-Key在24小时内已用于另一份内容。请换一个新的键。",
        "This Idempotency-Key was used for another body within 24 hours. Choose a new key.",
    ),
    basis="平台接口约定",
    kind="processing",
)
NO_FIRM = rule(
    "CU2203",
    title=("账户不属于任何企业", "The account belongs to no firm"),
    say=("只有企业账户可以报送报文。", "Messages are sent by accounts of enterprises only."),
    basis="平台接口约定",
)
BAD_KEY = rule(
    "CU2204",
    title=("Idempotency-Key长度不符", "The Idempotency-Key has the wrong length"),
    say=("Idempotency-Key须为8至64个可见字符。", "An Idempotency-Key has 8 to 64 visible characters."),
    basis="平台接口约定",
    kind="format",
)
UNKNOWN_PARTY = rule(
    "CU2210",
    title=("企业未在平台登记", "The firm is not registered here"),
    say=(
        "{role}代码“{code}”当日未在平台登记。请核对代码，或由该企业先办理登记。",
        "{role} “{code}” is not registered on the platform that day. Check the code, or have the firm register first.",
    ),
    basis=_RELEASE,
)
OFFICE_ELSEWHERE = rule(
    "CU2211",
    title=("申报地海关不属于本综试区", "The office is not this zone's"),
    say=(
        "申报地海关{office}不属于收发货人所在综试区（可用：{allowed}）。请改为本区海关；已在别处申报的，请办理出口登记。",
        "Office {office} does not serve the consignor's pilot zone (those that do: {allowed}). Declare at one of them; "
        "if it was declared elsewhere already, register the export instead.",
    ),
    basis=_RELEASE,
)
MODE_NOT_IN_ZONE = rule(
    "CU2212",
    title=("本综试区未开办该监管方式", "The zone does not handle this mode"),
    say=(
        "本综试区当日可用的监管方式为：{allowed}；{mode}未开办。请核对监管方式。",
        "The zone handles these supervision modes that day: {allowed}; not {mode}. Check the mode.",
    ),
    basis="综试区设置",
)
FLAG_NOT_IN_ZONE = rule(
    "CU2213",
    title=("本综试区未开办该申报业务类型", "The zone does not handle this kind of declaration"),
    say=(
        "本综试区当日可用的申报业务类型为：{allowed}；{flag}未开办。请改用可用的类型。",
        "The zone handles these kinds of declaration that day: {allowed}; not {flag}. Use one of them.",
    ),
    basis="综试区设置",
)
MODE_NOT_IN_FORCE = rule(
    "CU2214",
    title=("该监管方式当日不能使用", "The mode is not open that day"),
    say=(
        "监管方式{mode}在{on}尚未施行，或申报地直属海关{district}不在试点范围。请核对日期和监管方式。",
        "Supervision mode {mode} was not in force on {on}, or district {district} was not among those open for it. "
        "Check the day and the mode.",
    ),
    basis="海关总署公告2020年第75号、2020年第92号、2021年第47号",
)
KNOWN_KEY = rule(
    "CU2220",
    title=("业务编号已存在", "The business number is known"),
    say=(
        "{what}“{number}”已经报送过（{pre_no}），原记录未变。要修改请用变更（appType 2），新的业务请换新编号。",
        "{what} “{number}” was filed before ({pre_no}) and stays as it is. "
        "To change it send appType 2; for new business use a new number.",
    ),
    basis=_STANDARD + "；回执信息“重复申报”",
    kind="processing",
)
TWICE_IN_MESSAGE = rule(
    "CU2221",
    title=("同一报文内编号重复", "The number stands twice in the message"),
    say=(
        "{what}“{number}”在本报文内不止一次出现，只处理第一次。请另发一个报文。",
        "{what} “{number}” stands more than once in this message; only the first is worked on. Send the other apart.",
    ),
    basis=_STANDARD,
    kind="processing",
)
NOT_FOUND = rule(
    "CU2222",
    title=("找不到要变更或删除的单证", "Nothing to change or delete"),
    say=(
        "没有您可以变更或删除的{what}“{number}”。请核对编号；首次报送请用新增（appType 1）。",
        "There is no {what} “{number}” that you may change or delete. Check the number; a first filing has appType 1.",
    ),
    basis=_STANDARD + "；错误码-301009",
    kind="processing",
)
STALE = rule(
    "CU2223",
    title=("接收报文为旧报文数据", "Older than what is stored"),
    say=(
        "本次报送时间{written}不晚于已存数据的{stored}，不作处理。请用新的报送时间重新发送。",
        "The filing time {written} is not later than the stored {stored}; nothing is changed. Send it with a new time.",
    ),
    basis=_STANDARD + "；错误码-301014",
    kind="processing",
)
BOUND_TO_CHECKLIST = rule(
    "CU2224",
    title=("单证已随清单入库", "The paper goes with a stored checklist"),
    say=(
        "{what}“{number}”已随清单{checklist}入库，不能变更或删除。请先修改或撤销该清单。",
        "{what} “{number}” goes with checklist {checklist}, which is stored. Amend or withdraw that checklist first.",
    ),
    basis=_STANDARD + "；错误码-301011、-504016",
    kind="processing",
)
NOT_CHANGEABLE = rule(
    "CU2225",
    title=("清单现在不能变更", "The checklist cannot be changed now"),
    say=(
        "清单“{number}”现在是「{state_zh} {state}」，不能{act_zh}。{do_zh}",
        "Checklist “{number}” is at {state_en} ({state}) and cannot be {act_en}. {do_en}",
    ),
    basis=_STANDARD + "；错误码-621012",
    kind="processing",
)
ORDER_USED = rule(
    "CU2226",
    title=("订单已用于另一份清单", "The order belongs to another checklist"),
    say=(
        "订单“{number}”已用于清单{checklist}。一份清单对应一个订单：分包发货请为每个包裹各报一个订单，"
        "并用parent_order_no连接。",
        "Order “{number}” is used by checklist {checklist}. One checklist has one order: for a sale in several parcels "
        "file an order per parcel and tie them with parent_order_no.",
    ),
    basis=_STANDARD + "，第9节",
    kind="processing",
)
WAYBILL_USED = rule(
    "CU2227",
    title=("运单已用于另一份清单", "The waybill belongs to another checklist"),
    say=(
        "运单“{number}”已用于清单{checklist}。一个包裹装几笔交易时，请把它们合并为一个订单、一份清单申报，"
        "或为每笔交易各用一个运单。",
        "Waybill “{number}” is used by checklist {checklist}. If several sales travel in one parcel, put them into one "
        "order and one checklist, or give each sale a waybill of its own.",
    ),
    basis=_STANDARD + "，第9节",
    kind="processing",
)
WAYBILL_REPEATED = rule(
    "CU2228",
    title=("运单编号六个月内重复", "The waybill number comes again too soon"),
    say=(
        "运单编号“{number}”已于{taken}使用，同一物流企业{months}个月内不得重复。请换用新的运单编号。",
        "Waybill number “{number}” was used on {taken}; a carrier may not repeat it within {months} months. "
        "Use another number.",
    ),
    basis=_STANDARD + "，CEB505 logisticsNo",
    kind="processing",
)
MORE = rule(
    "CU2291",
    title=("还有更多问题", "There is more to correct"),
    say=(
        "除所列{shown}处外还有{more}处问题未列出。请先改正所列各处再报送，其余届时列出。",
        "Besides the {shown} listed here {more} more were found. Correct these and file again; the rest is told then.",
    ),
    basis="平台接口约定",
    severity=Severity.WARNING,
)
NOT_PROCESSED = rule(
    "CU2290",
    title=("平台未能处理本单证", "The platform could not process the document"),
    say=(
        "平台处理本单证时出错，已记录待查（{message}）。单证没有丢失，请联系平台并提供此编号。",
        "The platform failed on this document; the fault is on record ({message}). Nothing is lost: "
        "contact the platform and quote this number.",
    ),
    basis="平台接口约定",
    kind="processing",
)
WRONG_UNIT = rule(
    "CU2216",
    title=("法定计量单位不符", "The statutory unit does not fit"),
    say=(
        "编码{code}的{which}法定计量单位是{expected}，不是“{found}”。请按税则改正单位和数量。",
        "The {which} statutory unit of {code} is {expected}, not “{found}”. Correct unit and quantity.",
    ),
    basis=_STANDARD + "；错误码-625012",
)
