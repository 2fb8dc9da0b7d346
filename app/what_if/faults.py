"""What can be wrong with the facts of a what-if question."""

from __future__ import annotations

from common.findings import NotFoundError, rule

_BASIS = "平台接口约定：试算"

SY0300 = rule(
    "SY0300",
    title=("没有这个项目", "No such key"),
    say=("没有项目“{key}”。可填写的项目：{known}。", "There is no key “{key}” here. The keys are: {known}."),
    basis=_BASIS,
)
SY0301 = rule(
    "SY0301",
    title=("缺少项目", "A key is missing"),
    say=("缺少项目“{key}”（{name}）。请补填。", "Key “{key}” ({name}) is missing. Add it."),
    basis=_BASIS,
)
SY0302 = rule(
    "SY0302",
    title=("应为文本", "Text is expected"),
    say=("请填写1至{most}个字符的文本，加引号。", "Give a text of 1 to {most} characters, in quotes."),
    basis=_BASIS,
)
SY0303 = rule(
    "SY0303",
    title=("应为十进制数字文本", "A decimal in quotes is expected"),
    say=(
        "金额、汇率、税率和数量请写成普通的十进制数字，例如12.50，在JSON中加引号；不用科学记数法和千分位。",
        "Write money, rates and quantities as plain decimals, for instance 12.50, in JSON between quotes; "
        "no exponent, no thousands separators.",
    ),
    basis=_BASIS,
)
SY0304 = rule(
    "SY0304",
    title=("应为整数", "A whole number is expected"),
    say=("请填写{least}至{most}的整数，不加引号。", "Give a whole number from {least} to {most}, without quotes."),
    basis=_BASIS,
)
SY0305 = rule(
    "SY0305",
    title=("应为日期", "A day is expected"),
    say=('请填写存在的日期，格式为 "YYYY-MM-DD"。', 'Give a day that exists, written "YYYY-MM-DD".'),
    basis=_BASIS,
)
SY0306 = rule(
    "SY0306",
    title=("不在可选值之内", "Not one of the values"),
    say=("请填写下列之一：{options}。", "Give one of: {options}."),
    basis=_BASIS,
)
SY0307 = rule(
    "SY0307",
    title=("代码表中没有这个代码", "The code table has no such code"),
    say=("代码表“{table}”中没有“{code}”。请核对代码。", "Code table “{table}” has no “{code}”. Check the code."),
    basis=_BASIS,
)
SY0308 = rule(
    "SY0308",
    title=("数值太小", "The number is too small"),
    say=("请填写{least}的数字。", "Give a number {least}."),
    basis=_BASIS,
)
SY0309 = rule(
    "SY0309",
    title=("应为true或false", "True or false is expected"),
    say=("请填写 true 或 false，不加引号。", "Give true or false, without quotes."),
    basis=_BASIS,
)
SY0310 = rule(
    "SY0310",
    title=("应为JSON对象", "A JSON object is expected"),
    say=(
        "请填写JSON对象 {{…}}，各项目见接口说明。",
        "Give a JSON object {{…}} with the keys of the interface description.",
    ),
    basis=_BASIS,
)
SY0311 = rule(
    "SY0311",
    title=("没有这项试算", "No such decision"),
    say=("没有试算“{name}”。可用的有：{known}。", "There is no decision “{name}”. There are: {known}."),
    basis=_BASIS,
)
SY0312 = rule(
    "SY0312",
    title=("应为列表", "A list is expected"),
    say=("请填写{least}至{most}项的列表 […]。", "Give a list […] of {least} to {most} entries."),
    basis=_BASIS,
)
SY0313 = rule(
    "SY0313",
    title=("写法不符", "Written differently than expected"),
    say=("请填写{form}。", "Give {form}."),
    basis=_BASIS,
)


class UnknownDecisionError(NotFoundError):
    """No decision of that name can be asked."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(SY0311.at("", name=name[:60], known="、".join(known)), extra={"decisions": known})
