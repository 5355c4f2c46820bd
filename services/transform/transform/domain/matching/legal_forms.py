"""The legal forms of companies as they are written at the end of a name, or before it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from transform.domain.matching.normalise import folded

GENERIC = "company"
"""The word that many forms carry: it says nothing about which form it is."""
TABLE = """
company | US GB CA IE AU IN SG HK ZA | co; company; cos; companies; and co; and company; et cie
company | US GB CA IE AU IN SG HK ZA | cie; und co; compania; compagnie; y cia; e cia; cia
corp | US CA PH | corp; corporation; corpn
inc | US CA PH | inc; incorporated
llc | US AE RU UA GE | llc; limited liability company; l l c; limited liability co
pllc | US | pllc
lp | US GB CA | lp; limited partnership
llp | US GB IN SG | llp; limited liability partnership
pc | US | pc; professional corporation; professional corp
ltd | GB IE CA NZ IN HK NG IL KE | ltd; limited; ltda ltd; co ltd; company limited; co limited
plc | GB IE TH | plc; public limited company; pub ltd; pcl; public company limited; pub co ltd
cic | GB | cic; community interest company
dac | IE | dac; designated activity company; teo; teoranta
pty | AU ZA BW NA | pty ltd; pty limited; pty; p l; proprietary limited; proprietary ltd
pvt | IN PK LK BD NP | pvt ltd; private limited; pvt limited; private ltd; pvt; p ltd
pte | SG | pte ltd; pte limited; pte
sdn bhd | MY BN | sdn bhd; sendirian berhad
bhd | MY | bhd; berhad
ulc | CA | ulc; unlimited liability company
gmbh | DE AT CH LI | gmbh; mbh; ges mbh; gesmbh; gesellschaft mbh
gmbh | DE AT CH LI | gesellschaft mit beschrankter haftung; gesellschaft mit beschraenkter haftung
gmbh | DE AT CH LI | g m b h; ggmbh
gmbh co kg | DE AT | gmbh and co kg; gmbh and cokg; gmbh co kg; gmbh and co; gmbh and co kgaa
gmbh co kg | DE AT | mbh and co kg; ag and co kg; ug and co kg
ug | DE | ug; ug haftungsbeschrankt; ug haftungsbeschraenkt; unternehmergesellschaft
ag | DE AT CH LI | ag; aktiengesellschaft
kg | DE AT | kg; kommanditgesellschaft
kgaa | DE | kgaa
ohg | DE AT | ohg; offene handelsgesellschaft; og
gbr | DE | gbr
ek | DE | ek; e k; e kfm; ekfm; e kfr
eg | DE | eg; eingetragene genossenschaft
ev | DE | ev; eingetragener verein
se | EU | se; societas europaea
sa | FR BE CH LU ES PT BR AR PL GR MX RO | sa; societe anonyme; sociedad anonima
sa | FR BE CH LU ES PT BR AR PL GR MX RO | sociedade anonima; societa anonima; spolka akcyjna
sa | FR BE CH LU ES PT BR AR PL GR MX RO | anonymi etairia; ae
sarl | FR LU CH MA TN | sarl; societe a responsabilite limitee; s a r l; sarlau; gsarl
sas | FR CO | sas; sasu; societe par actions simplifiee; sociedad por acciones simplificada
eurl | FR | eurl
sci | FR | sci; societe civile immobiliere
snc | FR IT | snc; societe en nom collectif; societa in nome collettivo
srl | IT RO AR BO MD | srl; srls; societa a responsabilita limitata
srl | IT RO AR BO MD | sociedad de responsabilidad limitada; societate cu raspundere limitata
srl | IT RO AR BO MD | srl unipersonale
spa | IT CL DZ | spa; societa per azioni
sl | ES | sl; slu; sociedad limitada; sociedad limitada unipersonal; s l u
lda | PT AO MZ | lda; unipessoal lda; sociedade limitada; limitada
ltda | BR CL CO BO | ltda; ltda me; ltda epp; limitada ltda
eireli | BR | eireli; eireli me; eireli epp
sa de cv | MX SV HN | sa de cv; sab de cv; sapi de cv; sociedad anonima de capital variable
s de rl | MX HN | s de rl de cv; s de rl; sderl
bv | NL BE | bv; besloten vennootschap; bvba; b v
nv | NL BE SR CW | nv; naamloze vennootschap
vof | NL | vof
cv | NL | cv
ab | SE FI | ab; aktiebolag; publ ab; ab publ
oy | FI | oy; osakeyhtio; oy ab; ab oy
oyj | FI | oyj; julkinen osakeyhtio; oyj abp; abp
as | NO DK EE CZ SK TR | as; aksjeselskap; aktieselskab; akciova spolecnost; akciova spolocnost
as | NO DK EE CZ SK TR | anonim sirketi; as anonim sirketi; aktsiaselts
asa | NO | asa; allmennaksjeselskap
aps | DK | aps; anpartsselskab
ivs | DK | ivs
ehf | IS | ehf; einkahlutafelag
hf | IS | hf; hlutafelag; ohf
sp z oo | PL | sp zoo; sp z oo; spzoo; spolka zoo; spolka z oo
sp z oo | PL | spolka z ograniczona odpowiedzialnoscia
sp z oo | PL | spolka z ograniczona odpowiedzialnoscia sp k; sp z oo sp k; sp zoo sp k
sp k | PL | sp k; spolka komandytowa; sp j; spolka jawna
sro | CZ SK | sro; spol sro; spolecnost s rucenim omezenym; spolocnost s rucenim obmedzenym
kft | HU | kft; korlatolt felelossegu tarsasag
zrt | HU | zrt; nyrt; rt; reszvenytarsasag
doo | HR RS BA SI ME MK | doo; druzba z omejeno odgovornostjo; drustvo s ogranicenom odgovornoscu
dd | HR BA SI | dd; dionicko drustvo; delniska druzba
ad | RS BG ME MK | ad; akcionarsko drustvo; aktsionerno druzhestvo
eood | BG | eood; ood
epe | GR | epe; etaireia periorismenis euthynis; ike; mepe
as sirketi | TR | ltd sti; limited sirketi; limited sti
ooo | RU KZ BY | ooo; too; obshchestvo s ogranichennoi otvetstvennostiu
ao | RU KZ | ao; aktsionernoe obshchestvo; jsc; joint stock company; joint stock co
pao | RU | pao; oao; pjsc; ojsc; publichnoe aktsionernoe obshchestvo
zao | RU | zao; cjsc
ip | RU | ip
tov | UA | tov; tzov
uab | LT | uab
sia | LV | sia; sabiedriba ar ierobezotu atbildibu
ou | EE | ou; osauhing
kk | JP | kk; kabushiki kaisha; kabushiki gaisha; kabushikigaisha; co ltd kk
gk | JP | gk; godo kaisha; godo gaisha
co ltd | JP KR CN TW TH VN | company ltd
pt | ID | pt; pt tbk; tbk; perseroan terbatas
jsc vn | VN | ctcp; cong ty co phan
tnhh | VN | tnhh; cong ty tnhh
fze | AE | fze; fzc; fzco; fz llc; fzllc
wll | BH QA KW | wll; spc
saog | OM | saog; saoc
psc | AE QA SA | psc; qsc; pjsc psc
sal | LB | sal; offshore sal
eurl dz | DZ | eurl dz
sae | EG | sae
"""
BEFORE = (
    "ooo; oao; zao; pao; ao; too; ip; tov; pt; cv; as; ab; ou; sia; uab; sc; oy; firma; llc; jsc;"
    " pjsc; ojsc; cjsc; cong ty tnhh; cong ty co phan; cong ty; kabushiki kaisha; kk; sarl; ste;"
    " societe; sa; obshchestvo s ogranichennoi otvetstvennostiu; spolka zoo; eurl; sas; ad; eood;"
    " ood; et; dd; doo"
)
"""Forms that are also written before the name."""
GROWN_TOGETHER = {
    folded(spelling): form
    for form, spellings in (
        ("kk", "株式会社 ㈱"),
        ("gk", "合同会社"),
        ("yk", "有限会社"),
        ("co ltd", "股份有限公司 有限责任公司 有限公司 股份公司 주식회사 유한회사"),
    )
    for spelling in spellings.split()
}
"""Forms written without a gap, in scripts that have none."""
IN_BRACKETS = (("株", "kk"), ("有", "yk"), ("주", "co ltd"), ("유", "co ltd"))
"""Short for them, as a word of its own: 한빛전자(주)."""
TRANSLATIONS = """
ooo = llc, ltd
tov = llc, ltd
sp z oo = llc, ltd
kk = ltd, corp, inc, co ltd
co ltd = ltd, llc, corp, inc
pvt = ltd, pte
pte = ltd
pty = ltd
ao = pao
as sirketi = as
"""
"""Forms whose own name in English is another's, or is often shortened to it."""
WORDS_MAX = 7
"""Of the longest form."""


