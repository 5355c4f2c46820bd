"""The web domain that a company owns, out of an address or an e-mail; shared ones never count."""

import re

FREE_MAIL = frozenset(
    """
    gmail.com googlemail.com yahoo.com ymail.com rocketmail.com hotmail.com outlook.com live.com
    msn.com passport.com aol.com aim.com icloud.com me.com mac.com proton.me protonmail.com
    protonmail.ch pm.me tutanota.com tuta.io zoho.com zohomail.com mail.com email.com usa.com
    fastmail.com fastmail.fm hey.com inbox.com hushmail.com gmx.com gmx.net gmx.de gmx.at gmx.ch
    web.de t-online.de freenet.de arcor.de mail.de posteo.de mailbox.org 1und1.de orange.fr
    wanadoo.fr free.fr laposte.net sfr.fr neuf.fr numericable.fr bbox.fr libero.it virgilio.it
    alice.it tin.it tiscali.it fastwebnet.it hotmail.it btinternet.com sky.com talktalk.net
    virginmedia.com ntlworld.com blueyonder.co.uk tiscali.co.uk hotmail.co.uk yahoo.co.uk
    live.co.uk outlook.de outlook.fr hotmail.de hotmail.fr yahoo.de yahoo.fr yahoo.it yahoo.es
    yahoo.ca yahoo.com.br yahoo.co.jp yahoo.co.in yahoo.com.au yahoo.com.mx yahoo.com.ar
    hotmail.es live.fr live.nl live.de ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl
    hetnet.nl skynet.be telenet.be proximus.be bluewin.ch sunrise.ch hispeed.ch aon.at chello.at
    telia.com bredband.net comhem.se online.no broadpark.no mail.dk wp.pl o2.pl onet.pl interia.pl
    op.pl seznam.cz centrum.cz email.cz azet.sk freemail.hu citromail.hu abv.bg mail.bg mail.ru
    bk.ru list.ru inbox.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua qq.com 163.com
    126.com sina.com sina.cn sohu.com foxmail.com aliyun.com naver.com daum.net hanmail.net
    nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com uol.com.br bol.com.br
    terra.com.br ig.com.br globo.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net
    cox.net charter.net earthlink.net juno.com netzero.net optonline.net frontier.com
    windstream.net centurylink.net roadrunner.com rogers.com shaw.ca sympatico.ca telus.net
    bigpond.com bigpond.net.au optusnet.com.au iinet.net.au xtra.co.nz telkomsa.net mweb.co.za
    """.split()
)
SHARED = frozenset(
    """
    facebook.com fb.com linkedin.com instagram.com twitter.com x.com youtube.com tiktok.com
    xing.com google.com goo.gl bit.ly linktr.ee yelp.com etsy.com ebay.com amazon.com medium.com
    wikipedia.org business.site about.me
    example.com example.org example.net test.com domain.com company.com website.com none.com
    noemail.com nomail.com na.com invalid.com localhost.localdomain yourdomain.com
    """.split()
)
"""Pages of many companies, and what people enter where they know nothing."""
HOSTED = frozenset(
    """
    wixsite.com wordpress.com blogspot.com github.io netlify.app vercel.app herokuapp.com
    myshopify.com weebly.com squarespace.com webflow.io azurewebsites.net onmicrosoft.com
    jimdosite.com godaddysites.com strikingly.com carrd.co notion.site
    """.split()
)
"""Below these each name is somebody's own."""
SECOND_LEVEL = frozenset(
    "co com org net gov edu ac or ne go gob gov gouv nom ltd plc me mil sch ind firm gen".split()
)
"""Below a two-letter country these are no company's name. A rule instead of the public suffix list,
which changes weekly: it is wrong only for the few companies that own such a name, and then two
of them seem to share a domain, which alone links nobody."""
HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?/{0,3}(?:[^/@?#]*@)?([^/?#:\s]+)", re.I)
LABEL = re.compile(r"^(?!-)[a-z0-9-]{1,63}(?<!-)$")
TEXT_MAX = 300


def domain_of_website(text: str) -> str:
    """`https://www.Example.co.uk/shop` is `example.co.uk`; empty where it is nobody's own."""
    found = HOST.match(text[:TEXT_MAX].strip())
    return _own(found.group(1)) if found else ""


def domain_of_email(text: str) -> str:
    """Empty where it is a free-mail address, or none at all."""
    _, at, host = text[:TEXT_MAX].strip().rpartition("@")
    return _own(host.rstrip(">;,")) if at else ""


def _own(host: str) -> str:
    labels = _ascii(host).strip(".").split(".")
    if len(labels) < 2 or not all(map(LABEL.match, labels)) or labels[-1].isdigit():
        return ""
    registrable = ".".join(labels[-_length(labels) :])
    return "" if registrable in FREE_MAIL | SHARED | HOSTED else registrable


def _length(labels: list[str]) -> int:
    """How many labels from the right make the name that somebody registered."""
    if ".".join(labels[-2:]) in HOSTED:
        return 3
    under_country = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL
    return 3 if under_country else 2


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        return ""
