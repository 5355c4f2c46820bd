"""Countries as people and systems write them, as ISO 3166 codes of two letters."""

from collections.abc import Mapping

from transform.domain.matching.normalise import folded

TABLE = """
US USA united states; united states of america; america; u s a; us of a
GB GBR united kingdom; great britain; england; scotland; wales; northern ireland; uk
DE DEU germany; deutschland; federal republic of germany
FR FRA france
IT ITA italy; italia
ES ESP spain; espana
PT PRT portugal
NL NLD netherlands; the netherlands; holland; nederland
BE BEL belgium; belgie; belgique
LU LUX luxembourg
CH CHE switzerland; schweiz; suisse; svizzera
AT AUT austria; osterreich; oesterreich
LI LIE liechtenstein
IE IRL ireland; republic of ireland; eire
DK DNK denmark; danmark
NO NOR norway; norge
SE SWE sweden; sverige
FI FIN finland; suomi
IS ISL iceland
PL POL poland; polska
CZ CZE czech republic; czechia; ceska republika
SK SVK slovakia; slovak republic
HU HUN hungary; magyarorszag
RO ROU romania
BG BGR bulgaria
GR GRC greece; hellas
HR HRV croatia
SI SVN slovenia
RS SRB serbia
BA BIH bosnia and herzegovina
EE EST estonia
LV LVA latvia
LT LTU lithuania
UA UKR ukraine
RU RUS russia; russian federation
BY BLR belarus
KZ KAZ kazakhstan
TR TUR turkey; turkiye
CY CYP cyprus
MT MLT malta
CA CAN canada
MX MEX mexico
BR BRA brazil; brasil
AR ARG argentina
CL CHL chile
CO COL colombia
PE PER peru
UY URY uruguay
VE VEN venezuela
EC ECU ecuador
CR CRI costa rica
PA PAN panama
PR PRI puerto rico
AU AUS australia
NZ NZL new zealand
JP JPN japan
CN CHN china; people s republic of china; prc
HK HKG hong kong; hong kong sar
TW TWN taiwan
KR KOR south korea; korea republic of; republic of korea; korea
SG SGP singapore
MY MYS malaysia
ID IDN indonesia
TH THA thailand
VN VNM vietnam; viet nam
PH PHL philippines
IN IND india
PK PAK pakistan
BD BGD bangladesh
LK LKA sri lanka
AE ARE united arab emirates; uae
SA SAU saudi arabia
QA QAT qatar
KW KWT kuwait
BH BHR bahrain
OM OMN oman
IL ISR israel
EG EGY egypt
MA MAR morocco
TN TUN tunisia
DZ DZA algeria
ZA ZAF south africa
NG NGA nigeria
KE KEN kenya
GH GHA ghana
"""


def _read_table() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in TABLE.strip().splitlines():
        code, longer, names = line.split(" ", 2)
        found[code.lower()] = found[longer.lower()] = code
        found.update((name.strip(), code) for name in names.split(";"))
    return found


NAMES = _read_table()


def country_of(text: str) -> str:
    """Two capitals; empty where nothing is known. A code that is not in the table stays itself;
    NetSuite's `_unitedStates` is read too."""
    if text.startswith("_"):
        text = "".join(f" {letter}" if letter.isupper() else letter for letter in text[1:])
    words = folded(text)
    if words in NAMES:
        return NAMES[words]
    return words.upper() if len(words) == 2 and words.isascii() and words.isalpha() else ""
