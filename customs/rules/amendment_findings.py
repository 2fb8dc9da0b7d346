"""What is said about amendments, shut-outs, proof and corrections (CU6201 and after)."""

from __future__ import annotations

from common.findings import Severity, rule
from common.law import step_rule

ORDER_220 = "海关进出口货物报关单修改和撤销管理办法（海关总署令第220号）"
_HOUSE = "平台改撤规则"

NOT_POSSIBLE = rule(
    "CU6201",
    title=("清单的状态不能修改", "The state does not allow a change"),
    say=(
        "清单“{number}”现在是「{state_zh} {state}」。{why_zh}",
        "Checklist “{number}” is at {state_en} ({state}). {why_en}",
    ),
    basis=ORDER_220,
)
HAS_LEFT = rule(
    "CU6202",
    title=("货物已离境", "The goods have left"),
    say=(
        "清单“{number}”的货物已离境，等结关。结关以后只有证明结关本身有误才能修改；货物退回的，请办理退货。",
        "The goods of checklist “{number}” have left and it will be closed. After that it is changed only where the "
        "closing itself is proven wrong; if goods come back, file a goods return.",
    ),
    basis=ORDER_220,
)
IN_SUMMARY = rule(
    "CU6203",
    title=("已在汇总报关单中", "Part of a summary declaration"),
    say=(
        "清单“{number}”已归入报关单{declarations}。请先修改或撤销该报关单，再改清单，然后由税务重新认定。",
        "Checklist “{number}” is part of declaration {declarations}. Have the declaration amended or cancelled first, "
        "then change the checklist; tax decides again after that.",
    ),
    basis=_HOUSE,
)
GROUND_UNKNOWN = rule(
    "CU6204",
    title=("理由不在清单状态可用之列", "Not a ground here"),
    say=(
        "“{value}”不是这里可用的理由。可用：{known}。",
        "“{value}” is no ground here. Those that are: {known}.",
    ),
    basis=ORDER_220,
)
GROUND_NEEDED = rule(
    "CU6205",
    title=("还没有理由", "No ground yet"),
    say=(
        "这份申请没有写明理由。请先向当事人问明并填写，再批准。",
        "The request names no ground. Ask the party and enter it before approving.",
    ),
    basis=ORDER_220,
)
PROOF_NEEDED = rule(
    "CU6206",
    title=("还没有证明材料", "No proof yet"),
    say=(
        "“{ground}”须附证明材料。请先请当事人上传，再批准。",
        "“{ground}” needs proof. Have the party upload it before approving.",
    ),
    basis=f"{ORDER_220}第六条",
)
REQUEST_PENDING = rule(
    "CU6207",
    title=("已有申请在办理", "Already asked for"),
    say=(
        "清单“{number}”已有一份申请（{pre_no}）在办理。请等候结果，或者先撤回那一份。",
        "A request about checklist “{number}” ({pre_no}) is being decided. Wait for it, or take it back first.",
    ),
    basis=_HOUSE,
    kind="processing",
)
FIXED_FIELD = rule(
    "CU6208",
    title=("这一栏不能修改", "A field that cannot be amended"),
    say=(
        "“{field}”审结后不能修改。要改这一栏，请撤销后重新申报。",
        "“{field}” cannot be amended after conclusion. To change it, cancel and declare anew.",
    ),
    basis=_HOUSE,
)
NOTHING_DIFFERS = rule(
    "CU6209",
    title=("没有改动", "Nothing differs"),
    say=(
        "申请的内容与清单“{number}”现在的内容相同。请改好要修改的栏目再报。",
        "The request says the same as checklist “{number}” says now. Change what is to be amended and send it again.",
    ),
    basis=_HOUSE,
)
NOT_MORE = rule(
    "CU6210",
    title=("部分退关只能减少", "A shut-out in part can only take away"),
    say=(
        "部分退关只能减少数量。第{line}项由{before}变为{after}，请改正，或换用别的理由。",
        "A shut-out in part can only take goods away. Line {line} goes from {before} to {after}: correct it, or use "
        "another ground.",
    ),
    basis=_HOUSE,
)
SHUT_OUT_LATE = rule(
    "CU6211",
    title=("申请退关已逾期", "Too late for a shut-out"),
    say=(
        "{known}得知货物不再出口，申请退关的期限是{last}。已经逾期，请到海关说明情况，由海关处理。",
        "It was known on {known} that the goods would not leave; a shut-out could be requested until {last}. Explain "
        "the case at the customs office, which decides what is done.",
    ),
    basis=_HOUSE,
)
KNOWN_DAY = rule(
    "CU6212",
    title=("得知的日期不对", "Not a day on which it was known"),
    say=(
        "“{value}”不能作为得知货物不再出口的日期。请按YYYY-MM-DD填写，不晚于今天，不早于申报日。",
        "“{value}” cannot be the day on which it was known. Write YYYY-MM-DD, not after today, not before declaring.",
    ),
    basis=_HOUSE,
    kind="format",
)
RELAYED = rule(
    "CU6213",
    title=("由海关系统办理", "Handled in customs' own system"),
    say=(
        "清单“{number}”的海关由其系统决定，报文规范没有审结后修改清单的报文。货物还没有离境的，请申请撤销（605），"
        "海关批准后按改正的内容（部分退关的，按剩余货物）重新申报；已结关的，请向该海关办理。",
        "The office of checklist “{number}” decides in customs' own system, and the standard has no message that "
        "amends a concluded checklist. While the goods are here, ask for its cancellation (605) and declare the "
        "corrected contents anew (of a partial shut-out the rest) once customs has approved; for a closed one ask that "
        "office.",
    ),
    basis=_HOUSE,
)
NOT_FOUND = rule(
    "CU6214",
    title=("没有这份申请", "No such request"),
    say=(
        "没有这份申请，或者它不在您的范围内。请从列表中选择。",
        "There is no such request, or it is not yours to see. Choose one from the list.",
    ),
    basis=_HOUSE,
)
DECIDED = rule(
    "CU6215",
    title=("申请已办结", "The request is decided"),
    say=(
        "这份申请已由{who}于{when}办结（{outcome_zh}），不能再改动或重复决定。请查看结果。",
        "The request was decided by {who} at {when} ({outcome_en}); it cannot be changed or decided again. Look at the "
        "result.",
    ),
    basis=_HOUSE,
    kind="processing",
)
MOVED_ON = rule(
    "CU6216",
    title=("清单已变", "The checklist has changed"),
    say=(
        "申请之后，清单已有新的第{now}版，申请依据的是第{then}版。请不予批准，请当事人按现在的内容另行申请。",
        "Since the request the checklist has a new revision {now}; the request was made on revision {then}. Refuse it "
        "and have the party ask anew from the present contents.",
    ),
    basis=_HOUSE,
    kind="processing",
)
SUPERVISOR = rule(
    "CU6217",
    title=("由主管决定", "A supervisor decides"),
    say=(
        "「{state_zh} {state}」的清单，修改申请由主管决定。请交主管办理。",
        "An amendment of a checklist at {state_en} ({state}) is decided by a supervisor. Pass it on.",
    ),
    basis=_HOUSE,
)
NOT_PARTY = rule(
    "CU6218",
    title=("不是申请人", "Not the applicant"),
    say=(
        "只有申请的报关单位或收发货人可以这样做。请由它们办理。",
        "Only the declaring unit or the consignor of the request may do this. Leave it to them.",
    ),
    basis=_HOUSE,
)
PART_BY_AMENDMENT = rule(
    "CU6219",
    title=("部分退关用修改申请", "A shut-out in part is an amendment"),
    say=(
        "撤销申请会撤销整份清单。部分退关请申请修改，把数量改为还要出口的数量。",
        "A cancellation cancels the whole checklist. For a shut-out in part request an amendment to the quantity that "
        "still leaves.",
    ),
    basis=f"{ORDER_220}第四条",
)
PROOF_TWICE = rule(
    "CU6224",
    title=("文件已有", "This file is there already"),
    say=("同样内容的文件已经传过（{name}）。", "A file with the same contents was uploaded before ({name})."),
    basis=_HOUSE,
    kind="processing",
)
NOT_APPROVED = rule(
    "CU6225",
    title=("退关还没有批准", "The shut-out is not approved"),
    say=(
        "运单“{number}”的退关{state_zh}，货物不能运出场所。请等海关批准。",
        "The shut-out of waybill “{number}” is {state_en}; the goods may not be let out. Wait for customs' approval.",
    ),
    basis=_HOUSE,
)
LET_OUT_ALREADY = rule(
    "CU6226",
    title=("货物已放出", "Let out already"),
    say=(
        "运单“{number}”退关的货物已于{when}登记放出。",
        "The goods of waybill “{number}” were recorded as let out at {when}.",
    ),
    basis=_HOUSE,
    kind="processing",
)
NO_SHUT_OUT = rule(
    "CU6227",
    title=("没有这票退关", "No such shut-out"),
    say=(
        "没有这票退关，或者货物不在您的场所。请从列表中选择。",
        "There is no such shut-out, or its goods are not at your site. Choose one from the list.",
    ),
    basis=_HOUSE,
)
UNKNOWN_FIELD = rule(
    "CU6228",
    title=("没有这一栏", "No such field"),
    say=(
        "清单没有“{name}”这一栏，或者它不能修改。请从栏目表中选择。",
        "A checklist has no field “{name}”, or it cannot be changed. Choose from the list of fields.",
    ),
    basis=_HOUSE,
    kind="format",
)
NO_CORRECTION = rule(
    "CU6229",
    title=("没有这项改正要求", "No such correction"),
    say=(
        "没有这项改正要求，或者它已办结。请刷新后再看。",
        "There is no such correction, or it is done. Look again.",
    ),
    basis=_HOUSE,
)
FIELDS_NEEDED = rule(
    "CU6230",
    title=("没有选栏目", "No fields named"),
    say=("请至少选一个要改正的栏目。", "Name at least one field that has to be corrected."),
    basis=_HOUSE,
    kind="format",
)
UNCHANGED_NEEDED = rule(
    "CU6231",
    title=("货物没有离境时不改内容", "No change of contents where the goods never left"),
    say=(
        "“货物其实没有离境”只撤回结关，不改清单内容。请照原样报送；内容也有误的，撤回结关后另行申请。",
        "“The goods never left” takes the closing back and changes no contents. Send them as they stand; what else is "
        "wrong is requested after that.",
    ),
    basis=_HOUSE,
)
NO_CHECKLIST = rule(
    "CU6232",
    title=("没有这份清单", "No such checklist"),
    say=("没有这份清单，或与您的企业、关区无关。", "There is no such checklist, or it is not yours to see."),
    basis=_HOUSE,
)
NOT_ONLY_LESS = rule(
    "CU6233",
    title=("部分退关不改货物", "A shut-out in part changes no goods"),
    say=(
        "部分退关只减少货物。第{line}项的“{field}”由“{before}”变为“{after}”，不是同一种货物或计量。请照原样填写，"
        "或换用别的理由。",
        "A shut-out in part only takes goods away. “{field}” of line {line} goes from “{before}” to “{after}”: that is "
        "other goods or units. Leave it as it is, or use another ground.",
    ),
    basis=_HOUSE,
)
SHUT_OUT_OPEN = rule(
    "CU6234",
    title=("退关没有办结", "A shut-out is not ended"),
    say=(
        "运单“{number}”的退关{state_zh}，本行未受理。退关办结（放出、不予批准或撤回）以后再报离境。",
        "The shut-out of waybill “{number}” is {state_en}: the line is refused. Report the departure once it has ended "
        "(let out, refused or taken back).",
    ),
    basis=f"{ORDER_220}；{_HOUSE}",
)
LESS_THAN_RETURNED = rule(
    "CU6235",
    title=("少于已退回的", "Less than came back"),
    say=(
        "第{line}项的“{field}”改为{after}，少于已退回和在办退货的{returned}（{returns}）。请不少于这个数；在办的退货可以先删除。",
        "“{field}” of line {line} would be {after}, which is less than the {returned} that came back or is asked for "
        "({returns}). Leave at least that much, or delete requests of returns that are open first.",
    ),
    basis=_HOUSE,
)
RETURNED_LINE = rule(
    "CU6236",
    title=("有退货的项保持项号和计量单位", "A line with returns keeps its number and units"),
    say=(
        "第{line}项有退货（{returns}），它的“{field}”不能由“{before}”变为“{after}”。请保留这一项、它的项号和计量单位；"
        "在办的退货可以先删除。",
        "Goods of line {line} came back or are asked for ({returns}): its “{field}” cannot go from “{before}” to "
        "“{after}”. Keep the line, its number and its units, or delete requests of returns that are open first.",
    ),
    basis=_HOUSE,
)
RETURNS_STAND = rule(
    "CU6237",
    title=("这一项有退货", "This line has returns"),
    say=(
        "第{line}项已退回或在办退货的数量是{returned}（计量单位{unit}；{returns}）。修改后至少留下这么多，项号和计量单位不变。",
        "Goods of line {line} came back or are asked for: {returned} in unit {unit} ({returns}). At least that much "
        "has to remain after a change, under the same number and in the same units.",
    ),
    basis=_HOUSE,
    severity=Severity.WARNING,
)
ARRIVED_ABROAD = rule(
    "CU6238",
    title=("这一项已在海外仓入仓", "This line arrived in an overseas warehouse"),
    say=(
        "第{line}项在海外仓已入仓{arrived}，它的“{field}”不能由“{before}”变为“{after}”。请至少留下入仓的数量，保留项号和"
        "计量单位；入仓记录有误的，先更正记录。",
        "Of line {line}, {arrived} are recorded as arrived in an overseas warehouse: its “{field}” cannot go from "
        "“{before}” to “{after}”. Leave at least what arrived, under the same number and unit, or correct the "
        "warehouse's records first.",
    ),
    basis=_HOUSE,
)
ARRIVED_SO_LEFT = rule(
    "CU6239",
    title=("货物已到海外仓", "The goods reached an overseas warehouse"),
    say=(
        "清单“{number}”第{lines}项在海外仓已入仓，货物已离境。入仓记录有误的，先更正记录，再申请。",
        "Lines {lines} of checklist “{number}” are recorded as arrived in an overseas warehouse, so the goods left. If "
        "that is wrong, correct the warehouse's records first.",
    ),
    basis=_HOUSE,
)
ARRIVED_STANDS = rule(
    "CU6240",
    title=("这一项在海外仓有入仓记录", "This line has arrivals on record"),
    say=(
        "第{line}项在海外仓已入仓的数量是{arrived}（计量单位{unit}）。修改后至少留下这么多，项号和计量单位不变。",
        "Of line {line}, {arrived} in unit {unit} are recorded as arrived in an overseas warehouse. At least that much "
        "has to remain after a change, under the same number and in the same unit.",
    ),
    basis=_HOUSE,
    severity=Severity.WARNING,
)

_STEPS = "customs.amendment"
AMENDED = step_rule("CU6271", _STEPS, title=("修改申请经海关批准", "Amendment approved"), basis=ORDER_220).id
REFUSED = step_rule("CU6272", _STEPS, title=("修改申请未获批准", "Amendment refused"), basis=ORDER_220).id
CLOSING_REVERSED = step_rule(
    "CU6273", _STEPS, title=("结关被证明有误，撤回结关", "Closing proven wrong and taken back"), basis=_HOUSE
).id
INSPECT_AGAIN = step_rule(
    "CU6274",
    _STEPS,
    title=("修改后风险升高，布控查验", "Inspected because of the amended contents"),
    basis=_HOUSE,
).id
SHUT_OUT_STEP = step_rule("CU6275", "customs.shut_out", title=("退关", "Shut-out"), basis=_HOUSE).id
CORRECTION_STEP = step_rule(
    "CU6276", "customs.correction", title=("海关要求改正", "Correction asked by customs"), basis=ORDER_220
).id
MANDATE_STEP = step_rule("CU6277", "customs.mandate_end", title=("委托终止", "A mandate ends"), basis=_HOUSE).id
