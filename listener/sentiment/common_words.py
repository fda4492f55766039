"""The words that a language cannot do without, so that a short text tells its language almost for nothing.

Chosen by hand: articles, pronouns, prepositions, auxiliaries and what people say to each other, without names and
without words that brands are called by. A word may stand in several languages. Where people leave out the marks on
letters, the plain form counts too (`COMMON_WORDS` has both).
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

_BY_HAND: Final = {
    "en": """
        the and to of is it in you that for on with this was are be have not at my so just your but from we they all
        me what if can out up about get now do no when how one an will has would there their our been why more who
        don't i'm it's can't i've didn't that's you're as by or then them she he her his had were did am than too very
        only even again still never always after before because been being any some us here over back down every i'd
        i'll won't doesn't isn't wasn't couldn't thanks thank please good great bad love hate worst best help ever
        where which could should really much many make made need want know like going got after into off time day days
        today im dont cant u ur pls sorry think see say said go come people other these those own people i a hi hey
        take care may most man men sad plus lose per pre since those until till while next last first new old hours
        hour minutes min days week ha oh month year customer service phone call flight order money nothing anyone
        someone everyone wait waiting trying tried wtf lol omg yes yeah ok okay let lets let's keep give gave left
    """,
    "ro": """
        și nu la de cu pe în un o să este sunt am ai ați au era din mai ce că dar se ne vă le îmi îți mă te mi ți
        pentru după până când unde cum cine care acest această aceasta asta ăsta acolo aici foarte tot toate toți fost
        fi face fac fără prin spre sau ori dacă deci doar numai încă iar însă între peste prea cel cea cei lui ei lor
        mea meu mei mele noi voi eu tu el ea ele avem aveți are pot poate putea vreau trebuie merge mersi mulțumesc
        bună bun salut nici niciun nicio nimic nimeni niciodată totul azi mâine ieri zi zile ora ani săptămână două
        trei doi nu-i n-am n-ai n-a n-au m-am mi-a v-am s-a într-o într-un dintr-un sa-mi sunteți suntem fiind chiar
        așa bine rău atât cât câte astăzi acum atunci mereu deja vine da ba
    """,
    "hr": """
        je i u na se da za su s od ne što kao ali iz bi sam te to o po ili već samo nije kako sve može biti bio bila
        ima nema ako jer kad kada koji koja koje koju kojim gdje tko ništa netko nešto uvijek nikad nikada ovdje ovo
        ovaj ova moj moja moje vaš vaša vam vas nam nas mi vi oni ona ono nisam nisu niste sada danas jučer sutra
        tjedan tjedna tjedana vrijeme lijepo dvije treba trebam mogu hoće ću ćete hvala molim dobro loše opet još bez
        prije poslije jako vrlo sad bih bismo također tijekom dana dan zašto ni li ga mu joj
    """,
    "sr": """
        je i u na se da za su s od ne šta kao ali iz bi sam te to o po ili već samo nije kako sve može biti bio bila
        ima nema ako jer kad kada koji koja koje koju kojim gde ko ništa neko nešto uvek nikad nikada ovde ovo ovaj
        ova moj moja moje vaš vaša vam vas nam nas mi vi oni ona ono nisam nisu niste sada danas juče sutra nedelju
        nedelje vreme lepo dve treba mogu hoće ću ćete hvala molim dobro loše opet još bez pre posle jako vrlo sad bih
        bismo takođe tokom dana dan zašto ni li ga mu joj
    """,
    "sl": """
        je in v na se da za so s z od ne kaj kot ali iz bi sem si to o po ki že samo ni kako vse lahko biti bil bila
        ima nima če ker ko kateri kje kdo nič nekdo nekaj vedno nikoli tukaj to ta moj moja moje vaš vam vas nam nas
        mi vi oni nisem niso niste zdaj danes včeraj jutri teden čas lepo dve treba morem hvala prosim dobro slabo
        spet še brez pred zelo tudi pa pri zakaj kdaj bom bodo smo ste sta jih mu ji tri dni dela
    """,
    "es": """
        el la de que y en un una los las por con no para es se del lo como más pero sus su le ya o este esta sí porque
        cuando muy sin sobre también me hasta hay donde quien desde todo nos todos uno ni contra ese eso había estoy
        está están son era fue ser tiene tengo hace mi mis tu te gracias hola bueno buena malo mejor peor nada nunca
        siempre ahora hoy ayer qué cómo soy muchas mucho otra vez día días servicio puedo han he al
    """,
    "pt": """
        o a de que e do da em um uma para com não os as no na por mais dos das como mas ao ele se à seu sua ou quando
        muito já eu também só pelo pela até isso ela entre depois sem mesmo aos ter seus quem nas me esse está estou
        são foi era tem tenho fazer meu minha você vocês obrigado obrigada bom boa ruim melhor pior nada nunca sempre
        agora hoje ontem porque aqui mas nem muito pra pro tudo isso este esta dia dias
    """,
    "fr": """
        le la les de des du un une et à en est que qui dans pour pas sur ne se ce il elle au aux avec sont plus par je
        tu nous vous mais ou où si mon ma mes votre vos notre très été être avoir j'ai c'est n'est fait faire tout
        tous bien merci bonjour jamais toujours rien encore depuis quand comme sans chez cette ces ça même aussi quoi
        pourquoi ai suis êtes avez ont y leur lui d'un d'une qu'il jour jours
    """,
    "it": """
        il la di che e è un una in per non con sono del della dei delle lo gli le ma come da si ci mi ti ho ha hanno
        questo questa più anche al alla dal nel nella se quando dove chi cosa perché molto bene male grazie ciao
        sempre mai ancora tutto tutti niente poi solo già oggi ieri domani essere fatto fare era stato stata suo sua
        mio mia vostro siete avete giorni giorno senza dopo c'è dell un'altra
    """,
    "ca": """
        el la els les de que i en un una per amb no és són del al com més però seu seva aquest aquesta també molt quan
        on fa ha han he hi tot tots res mai sempre avui ahir perquè gràcies bon dia dies meu meva nosaltres vosaltres
        sense des fins cap això què sóc està
    """,
    "de": """
        der die das und ist nicht ich du er sie es wir ihr ein eine einen einem einer zu mit auf für von im den dem
        des auch sich als an so war hat habe haben wird werden noch nur aber oder wenn wie was bei nach aus um am kann
        mein meine euch uns mir mich dir dich sind bin seit schon wieder mehr sehr gut schlecht danke bitte hallo
        immer nie nichts alles heute gestern morgen warum wo wer da dann doch kein keine keinen man ja nein jetzt hier
        tage
    """,
    "nl": """
        de het een en van ik te dat die in is niet zijn op aan met voor er maar om hem dan zou of wat mijn men dit zo
        door over ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u want nog zal me zij nu
        geen omdat iets worden toch al waren veel meer doen moet ben zonder kan hun alles onder ja werd wezen goed
        slecht bedankt hallo altijd nooit weer jullie wij heel vandaag gisteren waarom dag dagen
    """,
    "pl": """
        i w na z się nie do to jest że o jak ale po co tak za od przez dla już czy tylko jego jej ich ja ty my wy mnie
        mi ci ten ta te tego tej tym być był była było są mam masz ma mamy może bardzo dobrze źle dziękuję proszę
        dzięki zawsze nigdy nic wszystko dziś dzisiaj wczoraj jutro dlaczego gdzie kto kiedy jeszcze też więc lub bo
        nawet jestem macie dni dzień tutaj teraz znowu
    """,
    "cs": """
        a v na se je že to s z do o k i ale jako za po od pro který která které jsem jsi jsme jste jsou byl byla bylo
        být ne není má mám máte mi mě vám vás nás ten ta tak jak co kde kdo když už jen ještě také proč nikdy vždy nic
        všechno dnes včera zítra děkuji díky prosím dobře špatně dobrý velmi nebo aby protože tady teď zase dny den
    """,
    "sk": """
        a v na sa je že to s z do o k aj i ale ako za po od pre ktorý ktorá ktoré som si sme ste sú bol bola bolo byť
        nie má mám máte mi ma vám vás nás ten tá tak čo kde kto keď už len ešte tiež prečo nikdy vždy nič všetko dnes
        včera zajtra ďakujem vďaka prosím dobre zle dobrý veľmi alebo aby pretože tu teraz zase dni deň
    """,
    "hu": """
        a az és hogy nem is egy van volt meg de ez azt csak ha már mint még ki mi el én te ő mert vagy nincs lesz kell
        nagyon jó rossz köszönöm kérem szia mindig soha semmi minden ma tegnap holnap miért hol mikor most itt ott így
        úgy lehet nekem neked vagyok vannak lett azért után előtt nap napja
    """,
    "tr": """
        ve bir bu da de için çok ne ile mi ben sen o biz siz var yok değil daha gibi kadar ama en her şey ki olarak
        olan sonra ya hiç nasıl neden niye nerede kim bana sana bize teşekkürler teşekkür lütfen iyi kötü güzel
        merhaba hala artık şimdi bugün dün yarın mı mu gün oldu olmuş
    """,
    "sv": """
        och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan när år ut
        man hade nu eller upp där vad mycket över ska sin få du mig dig er ni mitt min era tack hej bra dålig aldrig
        alltid inget allt idag igår imorgon varför hur här dagar bara också
    """,
    "da": """
        og i at det som en på er af for med til den har de ikke om et han men var jeg sig fra vi så kan når år ud man
        havde nu eller op hvor hvad meget over skal få du mig dig jer min mit jeres tak hej godt dårlig aldrig altid
        intet alt dag går morgen hvorfor hvordan her dage bare også
    """,
    "no": """
        og i at det som en på er av for med til den har de ikke om et han men var jeg seg fra vi så kan når år ut man
        hadde nå eller opp hvor hva mye over skal få du meg deg dere min mitt deres takk hei bra dårlig aldri alltid
        ingenting alt dag går morgen hvorfor hvordan her dager bare også
    """,
    "fi": """
        ja on ei se että en oli ovat hän mutta niin kuin minä sinä me te he tämä olen olet olemme mitä kun jos vain
        myös nyt kanssa mukaan sitten jo vielä kyllä hyvä huono kiitos hei aina koskaan mitään kaikki tänään eilen
        huomenna miksi missä kuka ole ollut sen oma mun sun tosi päivää
    """,
    "id": """
        yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena tersebut bisa ada mereka lebih
        kata tahun sudah atau saat oleh menjadi orang adalah kami kita anda kamu aku lagi banget nya gak nggak tapi
        kok udah belum jangan terima kasih tolong mohon bagus buruk selalu sekarang hari kemarin besok kenapa mana
        siapa aja
    """,
    "tl": """
        ang ng sa na mga ay ako ko mo si ni at hindi po ba naman lang kung may wala nang ito siya kayo kami tayo sila
        niyo namin natin para pero din rin kasi pa sana salamat maganda bakit saan kailan ano paano talaga yung
    """,
    "vi": """
        và là của có không được cho người tôi bạn này các một trong với những để đã khi đến như thì rất cũng nhưng từ
        về ra vào lại nhiều hơn tốt cảm ơn xin chào sao hôm nay
    """,
}


def plain(text: str) -> str:
    """The text without the marks on its letters ("ș", "ş" → "s", "đ" → "d", "ł" → "l", "ı" → "i")."""
    if text.isascii():
        return text
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    return bare.translate(_STROKES)


_STROKES: Final = str.maketrans("đłıø", "dlio")


def _languages_of_words() -> dict[str, tuple[str, ...]]:
    languages: dict[str, tuple[str, ...]] = {}
    for language, words in _BY_HAND.items():
        both = dict.fromkeys(form for word in words.split() for form in (word, plain(word)))
        for word in both:
            languages[word] = (*languages.get(word, ()), language)
    return languages


# word → the languages that it is common in
COMMON_WORDS: Final[Mapping[str, tuple[str, ...]]] = _languages_of_words()
LISTED: Final[tuple[str, ...]] = tuple(_BY_HAND)
