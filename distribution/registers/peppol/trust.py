"""Whom to believe: the CAs that may sign service metadata, as PEM files in SMP_TRUST_DIR. No other CA counts, least of all
those of TLS. Revocation lists (CRL, PEM) that lie beside them count too; nothing is fetched."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings

from distribution.registers.peppol.outcomes import Unclear

MIN_BITS = 2048
HASHES = ("sha256", "sha384", "sha512")
CERTIFICATE, CRL = b"-----BEGIN CERTIFICATE-----", b"-----BEGIN X509 CRL-----"


@dataclass(frozen=True)
class Trust:
    authorities: tuple[x509.Certificate, ...] = ()
    revoked: frozenset[tuple[bytes, int]] = frozenset()  # the authority's name in DER, and the serial

    def believe(self, signer: x509.Certificate, now: datetime) -> None:
        """Issued by one of the CAs itself, valid now, made for signing, not revoked. Raises Unclear."""
        authority = self._issuer_of(signer)
        _require_in_force(authority, now, "CA")
        _require_in_force(signer, now, "signer")
        if (signer.issuer.public_bytes(), signer.serial_number) in self.revoked:
            raise Unclear("signature: signer is revoked")
        if signer.signature_hash_algorithm is None or signer.signature_hash_algorithm.name not in HASHES:
            raise Unclear("signature: certificate with a weak hash")
        if not _usage(signer).digital_signature or _is_authority(signer):
            raise Unclear("signature: certificate is not for signing")

    def _issuer_of(self, signer: x509.Certificate) -> x509.Certificate:
        for authority in self.authorities:
            try:
                signer.verify_directly_issued_by(authority)
            except (ValueError, TypeError, InvalidSignature):
                continue
            return authority
        raise Unclear("signature: signer is not trusted")


def trust() -> Trust:
    """As the folder is now. Raises Unclear where it holds no CA (a system check says so at start)."""
    folder = Path(settings.SMP_TRUST_DIR) if settings.SMP_TRUST_DIR else None
    try:
        found = _read(tuple(_files(folder))) if folder else Trust()
    except (OSError, ValueError) as error:
        raise Unclear(f"SMP_TRUST_DIR: {type(error).__name__}") from error
    if not found.authorities:
        raise Unclear("SMP_TRUST_DIR: no CA")
    return found


def _files(folder: Path) -> Iterator[tuple[Path, int, int]]:
    for path in sorted(folder.iterdir()):
        if path.is_file():
            stat = path.stat()
            yield path, stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=2)
def _read(files: tuple[tuple[Path, int, int], ...]) -> Trust:
    """Times and sizes are what make a changed folder another one."""
    contents = [path.read_bytes() for path, _changed, _size in files]
    certificates = [
        one for content in contents if CERTIFICATE in content for one in x509.load_pem_x509_certificates(content)
    ]
    authorities = tuple(one for one in certificates if _is_authority(one) and _usage(one).key_cert_sign)
    lists = [_crl(content) for content in contents if CRL in content]
    return Trust(authorities, frozenset(serial for one in lists for serial in _revoked(one, authorities)))


def _crl(content: bytes) -> x509.CertificateRevocationList:
    return x509.load_pem_x509_crl(content[content.index(CRL) :])


def _revoked(
    crl: x509.CertificateRevocationList, authorities: tuple[x509.Certificate, ...]
) -> Iterator[tuple[bytes, int]]:
    """Of a list that one of the CAs signed; an old list is still right about whom it names."""
    for authority in authorities:
        key = authority.public_key()
        if crl.issuer == authority.subject and isinstance(key, RSAPublicKey) and crl.is_signature_valid(key):
            yield from ((crl.issuer.public_bytes(), entry.serial_number) for entry in crl)


def _require_in_force(certificate: x509.Certificate, now: datetime, whose: str) -> None:
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Unclear(f"signature: {whose}'s certificate is not valid now")
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_BITS:
        raise Unclear(f"signature: {whose}'s key is not RSA of {MIN_BITS} bits")


def _usage(certificate: x509.Certificate) -> x509.KeyUsage:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise Unclear("signature: certificate without key usage") from error


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
