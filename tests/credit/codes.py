"""Made-up but well-formed 统一社会信用代码 for tests."""

from stdnum.cn import uscc


def uscc_of(number):
    """A code with a right check digit: 91 (company), 440200 (Shaoguan), nine characters, check digit."""
    body = f"91440200MA{number:07d}"
    return body + uscc.calc_check_digit(body)
