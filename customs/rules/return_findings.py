"""What is said about goods returns and their tallies (CU6301–CU6399), each sentence declared once."""

from __future__ import annotations

from common.findings import Severity, rule
from common.law import step_rule

_STANDARD = "跨境电子商务出口统一版系统企业对接报文规范"
_RETURNS = "海关总署公告2020年第44号"
_HOUSE = "平台出口退货规则"

# --- findings about the request

NO_SUCH_CHECKLIST = rule(
    "CU6301",
    title=("没有这票清单", "No such checklist"),
    say=(
        "没有编号为“{number}”的出口清单。请核对原清单号。",
        "There is no export checklist “{number}”. Check the number of the original checklist.",
    ),
    basis=f"{_STANDARD}，CEB213 invtNo",
)
OTHER_CONSIGNOR = rule(
    "CU6302",
    title=("不是该企业的出口清单", "Another seller's export"),
    say=(
        "清单“{number}”不是电商企业{code}出口的。只能退回原出口企业自己的货物，请核对清单号或电商企业代码。",
        "Checklist “{number}” is not an export of firm {code}. Only its own exporter can take goods back: check the "
        "number or the firm's code.",
    ),
    basis=f"{_RETURNS}；{_STANDARD}，CEB213 ebcCode",
)
OTHER_PLATFORM = rule(
    "CU6303",
    title=("电商平台与原清单不一致", "Not the platform of the checklist"),
    say=(
        "清单“{number}”的电商平台是{expected}，退货申请写的是{found}。请填写原清单的平台。",
        "The platform of checklist “{number}” is {expected}, the request says {found}. Enter that of the checklist.",
    ),
    basis=f"{_STANDARD}，CEB213 ebpCode",
)
NOT_EXPORTED = rule(
    "CU6304",
    title=("清单未放行", "Not released"),
    say=(
        "清单“{number}”现在是「{state_zh} {state}」，没有放行出口，谈不上退货。未放行的清单请改单或撤单。",
        "Checklist “{number}” is at {state_en} ({state}): it was not released for export, so nothing can come back. "
        "Change or cancel it instead.",
    ),
    basis=_RETURNS,
)
NOT_LEFT = rule(
    "CU6305",
    title=("货物尚未离境", "The goods have not left"),
    say=(
        "清单“{number}”已放行，但没有离境记录，货物还在境内。请办理退关或撤单；已离境的，请物流企业先报离境单。",
        "Checklist “{number}” is released, but no departure is on record: the goods are still here. Ask for a shut-out "
        "or cancel it; if they have left, the logistics firm reports the departure first.",
    ),
    basis=_RETURNS,
)
MODE_WITHOUT_PROCEDURE = rule(
    "CU6306",
    title=("监管方式不适用退货措施", "The mode has no return procedure"),
    say=(
        "清单“{number}”的监管方式是{mode}，不适用出口退货措施（适用：{modes}），应按一般退运货物向海关申报。"
        "是否免税另按退运免税规定判断。",
        "Checklist “{number}” was exported under {mode}, which has no return procedure (those with one: {modes}). "
        "Declare it to customs as an ordinary return shipment; whether it is free of tax is decided apart.",
    ),
    basis=_RETURNS,
)
TOO_LATE = rule(
    "CU6307",
    title=("超过退货期限", "After the time for returns"),
    say=(
        "清单“{number}”于{released}放行，退货期限到{deadline}为止，{on}已超期。请按一般进口货物办理。",
        "Checklist “{number}” was released on {released}; its goods could come back until {deadline}, and {on} is "
        "later. Declare them as an ordinary import.",
    ),
    basis=_RETURNS,
)
OTHER_DISTRICT = rule(
    "CU6308",
    title=("不能跨关区退货", "Not through another customs district"),
    say=(
        "清单“{number}”（{mode}）在关区{exported}出口，{on}不能经关区{returned}退回。请向原出口关区的海关申请。",
        "Checklist “{number}” ({mode}) was exported in district {exported}; on {on} its goods cannot come back through "
        "district {returned}. Apply to an office of the district of export.",
    ),
    basis="海关总署公告2024年第167号第四条；海关总署2026年3月13日公告",
)
NO_SUCH_LINE = rule(
    "CU6309",
    title=("原清单没有这一项", "No such line on the checklist"),
    say=(
        "清单“{number}”没有第{gnum}项商品。请填写原清单的商品项号。",
        "Checklist “{number}” has no line {gnum}. Enter the line number of the original checklist.",
    ),
    basis=f"{_STANDARD}，CEB213 gnum；错误码-625209",
)
NOT_AS_EXPORTED = rule(
    "CU6310",
    title=("与原清单不一致", "Not as on the checklist"),
    say=(
        "第{gnum}项的{field_zh}（{element}）应与原清单一致，为“{expected}”，现为“{found}”。请改正。",
        "Line {gnum}: {field_en} ({element}) must be as on the checklist, “{expected}”, not “{found}”. Correct it.",
    ),
    basis=f"{_STANDARD}，CEB213 InvtRefundList",
)
MORE_THAN_LEFT = rule(
    "CU6311",
    title=("超过可退数量", "More than can still come back"),
    say=(
        "第{gnum}项的{field_zh}（{element}）为{found}，只剩{left}可退（出口{exported}，已退{returned}，"
        "在办{pending}）。请减少数量。",
        "Line {gnum}: {field_en} ({element}) is {found}, but only {left} can still come back (exported {exported}, "
        "back already {returned}, asked for {pending}). Ask for less.",
    ),
    basis=f"{_STANDARD}，CEB213 qty、qty1、qty2",
)
SECOND_QUANTITY = rule(
    "CU6312",
    title=("缺第二数量", "The second quantity is missing"),
    say=(
        "第{gnum}项在原清单上有法定第二数量（单位{unit}），退货申请须一并填写qty2和unit2。",
        "Line {gnum} has a second quantity on the checklist (unit {unit}): give qty2 and unit2.",
    ),
    basis=f"{_STANDARD}，CEB213 qty2、unit2；错误码-625009",
)
OTHER_MODE = rule(
    "CU6313",
    title=("退货监管方式不符", "Not the return mode of this export"),
    say=(
        "清单“{number}”的监管方式是{origin}，退货监管方式应为{expected}，现为{found}。请改正。",
        "Checklist “{number}” was exported under {origin}: the return's mode is {expected}, not {found}. Correct it.",
    ),
    basis=f"{_STANDARD}，CEB213 tradeMode",
)
OLD_MODE = rule(
    "CU6314",
    title=("退货监管方式按旧写法", "The return mode is written the old way"),
    say=(
        "退货监管方式写的是{found}，规范正文为{expected}，已按{expected}收下。今后请填写{expected}。",
        "The return's mode is written {found}; the text of the standard has {expected}, and so it was taken. Write "
        "{expected} from now on.",
    ),
    basis=f"{_STANDARD}，CEB213 tradeMode（规范正文与报文格式注释不一致）",
    severity=Severity.WARNING,
)
CODE_EXPIRED = rule(
    "CU6315",
    title=("商品编码当日已失效", "The code is no longer in the tariff"),
    say=(
        "第{gnum}项的商品编码{code}在{on}已不在税则中。与原清单一致，已收下；如需按新编码归类，请与海关联系。",
        "Line {gnum}: code {code} is not in the tariff of {on}. It is as on the checklist and was taken; ask customs "
        "if a new code is wanted.",
    ),
    basis=f"{_STANDARD}，CEB213 gcode",
    severity=Severity.WARNING,
)
PAST_CHANGING = rule(
    "CU6316",
    title=("退货申请已不能改动", "The request can no longer be changed"),
    say=(
        "该退货申请现在是「{state_zh} {state}」，不能再修改或删除。请看办理结果，或与海关联系。",
        "The return is at {state_en} ({state}) and can no longer be changed or deleted. Look at how it went, or ask "
        "customs.",
    ),
    basis=_HOUSE,
    kind="processing",
)
OTHER_ORIGIN = rule(
    "CU6317",
    title=("变更后换了清单", "The change names another checklist"),
    say=(
        "退货申请“{number}”是清单{before}的，变更写的是{found}。请删除该申请，另报一份。",
        "Request “{number}” is about checklist {before}, the change says {found}. Delete it and file another.",
    ),
    basis=_HOUSE,
    kind="processing",
)
BEFORE_RELEASE = rule(
    "CU6318",
    title=("报送时间早于放行", "Filed before release"),
    say=(
        "清单“{number}”于{released}放行，报送时间{on}更早。请核对报送时间。",
        "Checklist “{number}” was released on {released}, later than the filing time {on}. Check the filing time.",
    ),
    basis=_RETURNS,
)
GROUNDS_MISSING = rule(
    "CU6319",
    title=("尚未说明退货原因和证明", "Reason and proof are not said yet"),
    say=(
        "还没有说明是滞销还是退货、用什么证明。申请已收下，请在退货页面补充，否则海关无法放行。",
        "It is not said yet whether the goods are unsold or returned, and with what that is proved. The request is "
        "kept; add it on the page of the return, without it customs cannot release the goods.",
    ),
    basis=_HOUSE,
    severity=Severity.WARNING,
)
UNKNOWN_GROUND = rule(
    "CU6320",
    title=("没有这个选项", "No such choice"),
    say=("“{value}”不在可选之列。请填写：{known}。", "“{value}” is not among the choices. Give one of: {known}."),
    basis=_HOUSE,
    kind="format",
)
PROOF_DOES_NOT_FIT = rule(
    "CU6321",
    title=("证明与原因不符", "The proof does not go with the reason"),
    say=(
        "原因为“{reason}”的，应提供：{known}。请改选证明或原因。",
        "For the reason “{reason}” the proof is: {known}. Choose another proof or reason.",
    ),
    basis=_HOUSE,
)
CERTIFICATE_NUMBER = rule(
    "CU6322",
    title=("缺证明编号", "The certificate's number is missing"),
    say=(
        "请填写《出口货物已补税/未退税证明》的编号，至多40个字。",
        "Give the number of the certificate, at most 40 characters.",
    ),
    basis="财政部 海关总署 税务总局公告2026年第16号，第三条",
)

