"""The files of ``pages/`` as documents: which address each has, and what its headers say."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PAGES = Path(__file__).parent / "pages"

# Pages of 2006 to 2012 are windows-1251. Some of them say so in the header, the others only in
# their <META>; the newer ones are UTF-8 and leave it to the header or, twice, to the <meta>.
CHARSET_IN_HEADER = {
    "/": "utf-8",
    "/about.html": "windows-1251",
    "/balkony/": "UTF-8",
    "/contacts.html": "windows-1251",
    "/delivery.html": "Windows-1251",
    "/kalkulyator/": "utf-8",
    "/otzyvy.php": "windows-1251",
    "/smolensk/": "utf-8",
    "/spb/": "utf-8",
}
CONTENT_TYPES = {
    "": "text/html",
    ".html": "text/html",
    ".php": "text/html",
    ".css": "text/css",
    ".js": "application/javascript",
    ".json": "application/json",
    ".xml": "application/xml",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".pdf": "application/pdf",
}
ALREADY_PACKED = {".gif", ".ico", ".jpg", ".pdf"}
PRICE_LIST = "/download/prays-okna-komfort.pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One address of the site: its bytes, plain and packed, and what the headers say of them."""

    address: str
    body: bytes
    packed: bytes | None
    content_type: str
    changed_at: datetime

    @property
    def etag(self) -> str:
        """Length and time of change, the way Apache writes it."""
        return f'"{len(self.body):x}-{int(self.changed_at.timestamp()):x}"'

    @property
    def packed_etag(self) -> str:
        """The packed bytes are another variant: Apache's ``mod_deflate`` says so in the tag."""
        return self.etag[:-1] + '-gzip"'

    @property
    def is_page(self) -> bool:
        return self.content_type.startswith("text/html")


def read_site(folder: Path = PAGES) -> dict[str, Document]:
    """Every address of the site; ``a/index.html`` is ``/a/``, ``news.php@id=41`` has a query."""
    documents = [_document(file, folder) for file in folder.rglob("*") if file.is_file()]
    documents.append(_price_list())
    return {document.address: document for document in documents}


def _document(file: Path, folder: Path) -> Document:
    name = file.relative_to(folder).as_posix().replace("@", "?")
    address = "/" + name.removesuffix("index.html")
    suffix = Path(address.partition("?")[0]).suffix
    content_type = CONTENT_TYPES[suffix]
    if address in CHARSET_IN_HEADER:
        content_type += f"; charset={CHARSET_IN_HEADER[address]}"
    body = file.read_bytes()
    return Document(
        address=address,
        body=body,
        packed=None if suffix in ALREADY_PACKED else gzip.compress(body, mtime=0),
        content_type=content_type,
        changed_at=datetime.fromtimestamp(int(file.stat().st_mtime), UTC),
    )


def _price_list() -> Document:
    """A PDF of about 1 MB: one readable page, then padding as a scanned catalogue would bring."""
    text = b"BT /F 24 Tf 72 760 Td (OKNA KOMFORT, price list) Tj 0 -40 Td (+7 495 123-45-67) Tj ET"
    scan = bytes(i * i % 251 for i in range(4096)) * 256
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(scan), scan),
    ]
    return Document(
        address=PRICE_LIST,
        body=_pdf(objects),
        packed=None,
        content_type="application/pdf",
        changed_at=datetime(2019, 3, 1, 9, 0, tzinfo=UTC),
    )


def _pdf(objects: list[bytes]) -> bytes:
    file, table = bytearray(b"%PDF-1.4\n"), b"0000000000 65535 f \n"
    for number, content in enumerate(objects, start=1):
        table += b"%010d 00000 n \n" % len(file)
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(file))
    return bytes(file) + b"xref\n0 %d\n" % size + table + trailer
