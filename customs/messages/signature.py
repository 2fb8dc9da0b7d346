"""The signature of a message (ds:Signature, message standard §8.1): checked wherever it is present.

Enveloped over the whole message, inclusive canonical XML of 2001; the suites, RSA with SHA-1 and SM2 with SM3, stand
behind the port `SignatureSuite`. Whether a signature is required is the caller's to say. The chain up to a
certification authority is not checked: the platform holds no trust anchors.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from common.findings import Finding
from customs.messages import sm2
from customs.messages.document import ReadMessage, SignatureFacts, cut
from customs.messages.fields import DSIG
from customs.rules import message_signature as rules

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f"{DSIG}enveloped-signature"
RSA_SHA1 = f"{DSIG}rsa-sha1"
SHA1 = f"{DSIG}sha1"
_CHINAPORT = "http://www.chinaport.gov.cn/2022/04/xmldsig#"
SM2_SM3 = f"{_CHINAPORT}sm2-sm3"
SM3 = f"{_CHINAPORT}sm3"
SM2_SEEN = f"{DSIG}sm2-sm3"
"""What some company keys write instead of the standard's own address, with SHA-1 as the digest."""

_WHERE = "/Signature"
_NS = {"ds": DSIG}
_CODE = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Z]{18}|[0-9A-Z]{10})(?![0-9A-Za-z])")
_XML_ATTRIBUTES = "{http://www.w3.org/XML/1998/namespace}"


class SignatureSuite(Protocol):
    """One signature method with the digest it is used with."""

    def digest(self, method: str, data: bytes) -> bytes | None:
        """The digest of `data` by the method's address; None where this suite does not know it."""
        ...

    def holds(self, certificate: x509.Certificate, value: bytes, data: bytes) -> bool:
        """Whether `value` is the certificate holder's signature over `data`; raises `ValueError` for a wrong key."""
        ...


class RsaSha1:
    """RSA (PKCS#1 v1.5) with SHA-1: what company keys of the E-Port sign with."""

    def digest(self, method: str, data: bytes) -> bytes | None:
        """SHA-1 only."""
        return hashlib.sha1(data).digest() if method == SHA1 else None  # noqa: S324 - the standard names it

    def holds(self, certificate: x509.Certificate, value: bytes, data: bytes) -> bool:
        """Whether the RSA signature verifies."""
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("not an RSA key")
        try:
            key.verify(value, data, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the standard names it
        except InvalidSignature:
            return False
        return True


SUITES: Mapping[str, SignatureSuite] = {
    RSA_SHA1: RsaSha1(),
    SM2_SM3: sm2.Sm2({SM3: sm2.sm3}),
    SM2_SEEN: sm2.Sm2({SM3: sm2.sm3, SHA1: sm2.sha1}),
}
"""Suites by the address of their signature method."""

_DIGESTS = f"{SHA1}, {SM3}"

HolderOf = Callable[[x509.Certificate], frozenset[str]]


def holder_of(certificate: x509.Certificate) -> frozenset[str]:
    """The subject codes (10 or 18 characters) that stand in the certificate's subject."""
    texts = (str(attribute.value) for attribute in certificate.subject)
    return frozenset(code for text in texts for code in _CODE.findall(text))


class _Fault(Exception):  # noqa: N818 - never leaves this module
    """A signature that does not hold."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.rule)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class _Parts:
    """The signature's parts as they stand in the message."""

    signed_info: Any
    method: str
    digest_method: str
    digest: bytes
    value: bytes
    certificate: x509.Certificate


def verify(
    body: bytes, suites: Mapping[str, SignatureSuite] = SUITES, holder: HolderOf = holder_of
) -> SignatureFacts | None:
    """What the signature of the message in `body` shows; None where it has none.

    `body` are the very bytes that were read (without BOM), parsed once more with processing instructions kept, since
    they are signed too. The message has passed the door: it is well-formed, without DTD, and not too deep.
    """
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True)
    root = etree.fromstring(body, parser)
    signature = root.find(f"{{{DSIG}}}Signature")
    if signature is None:
        return None
    method = _text(signature, "ds:SignedInfo/ds:SignatureMethod/@Algorithm")
    try:
        parts = _parts(signature, method, suites)
        _check(parts, suites[method], root, signature)
        return _facts(parts, holder)
    except _Fault as fault:
        return SignatureFacts((fault.finding,), frozenset(), None, method or None)
    except (ValueError, UnsupportedAlgorithm):
        # A certificate is taken apart lazily: a bad name or key shows only when it is asked for.
        return SignatureFacts((rules.BAD_CERTIFICATE.at(_WHERE),), frozenset(), None, method)


def _facts(parts: _Parts, holder: HolderOf) -> SignatureFacts:
    """What a signature that holds says; raises `ValueError` for a certificate with unreadable parts."""
    certificate = parts.certificate
    validity = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    return SignatureFacts((), holder(certificate), f"{certificate.serial_number:x}", parts.method, validity)


