"""Signatures by the national suite: the published example of GB/T 32918, then whole messages signed with SM2."""

from __future__ import annotations

import base64
from datetime import timedelta

import gmalg
import pytest
from asn1crypto import keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from customs.messages.reading import read_xml
from customs.messages.signature import C14N, SHA1, SM2_SEEN, SM2_SM3, SM3, verify
from customs.messages.sm2 import CURVE, USER_ID, Sm2, sha1, sm3
from tests.customs.messages.papers import AT, SELLER, xml
from tests.customs.messages.test_signature import certificate, sign

CODE = SELLER["code"]
EXAMPLE_POINT = bytes.fromhex(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
EXAMPLE_SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
SECRET = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
"""The key of the example in GB/T 32918.5, appendix A."""


def sm2_certificate(point=EXAMPLE_POINT, curve=CURVE):
    """A certificate on the SM2 curve that names its holder, as DER; its own signature is of no account here."""
    name = asn1.Name.build({"common_name": f"潮州韩江陶瓷@{CODE}"})
    algorithm = keys.PublicKeyAlgorithm({"algorithm": "ec", "parameters": keys.ECDomainParameters("named", curve)})
    signed_by = asn1.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
    certificate = asn1.TbsCertificate(
        {
            "version": "v3",
            "serial_number": 0x01691F7F,
            "signature": signed_by,
            "issuer": name,
            "validity": {
                "not_before": asn1.Time("utc_time", AT - timedelta(days=1)),
                "not_after": asn1.Time("utc_time", AT + timedelta(days=365)),
            },
            "subject": name,
            "subject_public_key_info": {"algorithm": algorithm, "public_key": keys.ECPointBitString(point)},
        }
    )
    whole = {"tbs_certificate": certificate, "signature_algorithm": signed_by, "signature_value": b"\x00" * 8}
    return asn1.Certificate(whole).dump()


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Key:
    """Signs as a company key with SM2 does."""

    def sign(self, data, *_):
        r, s = gmalg.SM2(sk=SECRET, uid=USER_ID, pk=EXAMPLE_POINT).sign(data)
        return r.rjust(32, b"\0") + s.rjust(32, b"\0")  # the library leaves leading zeros out


def signed(raw, *, method=SM2_SM3, digest=SM3, change=lambda info: info, **asked):
    """`raw` signed with SM2 under the given addresses."""
    content = etree.tostring(etree.fromstring(raw), method="c14n")
    own, national = (base64.b64encode(how(content)).decode() for how in (sha1, sm3))

    def national_digest(info):
        info = info.replace(f'DigestMethod Algorithm="{SHA1}"', f'DigestMethod Algorithm="{digest}"')
        return change(info.replace(own, national) if digest == SM3 else info)

    asked.setdefault("cert", base64.b64encode(sm2_certificate()).decode())
    return sign(raw, Key(), method=method, change=national_digest, **asked)


def said(raw):
    return [one.rule for one in read_xml(raw).signature.findings]


def test_the_published_example_verifies():
    holder = x509.load_der_x509_certificate(sm2_certificate())
    assert Sm2({}).holds(holder, EXAMPLE_SIGNATURE, b"message digest")
    assert not Sm2({}).holds(holder, EXAMPLE_SIGNATURE, b"message digest.")


def test_the_digest_is_that_of_the_published_example():
    # GB/T 32905, appendix A.1
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


@pytest.mark.parametrize(("method", "digest"), [(SM2_SM3, SM3), (SM2_SEEN, SM3), (SM2_SEEN, SHA1)])
def test_a_message_signed_with_sm2_names_its_holder(method, digest):
    facts = verify(signed(xml("CEB603"), method=method, digest=digest))
    assert facts.findings == ()
    assert CODE in facts.holder


def test_a_message_changed_after_signing_with_sm2_is_noticed():
    assert said(signed(xml("CEB603")).replace(b">502<", b">303<", 1)) == ["CU1306"]


def test_sha1_does_not_go_with_the_standards_own_address():
    assert said(signed(xml("CEB603"), digest=SHA1)) == ["CU1303"]


@pytest.mark.parametrize("value", [b"\x00" * 64, b"\x01" * 63, EXAMPLE_SIGNATURE])
def test_another_value_does_not_hold(value):
    assert said(signed(xml("CEB603"), value=base64.b64encode(value).decode())) == ["CU1307"]


def test_an_rsa_certificate_cannot_carry_an_sm2_signature(rsa_key):
    assert said(signed(xml("CEB603"), cert=certificate(rsa_key))) == ["CU1308"]


@pytest.mark.parametrize(
    "der",
    [
        sm2_certificate(curve="1.2.840.10045.3.1.7"),
        sm2_certificate(point=EXAMPLE_POINT[:33]),
        sm2_certificate(point=b"\x04" + b"\x01" * 64),
    ],
)
def test_a_key_that_is_no_point_of_the_curve_is_refused(der):
    assert said(signed(xml("CEB603"), cert=base64.b64encode(der).decode())) in (["CU1308"], ["CU1307"])


def test_canonical_form_is_asked_for_here_too():
    raw = signed(xml("CEB603"), change=lambda info: info.replace(C14N, "http://www.w3.org/2001/10/xml-exc-c14n#"))
    assert said(raw) == ["CU1303"]
