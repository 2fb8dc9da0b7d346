"""Rules CU1101–CU1120: one field of a document by itself – there, filled, of the right form, a code of the day."""

from __future__ import annotations

from common.findings import FindingRule, rule

STANDARD = "海关跨境统一版系统企业对接报文规范（202205版）"


def _field_rule(id: str, title: tuple[str, str], zh: str, en: str, basis: str = "§3") -> FindingRule:
    """A format rule whose sentences open with the field's names, element and, where it helps, its value."""
    return rule(
        id,
        title=title,
        say=("{name_zh}（{element}）" + zh, "{name_en} ({element}) " + en),
        basis=f"{STANDARD} {basis}",
        kind="format",
    )


MISSING = _field_rule(
    "CU1101",
    ("必填节点存在", "A required element is there"),
    "缺失。请补充该节点并填写。",
    "is missing. Add the element and fill it in.",
)
EMPTY = _field_rule(
    "CU1102",
    ("必填节点不为空", "A required element is filled in"),
    "为空。该项必填，请填写。",
    "is empty. It is required; fill it in.",
)
WRONG_LENGTH = _field_rule(
    "CU1103",
    ("长度符合规范", "The length is as laid down"),
    "应为{expected_zh}，现为{found}位（“{value}”）。请更正，无内容时请去掉该节点。",
    "must have {expected_en} and has {found} (“{value}”). Correct it, or leave the element out if there is nothing "
    "to say.",
)
NOT_DECIMAL = _field_rule(
    "CU1104",
    ("数值写成普通小数", "A number is written plainly"),
    "应为普通数字，现为“{value}”。请只用数字和一个小数点，不用逗号、空格或科学计数法；无内容时请去掉该节点。",
    "must be a plain number and is “{value}”. Use digits and one point, no commas, spaces or exponent; leave the "
    "element out if there is nothing to say.",
)
TOO_MANY_DIGITS = _field_rule(
    "CU1105",
    ("数值位数不超过规定", "A number does not have too many digits"),
    "整数部分最多{whole}位、小数部分最多{places}位，现为“{value}”。请更正。",
    "may have at most {whole} digits before and {places} after the point and is “{value}”. Correct it.",
)
NOT_INTEGER = _field_rule(
    "CU1106",
    ("整数写成普通整数", "A whole number is written plainly"),
    "应为不超过{most}位的整数，现为“{value}”。请更正。",
    "must be a whole number of at most {most} digits and is “{value}”. Correct it.",
)
SPACE_AROUND = _field_rule(
    "CU1107",
    ("首尾没有空格", "No space at either end"),
    "的首尾有空格或换行（“{value}”）。请删除。",
    "begins or ends with a space or line break (“{value}”). Remove it.",
)
NO_SUCH_TIME = _field_rule(
    "CU1108",
    ("时间存在", "The time exists"),
    "应为存在的时间，格式为YYYYMMDDhhmmss，现为“{value}”。请更正。",
    "must be a time that exists, written YYYYMMDDhhmmss, and is “{value}”. Correct it.",
)
NO_SUCH_DAY = _field_rule(
    "CU1109",
    ("日期存在", "The day exists"),
    "应为存在的日期，格式为YYYYMMDD，现为“{value}”。请更正。",
    "must be a day that exists, written YYYYMMDD, and is “{value}”. Correct it.",
)
NOT_LISTED = _field_rule(
    "CU1110",
    ("取值在规定范围内", "The value is one of those allowed"),
    "只能填{expected}，现为“{value}”。请更正。",
    "must be one of {expected} and is “{value}”. Correct it.",
    "§6",
)
NO_SUCH_CODE = _field_rule(
    "CU1111",
    ("代码当日有效", "The code is valid that day"),
    "“{value}”不是{on}有效的代码。请按海关代码表填写。",
    "“{value}” is not a code valid on {on}. Take one from customs' code table.",
    "§6",
)
NOT_POSITIVE = _field_rule(
    "CU1112",
    ("数值大于零", "The number is above zero"),
    "应大于0，现为“{value}”。请更正。",
    "must be above 0 and is “{value}”. Correct it.",
)
NEGATIVE = _field_rule(
    "CU1113",
    ("数值不为负", "The number is not negative"),
    "不能为负数，现为“{value}”。请更正，没有的填0。",
    "must not be negative and is “{value}”. Correct it; write 0 where there is none.",
)
NOT_A_SUBJECT = _field_rule(
    "CU1114",
    ("企业代码形式正确", "A firm's code has the right form"),
    "应为10位海关编码或18位统一社会信用代码{also_zh}，现为“{value}”。请核对，字母须大写。",
    "must be a 10-character customs code or an 18-character unified social credit code{also_en} and is “{value}”. "
    "Check it; letters are upper case.",
    "§7",
)
WRONG_CHECK_DIGIT = _field_rule(
    "CU1115",
    ("统一社会信用代码校验码正确", "The unified social credit code's check digit holds"),
    "“{value}”的校验码不对。请核对18位统一社会信用代码。",
    "“{value}” fails its check digit. Check the 18-character unified social credit code.",
    "§7",
)
NOT_AN_HS_CODE = _field_rule(
    "CU1116",
    ("商品编码为10位数字", "The HS code has ten digits"),
    "应为10位数字，现为“{value}”。可简化申报的，填4位品目（9710、9810为6位）后补0至10位。",
    "must be ten digits and is “{value}”. Where a simplified declaration is allowed, give the 4-digit heading "
    "(6 digits for 9710 and 9810) filled with zeros to ten.",
    "§7",
)
NO_SUCH_HEADING = _field_rule(
    "CU1117",
    ("商品编码的品目存在", "The HS code's heading exists"),
    "“{value}”的前4位不是{on}有效的品目。请按进出口税则归类后更正。",
    "“{value}” does not begin with a heading valid on {on}. Classify the goods by the tariff and correct it.",
    "§7",
)
NOT_A_CHECKLIST_NUMBER = _field_rule(
    "CU1118",
    ("清单编号的位数符合规范", "A checklist number has its number of characters"),
    "应为海关给出的{least}至{most}位清单编号，现为“{value}”。请按清单回执填写，没有的去掉该节点。",
    "must be the {least} to {most} characters that customs gave and is “{value}”. Take it from the checklist's "
    "response, or leave the element out if there is none.",
    "§7",
)
CONTROL_CHARACTER = _field_rule(
    "CU1119",
    ("值中没有控制字符", "No control characters in a value"),
    "含有不允许的控制字符。请删除。",
    "holds a control character that is not allowed. Remove it.",
)
NOT_A_TOTAL = _field_rule(
    "CU1120",
    ("运费、保费按总价申报", "Freight and insurance are given as totals"),
    "现为“{value}”（1为率，2为单价）；202205版报文架构固定为3（总价）。请把运费、保费折算为总价后填3。",
    "is “{value}” (1 a rate, 2 per unit); the schema of 202205 fixes 3, a total. Work the fee out as a sum and "
    "write 3.",
    "§3 CEB603（架构202205版）",
)