def check_signature(
    message: ReadMessage, declarant: Collection[str], *, required: bool = False, at: datetime | None = None
) -> list[Finding]:
    """The findings that a message's signature gives each of its documents.

    `declarant` are the codes of the document's declarant; `at`, where given, is the aware instant of receipt, for the
    certificate's validity.
    """
    facts = message.signature
    if facts is None:
        return [rules.MISSING.at(_WHERE)] if required else []
    if facts.findings:
        return list(facts.findings)
    if at is not None and facts.validity and not facts.validity[0] <= at <= facts.validity[1]:
        start, end = facts.validity
        return [rules.EXPIRED.at(_WHERE, start=f"{start:%Y-%m-%d}", end=f"{end:%Y-%m-%d}")]
    if not facts.holder.intersection(declarant):
        return [rules.OTHER_HOLDER.at(_WHERE, holder=cut("、".join(sorted(facts.holder)) or "–"))]
    return []


def _text(signature: Any, path: str) -> str:
    """The one text or attribute at `path`; empty where there is none, or more than one."""
    found = signature.xpath(path, namespaces=_NS)
    return str(found[0]).strip() if len(found) == 1 else ""


def _bytes(signature: Any, path: str, part: str) -> bytes:
    """Base64 content at `path`; raises `_Fault`."""
    try:
        data = base64.b64decode("".join(_text(signature, f"{path}/text()").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _Fault(rules.INCOMPLETE.at(_WHERE, part=part)) from error
    if not data:
        raise _Fault(rules.INCOMPLETE.at(_WHERE, part=part))
    return data


def _parts(signature: Any, method: str, suites: Mapping[str, SignatureSuite]) -> _Parts:
    """Take the signature apart, refusing every form but the standard's; raises `_Fault`."""
    signed = signature.findall(f"{{{DSIG}}}SignedInfo")
    if len(signed) != 1:
        raise _Fault(rules.INCOMPLETE.at(_WHERE, part="SignedInfo"))
    canonical = _text(signature, "ds:SignedInfo/ds:CanonicalizationMethod/@Algorithm")
    if canonical != C14N:
        raise _Fault(_algorithm("CanonicalizationMethod", canonical, C14N))
    if method not in suites:
        raise _Fault(_algorithm("SignatureMethod", method, f"{SM2_SM3}, {RSA_SHA1}"))
    references = signature.xpath("ds:SignedInfo/ds:Reference", namespaces=_NS)
    transforms = signature.xpath("ds:SignedInfo/ds:Reference/ds:Transforms/ds:Transform/@Algorithm", namespaces=_NS)
    if len(references) != 1 or references[0].get("URI") != "" or transforms != [ENVELOPED]:
        raise _Fault(rules.WRONG_SCOPE.at(_WHERE))
    return _Parts(
        signed_info=signed[0],
        method=method,
        digest_method=_text(signature, "ds:SignedInfo/ds:Reference/ds:DigestMethod/@Algorithm"),
        digest=_bytes(signature, "ds:SignedInfo/ds:Reference/ds:DigestValue", "DigestValue"),
        value=_bytes(signature, "ds:SignatureValue", "SignatureValue"),
        certificate=_certificate(signature),
    )


def _certificate(signature: Any) -> x509.Certificate:
    """The X.509 certificate in the signature; raises `_Fault`."""
    der = _bytes(signature, "ds:KeyInfo/ds:X509Data/ds:X509Certificate", "X509Certificate")
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise _Fault(rules.BAD_CERTIFICATE.at(_WHERE)) from error


def _algorithm(part: str, found: str, expected: str) -> Finding:
    """A part that names another algorithm than the standard's."""
    return rules.WRONG_ALGORITHM.at(_WHERE, part=part, found=cut(found, 100), expected=expected)


def _check(parts: _Parts, suite: SignatureSuite, root: Any, signature: Any) -> None:
    """Value first, over SignedInfo as it stands; then the digest, over the message without its signature."""
    if not suite.holds(parts.certificate, parts.value, _in_context(parts.signed_info)):
        raise _Fault(rules.INVALID.at(_WHERE))
    _remove(signature)
    content = etree.tostring(root.getroottree(), method="c14n", exclusive=False, with_comments=False)
    digest = suite.digest(parts.digest_method, content)
    if digest is None:
        raise _Fault(_algorithm("DigestMethod", parts.digest_method, _DIGESTS))
    if not hmac.compare_digest(digest, parts.digest):
        raise _Fault(rules.CONTENT_CHANGED.at(_WHERE))


def _in_context(element: Any) -> bytes:
    """Inclusive canonical XML of an element with the namespaces and xml: attributes that its ancestors give it."""
    apex = etree.Element(element.tag, nsmap=element.nsmap)
    for ancestor in element.iterancestors():
        for name, value in ancestor.attrib.items():
            if name.startswith(_XML_ATTRIBUTES) and name not in apex.attrib:
                apex.set(name, value)
    for name, value in element.attrib.items():
        apex.set(name, value)
    apex.text = element.text
    apex.extend([deepcopy(child) for child in element])
    return bytes(etree.tostring(apex, method="c14n", exclusive=False, with_comments=False))


def _remove(signature: Any) -> None:
    """Take the signature out of the message, leaving the text behind it where it is."""
    parent, before = signature.getparent(), signature.getprevious()
    tail = signature.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(signature)
