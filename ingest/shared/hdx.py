"""Client of the Humanitarian Data Exchange: OCHA's list of P-codes of the world's subdivisions.

Source: CKAN action API, `package_show`; the data set `global-pcodes`.
"""

import orjson

from ewarn.errors import SourceRefused
from ingest.shared.web import Web

BASE_URL = "https://data.humdata.org"
PCODES = "global-pcodes"
# The file of the first and second level is enough; if it is missing, that of all levels is used.
PCODE_FILES = ("global_pcodes_adm_1_2.csv", "global_pcodes.csv")


def fetch_pcodes(web: Web, url: str = BASE_URL) -> bytes:
    """Return the CSV file of the list unchanged.

    Raises:
        SourceError: As `Web.get`, and SourceRefused if there is no such file.
    """
    answer = web.get(f"{url.rstrip('/')}/api/3/action/package_show", params={"id": PCODES})
    try:
        resources = orjson.loads(answer.body)["result"]["resources"]
        addresses = {str(item["name"]): str(item["url"]) for item in resources}
    except (KeyError, TypeError, ValueError) as error:
        raise SourceRefused(
            f"{url} gave no list of the files of {PCODES} ({type(error).__name__}: {error}): see "
            "whether HDX has changed its answers."
        ) from error
    address = next((addresses[name] for name in PCODE_FILES if name in addresses), None)
    if address is None:
        raise SourceRefused(
            f"{PCODES} has none of the files {', '.join(PCODE_FILES)} but "
            f"{', '.join(sorted(addresses)) or 'none'}: see whether it was published again."
        )
    return web.get(address).body
