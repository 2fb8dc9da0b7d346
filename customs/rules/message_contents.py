"""Rules CU1201–CU1299: what the fields of one document say together (message standard §2.3, §3, §6, §7)."""

from __future__ import annotations

from common.findings import FindingRule, Severity, rule

STANDARD = "海关跨境统一版系统企业对接报文规范（202205版）"


def _content_rule(
    id: str, title: tuple[str, str], zh: str, en: str, basis: str, *, warn: bool = False, kind: str = "format"
) -> FindingRule:
    """A rule over several fields of one document."""
    severity = Severity.WARNING if warn else Severity.ERROR
    return rule(id, title=title, say=(zh, en), basis=f"{STANDARD} {basis}", severity=severity, kind=kind)


APP_TIME_AHEAD = _content_rule(
    "CU1201",
    ("报送时间不晚于接收时间", "The filing time is not ahead of receipt"),
    "报送时间（appTime）{value}比接收时间晚15分钟以上。请校准系统时钟后重新报送。",
    "The filing time (appTime) {value} is more than 15 minutes ahead of receipt. Set your system's clock and file "
    "again.",
    "§7",
)
APP_TIME_BEHIND = _content_rule(
    "CU1202",
    ("报送时间不早于规定天数", "The filing time is not too long ago"),
    "报送时间（appTime）{value}早于接收时间{limit}天以上。请用当前时间重新报送。",
    "The filing time (appTime) {value} is more than {limit} days before receipt. File again with the present time.",
    "§7",
)
PRE_NO_GIVEN = _content_rule(
    "CU1203",
    ("新增时不填电子口岸编号", "No pre-entry number on a new document"),
    "电子口岸编号（preNo）由电子口岸给出，新增申报时不能填“{value}”。请去掉该节点。",
    "The pre-entry number (preNo) is given by the E-Port; a new document cannot name one (“{value}”). Leave the "
    "element out.",
    "§7",
)
INVT_NO_GIVEN = _content_rule(
    "CU1204",
    ("新增时不填清单编号", "No checklist number on a new checklist"),
    "清单编号（invtNo）由海关审结后给出，新增申报时不能填“{value}”。请去掉该节点。",
    "The checklist number (invtNo) is given by customs at conclusion; a new checklist cannot name one (“{value}”). "
    "Leave the element out.",
    "§7",
)
LINE_NUMBER = _content_rule(
    "CU1205",
    ("序号从1起连续", "Line numbers run from 1 without gaps"),
    "序号（gnum）应为{expected}，现为“{value}”。请从1起逐行加1，不跳号、不重号。",
    "The line number (gnum) must be {expected} and is “{value}”. Number the lines from 1, each one higher than the "
    "last.",
    "§7",
)
LINE_REPEATED = _content_rule(
    "CU1206",
    ("商品项号不重复", "No line of goods stands twice"),
    "商品项号（gnum）{value}重复。请合并或更正。",
    "The line number (gnum) {value} stands twice. Merge the lines or correct it.",
    "§5",
)
MESSAGE_NUMBER = _content_rule(
    "CU1207",
    ("报文序号不大于报文总数", "The message number lies within the total"),
    "报文序号（msgSeqNo）{sequence}、报文总数（msgCount）{count}不成立。未拆分的两项均填1，拆分的序号从1到总数。",
    "Message number (msgSeqNo) {sequence} of {count} (msgCount) cannot be. Write 1 and 1 if the document is not "
    "split, else number the messages from 1 to the total.",
    "§2.3",
)
SUM_OF_LINES = _content_rule(
    "CU1208",
    ("商品金额等于各行总价之和", "The goods value is the sum of the lines"),
    "商品金额（goodsValue）{value}不等于各行总价之和{sum}。请更正。",
    "The goods value (goodsValue) {value} is not the sum of the lines' totals, {sum}. Correct it.",
    "§7",
)
LINE_TOTAL = _content_rule(
    "CU1209",
    ("总价等于数量乘单价", "The total is quantity times unit price"),
    "总价（totalPrice）{value}与数量{qty}乘单价{price}的积{product}相差超过{tolerance}。请更正。",
    "The total (totalPrice) {value} differs by more than {tolerance} from quantity {qty} times unit price {price}, "
    "{product}. Correct it.",
    "§7",
)
PRICE_ZERO = _content_rule(
    "CU1210",
    ("单价和总价不为零", "Price and total are not zero"),
    "{name_zh}（{element}）为0。只有赠品可以如此；不是赠品的请填写实际成交价。",
    "{name_en} ({element}) is 0, which only a gift can be. Give the real price of anything else.",
    "§7",
    warn=True,
)
OTHER_CURRENCY = _content_rule(
    "CU1211",
    ("一份单证只用一种币制", "One currency per document"),
    "币制（currency）“{value}”与“{expected}”不一致。一份单证请只用一种币制。",
    "The currency “{value}” differs from “{expected}”. Use one currency in one document.",
    "§3",
)
NET_ABOVE_GROSS = _content_rule(
    "CU1212",
    ("净重不大于毛重", "Net weight does not exceed gross weight"),
    "净重（netWeight）{net}大于毛重（grossWeight）{gross}。请更正。",
    "The net weight (netWeight) {net} exceeds the gross weight (grossWeight) {gross}. Correct it.",
    "§7",
)
SECOND_QUANTITY = _content_rule(
    "CU1213",
    ("第二单位与第二数量同填同不填", "Second unit and second quantity stand together"),
    "第二计量单位（unit2）“{unit}”与第二数量（qty2）“{qty}”须同时填写或同时不填。请更正。",
    "The second unit (unit2) “{unit}” and the second quantity (qty2) “{qty}” stand together or not at all. Correct "
    "them.",
    "§5",
)
SAME_UNIT = _content_rule(
    "CU1214",
    ("单位相同则数量相同", "The same unit means the same quantity"),
    "{unit_element}与申报计量单位（unit）同为{unit}，{qty_element} {value}却不等于申报数量（qty）{qty}。请更正。",
    "{unit_element} and the declared unit (unit) are both {unit}, but {qty_element} {value} is not the declared "
    "quantity (qty) {qty}. Correct it.",
    "§6",
)
BONDED_FIELD = _content_rule(
    "CU1215",
    ("特殊区域出口填写区内企业和账册", "Bonded exports name the special-area firm and the book"),
    "特殊区域出口（1210）须填写{name_zh}（{element}）。请补充。",
    "Bonded exports (1210) must give {name_en} ({element}). Fill it in.",
    "§6",
)
IMPORT_ONLY_MODE = _content_rule(
    "CU1216",
    ("贸易方式可用于出口", "The supervision mode is one for exports"),
    "贸易方式1239只用于进口。出口请填9610、1210、9710或9810。",
    "Supervision mode 1239 is for imports only. For an export use 9610, 1210, 9710 or 9810.",
    "§6",
    kind="business",
)
LICENCE_WITH_FLAG_A = _content_rule(
    "CU1217",
    ("简化申报不涉许可证", "A simplified declaration needs no licence"),
    "申报业务类型填A（简化申报）的商品不能涉及许可证，现填有许可证号“{value}”。请改用B，或去掉许可证号。",
    "Goods under declaration kind A (simplified) need no licence, but licence number “{value}” is given. Use B, or "
    "leave the number out.",
    "§6",
    kind="business",
)
SHORT_CODE_WITH_FLAG_B = _content_rule(
    "CU1218",
    ("汇总申报填10位商品编码", "Declaration kind B takes full HS codes"),
    "申报业务类型B（汇总申报）须填完整的10位商品编码，“{value}”只有4位品目。请补全。",
    "Declaration kind B (monthly declaration) takes full ten-digit HS codes; “{value}” is a heading only. Complete it.",
    "§7",
)
TO_CHINA = _content_rule(
    "CU1219",
    ("运抵国不是中国", "The goods leave for abroad"),
    "{name_zh}（{element}）填的是中国（142）。请填写境外国家或地区的代码。",
    "{name_en} ({element}) is China (142). Give the code of a country or area abroad.",
    "§3",
)
PAYER_CODE = _content_rule(
    "CU1220",
    ("境内支付企业填写代码", "A payment institution in China is named by its code"),
    "支付企业“{value}”没有填代码（payCode）。境内支付企业须填写；非线上支付的，名称填“现金支付”。",
    "Payment institution “{value}” has no code (payCode). One in China must give it; for payment outside the web, "
    "write 现金支付 as its name.",
    "§3",
    warn=True,
)
PAYMENT_NUMBER = _content_rule(
    "CU1221",
    ("线上支付填写支付交易编号", "A payment on the web has a payment number"),
    "支付企业代码（payCode）已填而支付交易编号（payNo）为空。请补充，以便核对收款。",
    "The payment institution's code (payCode) is given but no payment number (payNo). Add it so that the payment can "
    "be found.",
    "§3",
    warn=True,
)
CASH_WITH_CODE = _content_rule(
    "CU1222",
    ("现金支付不填支付企业代码", "Cash has no payment institution"),
    "支付企业名称为“现金支付”时不能填支付企业代码（payCode）“{value}”。请去掉代码，或填写支付企业名称。",
    "With 现金支付 as its name there is no payment institution, but code (payCode) “{value}” is given. Leave the code "
    "out, or name the institution.",
    "§3",
)
WAYBILL_REPEATED = _content_rule(
    "CU1223",
    ("同一单证中运单号不重复", "No waybill number stands twice in one document"),
    "物流运单编号（logisticsNo）“{value}”在第{first}行已经填过。请删除重复的行。",
    "Waybill number (logisticsNo) “{value}” already stands in line {first}. Remove the repeated line.",
    "§3",
)
NEEDED_UNLESS_MAIL = _content_rule(
    "CU1224",
    ("非邮路运输填写运输工具和提单", "Transport and bill are given, except for mail"),
    "{name_zh}（{element}）只有邮路运输（运输方式6）可以为空。请补充。",
    "{name_en} ({element}) may be empty for mail (mode of transport 6) only. Fill it in.",
    "§3",
    warn=True,
)
TIME_RANGE = _content_rule(
    "CU1225",
    ("汇总起止时间成对且先后正确", "The summary's times stand together and in order"),
    "汇总开始时间（startTime）和结束时间（endTime）须同时填写，且结束不早于开始。请更正。",
    "Start (startTime) and end (endTime) of the summary stand together, and the end is not before the start. Correct "
    "them.",
    "§3",
)
NOTHING_TO_SUM = _content_rule(
    "CU1226",
    ("汇总申请有清单或时间范围", "A summary application names checklists or a period"),
    "汇总申请没有清单编号，也没有时间范围。请填写其中之一。",
    "The summary application names neither checklists nor a period. Give one of the two.",
    "§3",
)
WEIGHED_GROSS = _content_rule(
    "CU1227",
    ("称重毛重为正数", "The weighed gross is a positive weight"),
    "运单{number}的称重毛重（weighed_gross）应为大于0、最多5位小数的千克数，现为“{value}”。请更正。",
    "The weighed gross (weighed_gross) of waybill {number} must be kilograms above 0 with at most 5 decimals and is "
    "“{value}”. Correct it.",
    "§3",
)
