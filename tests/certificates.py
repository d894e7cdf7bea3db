"""Certificate authorities of the tests' own. With key ids and key usage: without them cryptography refuses a chain."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@dataclass(frozen=True)
class Authority:
    name: str

    @cached_property
    def pair(self) -> Pair:
        key = _key()
        return Pair(_certificate(self.name, key, self.name, key, authority=True), key)

    def issue(
        self,
        name: str,
        *,
        hosts: tuple[str, ...] = (),
        starts: datetime | None = None,
        ends: datetime | None = None,
        signs: bool = True,
    ) -> Pair:
        key = _key()
        made = _certificate(
            name, key, self.name, self.pair.key, hosts=hosts, starts=starts, ends=ends, signs=signs, issuer=self.pair
        )
        return Pair(made, key)

    def write(self, path: Path) -> Path:
        path.write_bytes(self.pair.pem)
        return path


def tls_for(authority: Authority, folder: Path, *hosts: str) -> ssl.SSLContext:
    """What a server of these hosts shows."""
    pair = authority.issue(hosts[0], hosts=hosts)
    file = folder / f"{hosts[0].replace(':', '_')}.pem"
    file.write_bytes(pair.pem + pair.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer_name: str,
    issuer_key: rsa.RSAPrivateKey,
    *,
    hosts: tuple[str, ...] = (),
    starts: datetime | None = None,
    ends: datetime | None = None,
    authority: bool = False,
    signs: bool = True,
    issuer: Pair | None = None,
) -> x509.Certificate:
    now = datetime.now(UTC)
    issuer_id = issuer.key.public_key() if issuer else key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer_name)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts or now - DAY)
        .not_valid_after(ends or now + 30 * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_usage(authority, signs), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_id), critical=False)
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(authority: bool, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs and not authority,
        content_commitment=False,
        key_encipherment=not authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def crl(authority: Authority, *revoked: Pair) -> bytes:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.pair.certificate.subject)
        .last_update(now - DAY)
        .next_update(now + DAY)
    )
    for pair in revoked:
        entry = (
            x509.RevokedCertificateBuilder().serial_number(pair.certificate.serial_number).revocation_date(now - DAY)
        )
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(authority.pair.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
