from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ops.checks.certificates import certificate_findings
from ops.checks.finding import Area, Finding
from ops.checks.vendor import skew_findings

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
AREA = Area("NetSuite")


def key_in(path: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(key.private_bytes(*form))
    return key


def certified(path: Path, key: ec.EllipticCurvePrivateKey, ends: datetime) -> Path:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=700))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return path


def found(certificate: Path, key: Path) -> list[Finding]:
    return list(certificate_findings(AREA, "NETSUITE_CERTIFICATE_FILE", certificate, key, NOW))


@pytest.mark.parametrize(
    ("left", "said", "is_well"),
    [
        (timedelta(days=200), "holds for 200 days", True),
        (timedelta(days=12), "ends in 12 days, on 2026-12-06", False),
        (timedelta(days=-1), "ended on 2026-11-23", False),
    ],
)
def test_a_certificate_is_told_before_it_ends(
    tmp_path: Path, left: timedelta, said: str, is_well: bool
) -> None:
    key = key_in(tmp_path / "key")
    [finding] = found(certified(tmp_path / "crt", key, NOW + left), tmp_path / "key")
    assert (said in finding.detail, finding.is_well) == (True, is_well)


def test_a_certificate_of_another_key_is_named(tmp_path: Path) -> None:
    other = key_in(tmp_path / "other")
    key_in(tmp_path / "key")
    first, _ = found(certified(tmp_path / "crt", other, NOW + timedelta(99)), tmp_path / "key")
    assert (first.detail, first.is_well) == ("crt is the certificate of another key", False)


def test_a_file_that_is_no_certificate_is_named_and_none_is_no_fault(tmp_path: Path) -> None:
    key_in(tmp_path / "key")
    (tmp_path / "crt").write_text("nothing")
    [finding] = found(tmp_path / "crt", tmp_path / "key")
    assert "holds no certificate" in finding.detail
    assert list(certificate_findings(AREA, "X", None, tmp_path / "key", NOW)) == []


@pytest.mark.parametrize(
    ("theirs", "said"),
    [(-90, "90 s ahead of NetSuite's"), (4000, "4,000 s behind NetSuite's"), (30, "clocks agree")],
)
def test_clocks_that_differ_are_told_with_which_way(theirs: int, said: str) -> None:
    [finding] = skew_findings(AREA, NOW + timedelta(seconds=theirs), NOW)
    assert said in finding.detail
    assert finding.is_well is ("agree" in said)