NO_SUCH_SITE = rule(
    "CU6323",
    title=("没有这个监管场所", "No such supervised site"),
    say=(
        "海关{office}没有监管场所“{site}”（有：{known}）。请改正，或不填写场所代码。",
        "Office {office} has no supervised site “{site}” (there are: {known}). Correct it, or leave it out.",
    ),
    basis=f"{_STANDARD}，CEB213 loctNo",
)

# --- findings about pages and decisions

RETURN_NOT_FOUND = rule(
    "CU6330",
    title=("没有这份退货申请", "No such return"),
    say=("没有这份退货申请，或与您无关。", "There is no such return, or it is not yours to see."),
    basis=_HOUSE,
)
UNKNOWN_DECISION = rule(
    "CU6331",
    title=("没有这种决定", "No such decision"),
    say=("没有“{value}”这种决定。可用的有：{known}。", "There is no decision “{value}”. There are: {known}."),
    basis=_HOUSE,
    kind="format",
)
MOVE_NOT_ALLOWED = rule(
    "CU6332",
    title=("现在不能这样决定", "Not to be decided now"),
    say=(
        "退货申请现在是「{state_zh} {state}」，不能改为「{end_zh} {end}」。请刷新后再看。",
        "The return is at {state_en} ({state}) and cannot become {end_en} ({end}). Look again.",
    ),
    basis=_HOUSE,
    kind="processing",
)
TEXT_NEEDED = rule(
    "CU6333",
    title=("请写明理由", "Say why"),
    say=("请写明理由，申请人会看到，至多{most}个字。", "Say why in at most {most} characters; the party reads it."),
    basis=_HOUSE,
)
NO_GROUNDS_NO_RELEASE = rule(
    "CU6334",
    title=("缺退货原因或证明，不能放行", "No release without reason and proof"),
    say=(
        "申请人还没有说明退货原因和证明，不能放行。请挂起并要求补充。",
        "The party has not said the reason and its proof yet, so the goods cannot be released. Suspend it and ask.",
    ),
    basis=_HOUSE,
)
NOTHING_CAME = rule(
    "CU6335",
    title=("没有货物退回", "Nothing came back"),
    say=(
        "理货结果没有一件可放行的货物。请退单，申请人可重新申请。",
        "By the tally nothing came back. Reject the return; the party can apply again.",
    ),
    basis=_HOUSE,
)
FILE_NOT_FOUND = rule(
    "CU6337",
    title=("没有这个文件", "No such file"),
    say=("没有这个文件。", "There is no such file."),
    basis=_HOUSE,
)
RETURN_OVER = rule(
    "CU6338",
    title=("退货已办结", "The return is over"),
    say=("该退货已办结，不能再补充或改动。", "The return is over; nothing can be added or changed."),
    basis=_HOUSE,
    kind="processing",
)

