"""Sealing: authenticated encryption that commits to its key, and hides how much was sealed.

Scheme "hkdf-gcm/1". From the key and a random salt HKDF-SHA256 (RFC 5869) derives, with the context
as its `info`, an encryption key, a nonce and a commitment. The text is padded and encrypted with
AES-256-GCM (RFC 5116, section 5.2) under the derived key and nonce, with the context as associated
data. The commitment is kept beside the ciphertext, and is compared before anything is decrypted.

GCM alone does not commit: one ciphertext can be made to open under two keys, to two texts, with
valid tags (Albertini, Duong, Gueron, Kölbl, Luykx, Schmieg: How to Abuse and Fix Authenticated
Encryption Without Key Commitment, USENIX Security 2022; the fix is theirs: derive both from the
key, publish one). Who could do that would show an auditor one name and a clerk another. As every
salt gives a key of its own, no nonce is ever used twice under one.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import RegisterError

SCHEME = "hkdf-gcm/1"
KEY_BYTES = SALT_BYTES = COMMITMENT_BYTES = 32
TAG_BYTES = 16
BLOCK_BYTES = 512
"""The least that a padded text has: what is known of nearly everybody fits in."""

_NONCE_BYTES = 12
_LENGTH_BYTES = 4
_DERIVED_BYTES = KEY_BYTES + _NONCE_BYTES + COMMITMENT_BYTES


class SealBroken(RegisterError):
    """It does not open: another key, another place, or altered. Nothing of it is told."""

    code, title = "seal-broken", "What was sealed does not open"


@dataclass(frozen=True, slots=True)
class Box:
    """What sealing gives; all of it may be seen by everybody."""

    salt: bytes
    commitment: bytes
    ciphertext: bytes

    def packed(self) -> bytes:
        return self.salt + self.commitment + self.ciphertext

    @classmethod
    def unpacked(cls, packed: bytes) -> Box:
        """Raises SealBroken when it is too short to be one."""
        head = SALT_BYTES + COMMITMENT_BYTES
        if len(packed) < head + TAG_BYTES:
            raise SealBroken("It is too short to have been sealed")
        return cls(packed[:SALT_BYTES], packed[SALT_BYTES:head], packed[head:])


@lru_cache(maxsize=256)
def _told(text: str) -> bytes:
    """With its length before it, so that no two lists of texts look the same."""
    return len(text.encode()).to_bytes(_LENGTH_BYTES, "big") + text.encode()


_HEAD = _told(SCHEME)
_ID_HEAD = (16).to_bytes(_LENGTH_BYTES, "big")


def new_key() -> bytes:
    """A random key."""
    return os.urandom(KEY_BYTES)


def context(purpose: str, *parts: UUID | str) -> bytes:
    """What a box is bound to: it opens in this place only. No two places have the same."""
    said = [_HEAD, _told(purpose)]
    said += [_ID_HEAD + part.bytes if isinstance(part, UUID) else _told(part) for part in parts]
    return b"".join(said)


def seal(key: bytes, place: bytes, text: bytes) -> Box:
    """`place` is a `context`. Twice the same gives two boxes that nobody can tell to be so."""
    salt = os.urandom(SALT_BYTES)
    encryption, nonce, commitment = _derived(key, salt, place)
    return Box(salt, commitment, AESGCM(encryption).encrypt(nonce, text, place))


def opened(key: bytes, place: bytes, box: Box) -> bytes:
    """What was sealed with this key for this place. Raises SealBroken."""
    encryption, nonce, commitment = _derived(key, box.salt, place)
    if not hmac.compare_digest(commitment, box.commitment):
        raise SealBroken("It was sealed with another key, or for another place")
    try:
        return AESGCM(encryption).decrypt(nonce, box.ciphertext, place)
    except (InvalidTag, ValueError):
        raise SealBroken("It was altered after it was sealed") from None


def padded(text: bytes) -> bytes:
    """`text` with its length before it, filled up to 512 bytes, 1,024, 2,048 ..."""
    size = BLOCK_BYTES
    while size < _LENGTH_BYTES + len(text):
        size *= 2
    return (len(text).to_bytes(_LENGTH_BYTES, "big") + text).ljust(size, b"\0")


def unpadded(text: bytes) -> bytes:
    """Raises SealBroken when that was never padded."""
    length = int.from_bytes(text[:_LENGTH_BYTES], "big")
    if len(text) < _LENGTH_BYTES + length:
        raise SealBroken("It was not padded as it should be")
    return text[_LENGTH_BYTES : _LENGTH_BYTES + length]


def fingerprint(key: bytes) -> str:
    """By which a key is recognised; it cannot be had from that. 64 hexadecimal digits."""
    return sha256(b"sogoc key fingerprint" + key).hexdigest()


def _derived(key: bytes, salt: bytes, place: bytes) -> tuple[bytes, bytes, bytes]:
    """(encryption key, nonce, commitment)"""
    made = HKDF(SHA256(), _DERIVED_BYTES, salt, place).derive(key)
    tail = KEY_BYTES + _NONCE_BYTES
    return made[:KEY_BYTES], made[KEY_BYTES:tail], made[tail:]
