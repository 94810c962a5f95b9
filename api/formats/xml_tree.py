"""Writing of XML: elements in the order given, with texts that XML can hold."""

import xml.etree.ElementTree as ET

from ewarn.domain.text import written


def add(parent: ET.Element, **texts: str) -> None:
    """Add elements with texts, without empty ones."""
    for name, text in texts.items():
        if text:
            ET.SubElement(parent, name).text = written(str(text))


def document(root: ET.Element) -> bytes:
    """Return a document in UTF-8."""
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text