RETURNED_EXPORT = rule(
    "CU6339",
    title=("货物有退货申请或已退回", "Goods of it came back or are asked for"),
    say=(
        "清单“{number}”有退货（{returns}），出口记录不能修改。在办的请先删除退货申请；已办结的请与海关联系。",
        "Goods of checklist “{number}” came back or are asked for ({returns}): the export's record cannot be changed. "
        "Delete the requests that are open; where a return is completed, ask customs.",
    ),
    basis=_HOUSE,
    kind="processing",
)

# --- findings about planning

NOTHING_FITS = rule(
    "CU6340",
    title=("找不到可退的货物", "Nothing found that can come back"),
    say=(
        "第{row}行“{wanted}”：没有您可退的出口清单或商品。请核对清单号、订单号、运单号或企业商品货号。",
        "Row {row}, “{wanted}”: none of your exports with anything left matches. Check the number of the "
        "checklist, order, waybill or item.",
    ),
    basis=_HOUSE,
)
NOT_ENOUGH = rule(
    "CU6341",
    title=("可退数量不足", "Less left than wanted"),
    say=(
        "第{row}行“{wanted}”：要退{qty}，全部可退的只有{left}。请减少数量。",
        "Row {row}, “{wanted}”: {qty} wanted, but only {left} can still come back in all. Ask for less.",
    ),
    basis=_HOUSE,
)
ROW_UNREADABLE = rule(
    "CU6342",
    title=("这一行看不懂", "The row cannot be read"),
    say=(
        "第{row}行“{wanted}”：每行写清单号、订单号、运单号或企业商品货号，再写数量（大于0，至多5位小数），用空格隔开。",
        "Row {row}, “{wanted}”: write the number of a checklist, order, waybill or item and a quantity above zero "
        "with at most five decimals, with a space between.",
    ),
    basis=_HOUSE,
    kind="format",
)
SEVERAL_LINES = rule(
    "CU6343",
    title=("清单有多项商品", "The checklist has several lines"),
    say=(
        "第{row}行：“{wanted}”有多项商品（{lines}）。请写成“清单号#项号 数量”。",
        "Row {row}: “{wanted}” has several lines ({lines}). Write “checklist number#line quantity”.",
    ),
    basis=_HOUSE,
)
ROWS_MISSING = rule(
    "CU6344",
    title=("没有要退的货物", "Nothing to return"),
    say=("请至少写一行要退的货物，最多{most}行。", "Write at least one row of goods to return, at most {most}."),
    basis=_HOUSE,
    kind="format",
)
NO_DECLARATION_LINE = rule(
    "CU6345",
    title=("没有这一项报关单商品", "No such declaration line"),
    say=(
        "没有您的报关单“{number}”第{line}项，或其清单已不在该报关单内。请核对。",
        "There is no line {line} of a declaration “{number}” of yours with checklists behind it. Check both.",
    ),
    basis=_HOUSE,
)

