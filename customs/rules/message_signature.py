"""Rules CU1301–CU1310: the signature of a message (message standard §8.1)."""

from __future__ import annotations

from common.findings import FindingRule, rule

STANDARD = "海关跨境统一版系统企业对接报文规范（202205版）§8.1"


def _signature_rule(id: str, title: tuple[str, str], zh: str, en: str) -> FindingRule:
    """A rule of kind signature."""
    return rule(id, title=title, say=(zh, en), basis=STANDARD, kind="signature")


MISSING = _signature_rule(
    "CU1301",
    ("须签名的报文带有签名", "A message that must be signed is signed"),
    "该类报文须加签，现没有ds:Signature。请用申报企业的证书加签后重新发送。",
    "This type of message must be signed, and there is no ds:Signature. Sign it with the declarant's certificate and "
    "send it again.",
)
INCOMPLETE = _signature_rule(
    "CU1302",
    ("签名结构完整", "The signature is complete"),
    "签名缺少{part}或其形式不对。请按规范的XML签名格式重新加签。",
    "The signature lacks {part}, or it has the wrong form. Sign again in the standard's XML signature form.",
)
WRONG_ALGORITHM = _signature_rule(
    "CU1303",
    ("签名算法为规范所列", "The signature uses the standard's algorithms"),
    "{part}“{found}”不是规范所列的算法。请使用：{expected}。",
    "{part} “{found}” is not one of the standard's. Use {expected}.",
)
WRONG_SCOPE = _signature_rule(
    "CU1305",
    ("签名覆盖整个报文", "The signature covers the whole message"),
    '签名须以URI=""和enveloped-signature变换覆盖整个报文，且只有一个Reference。请重新加签。',
    'The signature must cover the whole message: one Reference with URI="" and the enveloped-signature transform. '
    "Sign again.",
)
CONTENT_CHANGED = _signature_rule(
    "CU1306",
    ("报文在加签后未改动", "The message was not changed after signing"),
    "报文内容与签名摘要不一致，加签后有改动。请不要在加签后重排或修改报文，重新加签后发送。",
    "The message differs from what was signed. Do not reformat or change it after signing; sign it again and send it.",
)
INVALID = _signature_rule(
    "CU1307",
    ("签名值有效", "The signature value holds"),
    "签名值与证书不符，验签失败。请检查加签时的命名空间声明和所用证书，重新加签。",
    "The signature value does not fit the certificate. Check the namespaces declared when signing and the certificate "
    "used, then sign again.",
)
BAD_CERTIFICATE = _signature_rule(
    "CU1308",
    ("签名证书可读", "The certificate can be read"),
    "签名中的证书无法读取，或不是RSA证书。请放入完整的X.509证书后重新加签。",
    "The certificate in the signature cannot be read, or it is not for RSA. Put in the whole X.509 certificate and "
    "sign again.",
)
OTHER_HOLDER = _signature_rule(
    "CU1309",
    ("证书持有人为申报企业", "The certificate belongs to the declarant"),
    "签名证书的持有人（{holder}）不是申报企业。请用申报企业自己的证书加签。",
    "The certificate's holder ({holder}) is not the declarant. Sign with the declarant's own certificate.",
)
EXPIRED = _signature_rule(
    "CU1310",
    ("证书在有效期内", "The certificate is in force"),
    "签名证书的有效期为{start}至{end}，接收报文时不在有效期内。请更换证书后重新加签。",
    "The certificate holds from {start} to {end} and was not in force when the message came in. Renew it and sign "
    "again.",
)
