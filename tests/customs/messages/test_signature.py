"""The signature of a message: it holds over the very bytes, it is the declarant's, and nothing else passes for it."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

from customs.messages.reading import read_xml
from customs.messages.signature import SUITES, check_signature, verify
from tests.customs.messages.papers import AT, SELLER, TRANSFER, xml

DSIG = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
SM2 = "http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3"
CODE = SELLER["code"]


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key, holder=CODE, signer=None):
    """A certificate of the key that names its holder in the subject, as DER in base64."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"潮州韩江陶瓷@{holder}")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0x01691F7F)
        .not_valid_before(AT - timedelta(days=1))
        .not_valid_after(AT + timedelta(days=365))
        .sign(signer or key, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode()


def sign(raw, key, *, cert=None, method=f"{DSIG}rsa-sha1", change=lambda info: info, value=None, uri=""):
    """`raw` with an enveloped signature, made as the standard lays down."""
    digest = base64.b64encode(hashlib.sha1(etree.tostring(etree.fromstring(raw), method="c14n")).digest()).decode()
    info = (
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{C14N}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod><ds:Reference URI="{uri}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{DSIG}enveloped-signature"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{DSIG}sha1"></ds:DigestMethod><ds:DigestValue>{digest}</ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo>"
    )
    info = change(info)
    scope = (
        '<ds:SignedInfo xmlns:ceb="http://www.chinaport.gov.cn/ceb" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    )
    signed = scope + info.removeprefix("<ds:SignedInfo>")
    made = value or base64.b64encode(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA1())).decode()
    signature = (
        f'<ds:Signature xmlns:ds="{DSIG}">{info}<ds:SignatureValue>{made}</ds:SignatureValue><ds:KeyInfo>'
        f"<ds:KeyName>01691f7f</ds:KeyName><ds:X509Data><ds:X509Certificate>{cert or certificate(key)}"
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
    end = raw.rindex(b"</ceb:CEB")
    return raw[:end] + signature.encode() + raw[end:]


def said(raw):
    """The rules that speak against the signature."""
    message = read_xml(raw)
    assert message.envelope_findings == []
    assert not any(one.findings for one in message.documents)
    return [one.rule for one in message.signature.findings]


def test_a_signature_that_holds_names_its_holder(key):
    facts = read_xml(sign(xml("CEB603"), key)).signature
    assert facts.valid
    assert facts.holder == {CODE}
    assert (facts.serial, facts.method) == ("1691f7f", f"{DSIG}rsa-sha1")


@pytest.mark.parametrize("type", ["CEB303", "CEB505", "CEB509", "CEB605", "CEB607", "CEB701"])
def test_every_message_can_be_signed(key, type):
    assert said(sign(xml(type), key)) == []


def test_a_byte_order_mark_is_not_part_of_what_is_signed(key):
    assert said(b"\xef\xbb\xbf" + sign(xml("CEB603"), key)) == []


def test_what_is_canonically_the_same_is_the_same(key):
    raw = sign(xml("CEB603"), key)
    assert said(raw.replace(b'encoding="UTF-8"?>\n', b"encoding='utf-8' ?>\n\n")) == []
    assert said(raw.replace(b"<ceb:Inventory>", b"<ceb:Inventory >")) == []


@pytest.mark.parametrize(
    "old, new",
    [
        (b"<ceb:totalPrice>122.00<", b"<ceb:totalPrice>122.01<"),
        (b"<ceb:country>502<", b"<ceb:country>303<"),
        (b"</ceb:InventoryHead>", b" </ceb:InventoryHead>"),
        (f"<ceb:copCode>{TRANSFER['copCode']}<".encode(), b"<ceb:copCode>440296D001<"),
        (b'version="1.0" xmlns', b'version="1.1" xmlns'),
    ],
)
def test_one_byte_changed_after_signing_is_noticed(key, old, new):
    raw = sign(xml("CEB603"), key)
    assert raw.count(old) >= 1
    assert said(raw.replace(old, new, 1)) == ["CU1306"]


def test_a_message_indented_after_signing_no_longer_holds(key):
    root = etree.fromstring(sign(xml("CEB603"), key))
    etree.indent(root)
    assert said(etree.tostring(root, encoding="UTF-8")) != []


def test_a_digest_put_right_after_a_change_does_not_help(key):
    honest, forged = sign(xml("CEB603"), key), sign(xml("CEB603").replace(b">502<", b">303<"), key)
    digest = lambda raw: raw.partition(b"<ds:DigestValue>")[2].partition(b"<")[0]  # noqa: E731 - one expression
    changed = honest.replace(b">502<", b">303<").replace(digest(honest), digest(forged))
    assert said(changed) == ["CU1307"]


def test_another_key_than_the_certificates_does_not_hold(key):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert said(sign(xml("CEB603"), other, cert=certificate(key))) == ["CU1307"]


def test_a_certificate_of_another_kind_of_key_cannot_be_used(key):
    curve = ec.generate_private_key(ec.SECP256R1())
    assert said(sign(xml("CEB603"), key, cert=certificate(curve))) == ["CU1308"]


@pytest.mark.parametrize("cert", ["AAAA", base64.b64encode(b"no certificate").decode()])
def test_a_certificate_that_cannot_be_read_is_said(key, cert):
    assert said(sign(xml("CEB603"), key, cert=cert)) == ["CU1308"]


@pytest.mark.parametrize(
    "old, new, rule",
    [
        (C14N, "http://www.w3.org/2001/10/xml-exc-c14n#", "CU1303"),
        (f"{DSIG}rsa-sha1", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "CU1303"),
        (f"{DSIG}rsa-sha1", f"{DSIG}hmac-sha1", "CU1303"),
        (
            f'DigestMethod Algorithm="{DSIG}sha1"',
            'DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"',
            "CU1303",
        ),
        (f"{DSIG}rsa-sha1", SM2, "CU1308"),
        (f"{DSIG}rsa-sha1", f"{DSIG}sm2-sm3", "CU1308"),
        ("enveloped-signature", "base64", "CU1305"),
        ('URI=""', 'URI="#part"', "CU1305"),
    ],
)
def test_any_other_form_of_signature_is_refused(key, old, new, rule):
    assert said(sign(xml("CEB603"), key, change=lambda info: info.replace(old, new))) == [rule]


def test_a_second_reference_is_refused(key):
    def twice(info):
        start, end = info.index("<ds:Reference"), info.index("</ds:Reference>") + len("</ds:Reference>")
        return info[:end] + info[start:end] + info[end:]

    assert said(sign(xml("CEB603"), key, change=twice)) == ["CU1305"]


@pytest.mark.parametrize("value", ["*", "not base64!", " "])
def test_a_signature_without_a_usable_value_is_incomplete(key, value):
    assert said(sign(xml("CEB603"), key, value=value)) == ["CU1302"]


def test_an_empty_signature_is_refused_and_breaks_nothing():
    raw = xml("CEB603")
    end = raw.rindex(b"</ceb:CEB")
    assert said(raw[:end] + f'<ds:Signature xmlns:ds="{DSIG}"/>'.encode() + raw[end:]) == ["CU1302"]


def test_a_message_without_signature_has_none():
    assert verify(xml("CEB603")) is None
    assert read_xml(xml("CEB603")).signature is None


def rules(raw, declarant, **asked):
    """What checking the signature says to a document of this declarant."""
    return [one.rule for one in check_signature(read_xml(raw), declarant, **asked)]


def test_the_holder_must_be_the_declarant(key):
    raw = sign(xml("CEB603"), key)
    assert rules(raw, {CODE}) == []
    assert rules(raw, {"91445100MA5T00168U", CODE}) == []
    assert rules(raw, {"440296D001"}) == ["CU1309"]


def test_a_certificate_is_in_force_on_the_day_of_receipt(key):
    raw = sign(xml("CEB603"), key)
    assert rules(raw, {CODE}, at=AT) == []
    assert rules(raw, {CODE}, at=AT + timedelta(days=366)) == ["CU1310"]
    assert rules(raw, {CODE}, at=AT - timedelta(days=2)) == ["CU1310"]


def test_a_signature_is_asked_for_only_where_it_is_required():
    assert rules(xml("CEB603"), {CODE}) == []
    assert rules(xml("CEB603"), {CODE}, required=True) == ["CU1301"]


def test_a_broken_signature_is_said_once_whoever_the_declarant_is(key):
    raw = sign(xml("CEB603"), key).replace(b">502<", b">303<", 1)
    assert rules(raw, {"440296D001"}, required=True) == ["CU1306"]


def test_another_suite_can_be_put_behind_the_port(key):
    class Suite:
        def digest(self, method, data):
            return hashlib.sha1(data).digest()

        def holds(self, certificate, value, data):
            return b"sm2-sm3" in data

    raw = sign(xml("CEB603"), key, method=SM2)
    assert verify(raw, {**SUITES, SM2: Suite()}).valid