# --- findings about tallies

NOTHING_TO_TALLY = rule(
    "CU6350",
    title=("没有对应的退货申请", "No return names this waybill"),
    say=(
        "运单“{number}”没有待理货的退货申请。请核对运单号和物流企业；企业还没有申请的，请先通知企业申请。",
        "No return that waits for a tally names waybill “{number}”. Check number and logistics firm; if the firm has "
        "not applied yet, tell it to.",
    ),
    basis=f"{_STANDARD}，CEB215 logisticsNo",
)
TALLIED_BEFORE = rule(
    "CU6351",
    title=("已经理货", "Tallied before"),
    say=(
        "运单“{number}”的退货已由理货明细单{pre_no}理货。要改结果，请变更那一份。",
        "The returns of waybill “{number}” were tallied by {pre_no}. To correct the result, change that one.",
    ),
    basis=_HOUSE,
    kind="processing",
)
TALLY_OVER = rule(
    "CU6352",
    title=("退货已办结，理货不能改", "The return is over"),
    say=(
        "运单“{number}”的退货已办结，理货结果不能再改动或删除。",
        "A return of waybill “{number}” is completed: its tally can no longer be changed or deleted.",
    ),
    basis=_HOUSE,
    kind="processing",
)
TALLY_OTHER_OFFICE = rule(
    "CU6353",
    title=("退货申请向另一海关提出", "The return was filed at another office"),
    say=(
        "运单“{number}”的退货向海关{expected}申请，理货写的是{office}。请在该海关的场所理货，或核对关区代码。",
        "The return of waybill “{number}” was filed at office {expected}, the tally says {office}. Tally it at a site "
        "of that office, or check the code.",
    ),
    basis=f"{_STANDARD}，CEB215 customsCode",
)
TALLY_LINE_UNKNOWN = rule(
    "CU6354",
    title=("理货项不在退货申请中", "The tally names a line that is not asked for"),
    say=(
        "清单“{number}”第{gnum}项不在这些退货申请中。请只填申请退货的商品项。",
        "Line {gnum} of checklist “{number}” is in none of these returns. Give the lines that were asked for only.",
    ),
    basis=_HOUSE,
)
TALLY_QUANTITY = rule(
    "CU6355",
    title=("理货数量写法不对", "Not a quantity"),
    say=(
        "理货数量“{value}”应为不小于0、至多5位小数的数字。",
        "The quantity found, “{value}”, must be a number from 0 with at most five decimals.",
    ),
    basis=_HOUSE,
    kind="format",
)
TALLY_DIFFERS = rule(
    "CU6356",
    title=("理货结果与申请不符", "The tally differs from the request"),
    say=(
        "清单“{number}”第{gnum}项申请退{asked}，理货{found}{altered_zh}。已记录，由海关决定。",
        "Checklist “{number}”, line {gnum}: {asked} asked for, {found} found{altered_en}. It is on record; customs "
        "decides.",
    ),
    basis=_HOUSE,
    severity=Severity.WARNING,
)
TALLY_LATE = rule(
    "CU6357",
    title=("货物到场时已超过退货期限", "The goods came after the time for returns"),
    say=(
        "清单“{number}”的退货期限到{deadline}为止，货物{on}才到场。已记录，由海关决定。",
        "The goods of checklist “{number}” could come back until {deadline} and came on {on}. It is on record; customs "
        "decides.",
    ),
    basis=_RETURNS,
    severity=Severity.WARNING,
)