@dataclass(frozen=True, slots=True)
class Stripped:
    words: tuple[str, ...]
    form: str
    """The form's name in TABLE; empty where the name carries none, or only `company`."""


def _read_table() -> Iterator[tuple[str, str]]:
    for line in TABLE.strip().splitlines():
        form, _, spellings = (part.strip() for part in line.split("|"))
        for spelling in spellings.split(";"):
            yield spelling.replace(" ", ""), form
    for text, form in IN_BRACKETS:
        yield folded(text), form


SPELLINGS: Mapping[str, str] = dict(_read_table())
"""Without gaps: `s r. o.` and `s.r.o.` are one spelling."""
LEADING: Mapping[str, str] = {
    text: SPELLINGS.get(text, "") for text in BEFORE.replace(" ", "").split(";")
}
SAME = frozenset(
    frozenset({form.strip(), other.strip()})
    for line in TRANSLATIONS.strip().splitlines()
    for form, others in [line.split("=")]
    for other in others.split(",")
)
COUNTRIES = frozenset(
    country for line in TABLE.strip().splitlines() for country in line.split("|")[1].split()
)


def stripped(words: Sequence[str]) -> Stripped:
    """The words without their legal forms; a name that is nothing but a form stays as it is."""
    rest, form = tuple(words), ""
    if "".join(rest) in SPELLINGS:
        return Stripped(rest, "")
    rest, form = _without_grown_together(rest)
    while (found := _at_the_end(rest)) is not None:
        length, named = found
        rest = rest[:-length]
        form = form or named
    if (found := _at_the_start(rest)) is not None:
        length, named = found
        rest = rest[length:]
        form = form or named
    return Stripped(rest, "" if form == GENERIC else form)


def may_be_same(form: str, other: str) -> bool:
    """Two companies of one name and of different forms are different companies."""
    return not form or not other or form == other or frozenset({form, other}) in SAME


def _without_grown_together(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    for place in dict.fromkeys((0, len(words) - 1) if words else ()):
        word = words[place]
        for spelling, form in GROWN_TOGETHER.items():
            rest = word.removesuffix(spelling).removeprefix(spelling)
            if rest != word and (rest or len(words) > 1):
                return (*words[:place], *filter(None, [rest]), *words[place + 1 :]), form
    return words, ""


def _at_the_end(words: tuple[str, ...]) -> tuple[int, str] | None:
    for length in range(min(WORDS_MAX, len(words) - 1), 0, -1):
        form = SPELLINGS.get("".join(words[-length:]))
        if form is not None:
            return length, "" if form == GENERIC else form
    return None


def _at_the_start(words: tuple[str, ...]) -> tuple[int, str] | None:
    for length in range(min(WORDS_MAX, len(words) - 1), 0, -1):
        form = LEADING.get("".join(words[:length]))
        if form is not None:
            return length, form
    return None
