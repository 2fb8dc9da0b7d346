"""What the interface's schemas say of a value, in Chinese: the schema library speaks English only."""

from __future__ import annotations

import re

_KINDS = {
    "string": "文本",
    "utf-8 string": "UTF-8文本",
    "integer": "整数",
    "number": "数字",
    "boolean": "真假值",
    "date": "日期（YYYY-MM-DD）",
    "datetime": "时间",
    "aware datetime": "带时区的时间",
    "list": "列表",
    "tuple": "列表",
    "mapping type": "对象",
}
_SAID = tuple(
    (re.compile(pattern, re.DOTALL), said)
    for pattern, said in (
        (r"Missing data for required field\.", "缺少必填项。"),
        (r"Field may not be null\.", "不能为空值。"),
        (r"Unknown field\.", "没有这一项。"),
        (r"Invalid JSON body\.", "不是正确的JSON。"),
        (r"Invalid input type\.|Invalid type\.", "类型不对。"),
        (r"Number too large\.", "数值过大。"),
        (r"Special numeric values .*", "不能是非数值或无穷大。"),
        (r"Must be one of: (.*)\.", "须为下列之一：{0}。"),
        (r"Length must be between (\S+) and (\S+)\.", "长度须为{0}至{1}。"),
        (r"Length must be (\S+)\.", "长度须为{0}。"),
        (r"Longer than maximum length (\S+)\.", "长度不能超过{0}。"),
        (r"Shorter than minimum length (\S+)\.", "长度不能少于{0}。"),
        (r"Must be greater than or equal to (.+) and less than or equal to (.+)\.", "须在{0}与{1}之间。"),
        (r"Must be greater than or equal to (.+)\.", "不能小于{0}。"),
        (r"Must be less than or equal to (.+)\.", "不能大于{0}。"),
        (r"String does not match expected pattern\.", "格式不对。"),
    )
)
_NOT_A = re.compile(r"Not a valid (.+)\.")


def in_chinese(why: str) -> str:
    """The schema library's sentence in Chinese; one that is not known is repeated in brackets."""
    kind = _NOT_A.fullmatch(why)
    if kind and kind[1] in _KINDS:
        return f"不是{_KINDS[kind[1]]}。"
    for pattern, said in _SAID:
        found = pattern.fullmatch(why)
        if found:
            return said.format(*found.groups())
    return f"值不符合要求（{why}）。"
