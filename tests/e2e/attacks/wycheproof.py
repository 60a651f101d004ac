"""The public Wycheproof vectors for JOSE, gone through one by one: which forgery is of which class.

The classes are the comments of `json_web_signature_test.json`, `json_web_crypto_test.json` and
`json_web_key_test.json`; the vectors have keys and algorithms of their own, so each is made anew
with the installation's ES256 key. Source: github.com/C2SP/wycheproof, folder testvectors_v1.
"""

from typing import Final

_EDGES: Final = {
    f"rIs{r}_sIs{s}": (f"r is {r_name} and s is {s_name}",)
    for r, r_name in (("Zero", "0"), ("One", "1"), ("Nminus1", "n-1"), ("N", "n"))
    for s, s_name in (("Zero", "0"), ("One", "1"), ("Nminus1", "n-1"), ("N", "n"))
}
_SYMMETRIC: Final = (
    "HS256 with the public key in PEM",
    "HS256 with the public key in DER",
    "HS256 with the public point",
    "HS256 with the public JWK",
)

CLASSES: Final[dict[str, tuple[str, ...]]] = {
    "rejectsModifiedSignature": ("signature changed",),
    "rejectsMissingSignature": ("signature missing",),
    "rejectsMissingSignatureAndSeparator": ("signature and separator missing",),
    "rejectsModifiedPayload": ("payload changed",),
    "rejectsMissingPayload": ("payload missing",),
    "rejectsMissingPayloadAndSeparator": ("payload and separator missing",),
    "rejectsModifiedHeader": ("header changed",),
    "rejectsMissingHeader": ("header missing",),
    "rejectsMissingHeaderAndSeparator": ("header and separator missing",),
    "rejectsMissingHeaderAndSignature": ("only a payload between separators",),
    "rejectsMissingHeaderSignatureAndSeparators": ("only a payload",),
    "rejectsMissingHeaderSignatureAndSeparator": ("only a payload",),
    "rejectsEmptyString": ("only separators",),
    "rejectsExtraEmptyComponent": ("an empty component more",),
    "rejectsExtraComponent": ("a component more",),
    "rejectsNoneAlgorithmAndMissingSignature": ("alg none",),
    "algIsNone": (
        "alg none",
        "alg NONE",
        "alg nOnE",
        "alg none with a kid of none",
        "alg none above a true signature",
    ),
    "rejectsValidJsonSerialization": ("JSON serialization",),
    "rejectsSymmetryConfusionAttacks_aesKeyFromEcVerificationKeyBytes": _SYMMETRIC,
    "rejectsAttackerProvidedEmbeddedJwk": ("embedded jwk", "header with a jwk"),
    "UsingRS256": ("RS256",),
    "UsingPS256": ("PS256",),
    "UsingPS384": ("ES384", "ES384 above an ES256 signature"),
    "rejectsSpacesInMac": ("a space before the signature",),
    "rejectsInvalidCharacterInsertedInMac": ("a foreign character in the signature",),
    "rejects0ReplacedbyInvalidCharacter": ("a foreign character for one of the signature",),
    "rejectsInvalidCharacters": ("a foreign character for one of the signature",),
    "spacesInHeader": ("a space after the header",),
    "invalidCharactersInHeader": ("a foreign character in the header",),
    "InvalidCharacterInsertedInHeader": ("a foreign character in the header",),
    "invalidBase64Padding": ("padded", "padded header"),
    "spacesInPayload": ("a space after the payload",),
    "invalidCharactersInPayload": ("a foreign character in the payload",),
    "InvalidCharacterInsertedInPayload": ("a foreign character in the payload",),
    "InvalidCharacterInPayload": ("a foreign character in the payload",),
    "invalidBase64PaddingInPayload": ("padded payload",),
    "ModifiedUnusedBitsInPayload": ("bits that are not used",),
    "MacOfIncorrectlyEncodedMessage": ("bits that are not used", "the other alphabet"),
    "SignatureTooLong": ("signature with leading zeros",),
    "TrailingZeros": ("signature with trailing zeros",),
    "RisTooBig": ("r too big",),
    "SisTooBig": ("s too big",),
    "IntegerOverflow": ("r overflows", "s overflows"),
    "BufferOverflow": ("signature of four thousand zeros",),
    **_EDGES,
    "rejectsDuplicateKid": ("another key under our kid", "kid twice"),
    "rejectsValid (a set of keys of both kinds)": _SYMMETRIC,
    "mismatchedAlgAndCurve": ("ES384", "ES384 above an ES256 signature"),
    "JSON Web Encryption, all of its classes": ("encrypted",),
}
"""Each class, and the forgeries of it that must be refused."""

OF_OTHER_MACHINERY: Final = {
    "ModifiedPadding": "PKCS #1 padding: of RSA signatures, which are refused as another algorithm",
    "MhashModified, SaltModified, EmModified": "inside RSA-PSS, which is refused likewise",
    "rejectWrongUse, rejectWrongKeyOps": "of keys that a caller brings: ours are identity's own",
    "rejectsKeyWithRocaVulnerability, rejects1024bitRsaKey": "of RSA keys, which we have none of",
    "key_too_short, empty_key": "of symmetric keys, which we have none of",
}
"""Classes that cannot arise, and why."""