TALLY_OTHER_SITE = rule(
    "CU6358",
    title=("退货到另一监管场所", "The return comes to another site"),
    say=(
        "运单“{number}”的退货申请写明到监管场所“{site}”，该场所不由您的企业经营。请由该场所理货，或请申请企业变更。",
        "The return of waybill “{number}” names site “{site}”, which your firm does not operate. That site tallies it, "
        "or the firm changes its request.",
    ),
    basis=f"{_STANDARD}，CEB213 loctNo",
)

_DECISION = "customs.goods-return"
STORED = step_rule("CU6391", _DECISION, title=("退货申请入库", "The request is stored"), basis=_STANDARD).id
REVIEWED = step_rule(
    "CU6392", _DECISION, title=("退货申请由海关人工审核", "A request is reviewed by an officer"), basis=_RETURNS
).id
DIFFERENCE_HOLDS = step_rule(
    "CU6393", _DECISION, title=("理货不符的退货挂起", "A return whose tally differs is suspended"), basis=_HOUSE
).id
COMPLETED = step_rule(
    "CU6394", _DECISION, title=("放行并理货后办结", "Completed when released and tallied"), basis=_HOUSE
).id
TALLY_TAKEN = step_rule("CU6395", _DECISION, title=("理货明细单审结", "The tally is concluded"), basis=_STANDARD).id
