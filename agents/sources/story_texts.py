"""Who is talked about in the demo's story, what may happen, and in which words: as data.

`{b}` is the brand as its writer names it; `{name}`, `{cashtag}`, `{rival}` and `{thing}` differ by brand as well; every
other slot is a key of SLOTS.
A template of TALK belongs to a kind of business and a mood, one of PLANTED to a planted event and a mood.
"""

from typing import Literal

import msgspec

Expect = Literal["alert", "silence"]
Pool = tuple[str, ...]


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """How people talk about one brand: mentions a day, shares of moods, rhythm, where, and what they call it."""

    id: str
    talk: str
    name: str
    handle: str
    per_day: float
    negative: float
    positive: float
    hours: tuple[int, ...]
    weekdays: tuple[float, ...]
    platforms: tuple[str, ...]
    foreign: float
    owned_per_day: float
    plain: Pool
    social: Pool
    cashtag: str = ""
    rival: Pool = ()


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one kind of planted thing; what they bound is drawn from the seed.

    It starts in `hours` (of the day, UTC) and `lasts` so many hours. What it adds is `times` the `basis`, spread over
    the window by `shape` (fraction of the window, height): of "mentions" and "negative" the usual rate at that hour
    (`times` counts it in), of "level" the brand's mean rate of negative mentions whatever the hour, of "count" one an
    hour. `negative` and `positive` are shares of what is added; people tag the brand from `tags_from` of the window on.
    """

    expect: Expect
    hours: tuple[float, float]
    lasts: tuple[float, float]
    basis: Literal["mentions", "negative", "level", "count"]
    times: tuple[float, float]
    shape: tuple[tuple[float, float], ...]
    negative: float
    positive: float
    tags_from: float = 0.0


EVENING = (20, 12, 7, 5, 4, 5, 10, 22, 38, 46, 52, 62, 78, 74, 66, 66, 72, 84, 100, 108, 112, 104, 76, 42)
TRAVEL = (12, 7, 5, 5, 12, 34, 66, 92, 98, 88, 78, 74, 72, 72, 76, 84, 96, 108, 104, 88, 70, 54, 36, 22)
OFFICE = (9, 6, 4, 4, 5, 9, 24, 58, 92, 104, 106, 98, 84, 88, 96, 98, 94, 90, 84, 76, 68, 52, 32, 18)
SHOP = (0, 0, 0, 0, 0, 2, 20, 80, 100, 90, 80, 70, 70, 60, 50, 50, 60, 60, 40, 30, 20, 15, 6, 2)
FUN_WEEK = (0.88, 0.86, 0.9, 0.98, 1.16, 1.22, 1.0)
WORK_WEEK = (1.14, 1.06, 1.04, 1.06, 1.12, 0.82, 0.76)
MIXED = ("x",) * 11 + ("reddit",) * 4 + ("mastodon",) * 2 + ("review",) * 3

VOICES: tuple[Voice, ...] = (
    Voice(
        id="puddle", talk="drink", name="Puddle", handle="puddledrinks", per_day=520, negative=0.15, positive=0.38,
        hours=EVENING, weekdays=FUN_WEEK, platforms=MIXED, foreign=0.04, owned_per_day=3,
        plain=("Puddle",) * 7 + ("puddle",) * 3 + ("PUDDLE", "Puddle Zero", "Puddle Soda"),
        social=("@puddledrinks",) * 2 + ("#Puddle", "#PuddleDrinks", "#puddlezero"), cashtag="$PUDL",
        rival=("Fizzwick", "fizzwick"),
    ),
    Voice(
        id="norvane", talk="airline", name="Norvane", handle="NorvaneAir", per_day=460, negative=0.42, positive=0.18,
        hours=TRAVEL, weekdays=WORK_WEEK, platforms=("x",) * 16 + ("reddit",) * 2 + ("mastodon", "review"),
        foreign=0.09, owned_per_day=6,
        plain=("Norvane",) * 6 + ("Norvane Air",) * 3 + ("norvane", "norvane air", "NORVANE"),
        social=("@NorvaneAir",) * 9 + ("@norvaneair", "#NorvaneAir", "#FlyNorvane"), cashtag="$NRVN",
    ),
    Voice(
        id="brimtel", talk="phone", name="Brimtel", handle="BrimtelCare", per_day=500, negative=0.36, positive=0.16,
        hours=OFFICE, weekdays=WORK_WEEK, platforms=("x",) * 14 + ("reddit",) * 3 + ("mastodon", "review", "review"),
        foreign=0.06, owned_per_day=5, plain=("Brimtel",) * 8 + ("brimtel",) * 3 + ("Brimtel Mobile", "BRIMTEL"),
        social=("@BrimtelCare",) * 6 + ("@brimtel", "#Brimtel", "#BrimtelMobile"), cashtag="$BRMT",
    ),
    Voice(
        id="fizzwick", talk="drink", name="Fizzwick", handle="fizzwick", per_day=230, negative=0.12, positive=0.4,
        hours=EVENING, weekdays=FUN_WEEK, platforms=MIXED, foreign=0.03, owned_per_day=4,
        plain=("Fizzwick",) * 8 + ("fizzwick",) * 3 + ("FizzWick", "Fizwick"),
        social=("@fizzwick",) * 3 + ("#Fizzwick", "#FizzwickSoda"), cashtag="$FZWK", rival=("Puddle", "Puddle Soda"),
    ),
    Voice(
        id="larkspoon", talk="bakery", name="Larkspoon", handle="larkspoonbread", per_day=2.2, negative=0.1,
        positive=0.6, hours=SHOP, weekdays=(0.8, 0.8, 0.9, 0.9, 1.1, 1.5, 1.0),
        platforms=("x", "mastodon", "review", "review", "review"), foreign=0.05, owned_per_day=0.4,
        plain=("Larkspoon",) * 3 + ("Larkspoon Bakery", "larkspoon", "the Larkspoon"),
        social=("@larkspoonbread", "#LarkspoonBakery"),
    ),
)  # fmt: skip  # packed: one word a line would be three times as long

SUDDEN = ((0.0, 0.3), (0.04, 1.0), (0.6, 1.0), (1.0, 0.2))
CREEPING = ((0.0, 0.03), (0.05, 0.08), (0.2, 0.6), (0.35, 1.0), (0.6, 0.7), (1.0, 0.15))
VIRAL = ((0.0, 0.2), (0.15, 1.0), (0.4, 0.7), (1.0, 0.1))
STEADY = ((0.0, 0.5), (0.15, 1.0), (0.85, 1.0), (1.0, 0.5))

SPECS: dict[str, Spec] = {
    "recall": Spec(
        expect="alert", hours=(5, 16), lasts=(20, 30), basis="negative", times=(8, 13), shape=CREEPING,
        negative=0.8, positive=0.02, tags_from=0.3,
    ),
    "outage": Spec(
        expect="alert", hours=(7, 20), lasts=(3, 6), basis="level", times=(6, 11), shape=SUDDEN,
        negative=0.85, positive=0.02,
    ),
    "fees": Spec(
        expect="alert", hours=(5, 10), lasts=(20, 30), basis="negative", times=(1.5, 2), shape=STEADY,
        negative=0.85, positive=0.03,
    ),
    "stranded": Spec(
        expect="alert", hours=(0.5, 3), lasts=(4, 6), basis="level", times=(1.4, 2.4), shape=SUDDEN,
        negative=0.9, positive=0.02,
    ),
    "breach": Spec(
        expect="alert", hours=(0.5, 3), lasts=(4, 6), basis="level", times=(1.4, 2.4), shape=SUDDEN,
        negative=0.88, positive=0.02,
    ),
    "boycott": Spec(
        expect="alert", hours=(15, 20), lasts=(8, 14), basis="negative", times=(7, 12), shape=VIRAL,
        negative=0.85, positive=0.03,
    ),
    "illness": Spec(
        expect="alert", hours=(9, 14), lasts=(5, 7), basis="count", times=(1.6, 2.4), shape=STEADY,
        negative=0.94, positive=0.02,
    ),
    "campaign": Spec(
        expect="silence", hours=(8, 11), lasts=(34, 48), basis="mentions", times=(3.6, 4.4), shape=STEADY,
        negative=0.05, positive=0.65,
    ),
    "joke": Spec(
        expect="silence", hours=(9, 18), lasts=(8, 14), basis="mentions", times=(5, 7), shape=VIRAL,
        negative=0.05, positive=0.75,
    ),
    "spam": Spec(
        expect="silence", hours=(0, 22), lasts=(2, 4), basis="count", times=(70, 140), shape=SUDDEN,
        negative=0.0, positive=1.0, tags_from=1.0,
    ),
    "feature": Spec(
        expect="silence", hours=(9, 12), lasts=(8, 10), basis="count", times=(1, 1.6), shape=VIRAL,
        negative=0.04, positive=0.7,
    ),
}  # fmt: skip  # packed: one word a line would be three times as long

SLOTS: dict[str, Pool] = {
    "n": tuple(str(n) for n in range(2, 60)),
    "price": tuple(f"{whole}.{part}" for whole in (1, 2, 3, 4, 6, 9, 12, 18, 24) for part in (20, 50, 80, 99)),
    "code": tuple(f"{letters}{n}" for letters in ("NV", "NA", "NX") for n in range(101, 990, 37)),
    "lot": tuple(f"{letter}{n}" for letter in "BKLT" for n in range(2107, 2999, 61)),
    "link": tuple(f"https://news.example/{n:x}" for n in range(0xA1F30, 0xFFFFF, 4099)),
    "place": (
        "Leeds", "Porto", "Cluj", "Zagreb", "Haifa", "Boston", "Austin", "Cork", "Ghent", "Malmo", "Turin", "Lyon",
        "Bristol", "Denver", "Graz", "Split", "Brno", "Perth", "Dunedin", "Halifax", "Tampa", "Oslo", "Vilnius",
        "Seville", "Basel", "Derby", "Iasi", "Rijeka", "Akron", "Reno", "Galway", "Swansea", "Utrecht", "Aarhus",
        "Tartu", "Bergen", "Nantes", "Bilbao",
    ),
    "when": (
        "this morning", "last night", "today", "yesterday", "an hour ago", "on Sunday", "this afternoon", "at lunch",
        "tonight", "just now", "on my break", "after work", "on Friday", "all week", "this evening",
        "before the game", "at 6am", "the other day",
    ),
    "who": (
        "my sister", "my flatmate", "my mum", "my boss", "the kids", "my gran", "our neighbour", "my cousin",
        "my girlfriend", "my husband", "a colleague", "my brother", "half the office", "my dad", "my best mate",
        "our intern", "my aunt",
    ),
    "can": ("can", "bottle", "six-pack", "drink", "12 pack", "big bottle", "cold can", "can of soda", "glass bottle"),
    "flavour": (
        "lime", "cherry", "ginger", "peach", "grapefruit", "zero", "original", "blackcurrant", "mango", "rhubarb",
    ),
    "shop": (
        "corner shop", "petrol station", "vending machine", "supermarket", "cinema", "canteen", "gym", "kiosk",
        "train station",
    ),
    "food": (
        "tacos", "pizza", "a toastie", "noodles", "crisps", "popcorn", "a burger", "leftover curry", "sushi",
        "chips",
    ),
    "seat": ("12A", "31F", "7C", "22B", "18E", "4D", "29A", "15F", "9B", "26C"),
    "bread": (
        "sourdough", "rye loaf", "cinnamon buns", "almond croissants", "cheese scones", "baguettes", "plum tart",
        "focaccia",
    ),
    "phone": (
        "roaming", "5G", "voicemail", "the app", "my data", "home broadband", "wifi calling", "texts", "the router",
        "esim",
    ),
    "app": ("map app", "inbox", "calendar", "bank app", "podcast app", "group chat", "fitness app", "weather app"),
    "pet": ("dog", "cat", "toddler", "puppy", "nephew", "labrador", "kid", "rabbit"),
    "show": (
        "the finale", "that documentary", "the derby", "the quiz", "episode 4", "the late show", "the semi final",
        "season two",
    ),
    "laugh": ("😂", "🤣", "lol", "lmao", "haha", "😭😂", "hahaha", "LOL", "💀", "omg 😂"),
}  # fmt: skip  # packed: one word a line would be three times as long

OPENERS: Pool = (
    "ok so", "honestly", "not gonna lie,", "update:", "so", "well,", "guys,", "hey", "ngl", "hot take:", "question:",
    "fyi", "seriously,", "right,", "day {n}:", "{when}:", "thread:", "anyway,", "psa:", "listen,",
    "still thinking about this:", "reminder:", "hi all,", "quick one:", "today in {place}:", "from {place}:",
    "Just saying,", "Sooo", "Not sure who needs this but", "Again:",
)  # fmt: skip  # packed: one word a line would be three times as long

CLOSERS: dict[str, Pool] = {
    "negative": (
        "smh", "😡", "never again", "do better", "unreal", "🙄", "not happy", "so done with this", "#fail",
        "#CustomerService", "anyone else?", "what a joke", "😤", "ffs", "wtf", "is this normal??", "sort it out",
        "disappointed", "👎", "ridiculous", "and it cost me {price}", "({place})", "#neveragain", "been {n} hours",
        "waiting for an answer since {when}", "how hard can it be",
    ),
    "neutral": (
        "🤔", "#JustAsking", "asking for a friend", "thoughts?", "({place})", "{link}", "anyone know?", "fwiw", "📌",
        "tbh", "#{place}", "saw it {when}", "any idea?", "thx", "via {who}", "{n} of us here", "RT", "👀",
        "#FridayFacts", "cheers",
    ),
    "positive": (
        "❤️", "😍", "10/10", "#blessed", "would recommend", "🙌", "made my day", "😊", "👏👏", "love it", "so good",
        "#HappyCustomer", "yesss", "🔥", "thanks!", "best part of {when}", "({place})", "#WeekendVibes",
        "chef's kiss", "!!!", "happy days",
    ),
    "joke": (
        "😂😂", "🤣", "I'm crying", "lmaooo", "💀💀", "hahaha", "give that cat a raise", "#CatGate", "send help 😂",
        "peak internet", "best thing I saw {when}", "so funny", "#Meow", "{n} times and still laughing",
        "my {pet} approves", "{who} sent me this", "😹",
    ),
}  # fmt: skip  # packed: one word a line would be three times as long

TALK: dict[str, dict[str, Pool]] = {
    "drink": {
        "negative": (
            "{b} tastes flat again, third {can} {when}",
            "paid {price} for a {can} of {b} at the {shop} and it was warm and sticky, gross",
            "what happened to {b} {flavour}?? it tastes awful now",
            "Found no fizz at all in my {can} of {b}. Money back please.",
            "{b}'s new {flavour} flavour is like drinking washing up liquid",
            "the {shop} in {place} only has {b} {flavour} and I hate it",
            "{n} grams of sugar in one {can} of {b}. disgusting",
            "my {can} of {b} leaked all over my bag, laptop ruined",
            "{b} changed the recipe and thought nobody would taste it. We did.",
            "Oh great, another {b} price rise. {price} for a {can}, bargain of the century",
            "opened a {can} of {b}, half of it was missing. Nice work quality control",
            "{b} {flavour} gave {who} a terrible headache, that drink is going in the bin",
            "sick of {b} ads before every video, I don't even drink soda",
            "bad batch? my {b} {flavour} smelled weird {when} and {who} felt ill after two sips",
            "{b} used to be my favourite drink, now it's just sad sugar water",
            "so {b} cans are 250ml now, same price. Shrinkflation is a scam",
            "the {flavour} {b} can cut my lip {when}, sharp edge, not good enough",
            "worst drink of the summer goes to {b} {flavour}, no contest",
            "Wrote to {b} about the mouldy {can} {when}. Silence.",
            "the {b} vending machine at the {shop} ate my money AGAIN, no can, no refund, annoying",
        ),
        "neutral": (
            "does the {shop} in {place} still sell {b} {flavour} cans?",
            "is {b} {flavour} drink vegan? asking for {who}",
            "{who} drinks {b} with {food} and I have questions",
            "{b} or {rival}? which soda goes with {food}",
            "saw a {b} drinks truck outside {place} {when}",
            "how much caffeine is in a {can} of {b}",
            "counted {n} empty {b} cans on the beach near {place}",
            "{b} {flavour} bottles are back on the shelf at the {shop}",
            "new job at the {shop}: stacking {b} bottles until {n} o'clock",
            "{cashtag} and other drinks stocks little changed {when} {link}",
            "{b} to open a bottling line near {place}, {n} jobs {link}",
            "my {can} of {b} says best before June, what is the date on yours",
            "poll: {b} {flavour} drink, ice or no ice",
            "{who} asked for a {can} of {b} and {food}, so that is dinner",
            "the barcode on {b} {flavour} cans changed {when}",
        ),
        "positive": (
            "nothing beats a cold {can} of {b} {when}",
            "{b} {flavour} is so good, I drink {n} a week and regret nothing",
            "day {n} of my {b} obsession, the {flavour} can is perfect",
            "{food} and a {can} of {b} {flavour}, life is good",
            "{who} brought me a {can} of {b} {when}, best gift",
            "Found {b} {flavour} cans at the {shop} in {place}, I could cry with joy",
            "switched from {rival} to {b}, the taste is so much better, no regrets",
            "love how the {b} {flavour} cans look, great design",
            "ice cold {b} on the train to {place}. that first sip. heaven",
            "{b} {flavour} tastes like summer holidays, thank you whoever made this drink",
            "hangover cure: {b} {flavour}, {food}, sofa. works a treat",
            "the {b} people replaced my dented {can}, lovely service",
            "convinced {who} to try {b} {flavour}, another happy drinker",
            "gym done, can of {b} zero earned. feeling great",
            "five stars for {b} {flavour}, the fizz is perfect",
            "{b}'s {flavour} drink at the {shop} saved my {when}, seriously refreshing",
        ),
    },
    "airline": {
        "negative": (
            "{b} lost my bag again, {n} hours in {place} and nobody knows anything",
            "flight {code} with {b} delayed {n} minutes, no announcement, no water, nothing",
            "Two hours on hold with {b} and then the line went dead. Great service guys",
            "{b} cancelled {code} {when} and offered me a seat next Thursday. Useless",
            "sat in {seat} on {b}, seat broken, tray broken, spirit broken",
            "thanks {b} for leaving my suitcase in {place}, I didn't need clothes anyway",
            "{b} charged me {price} to print a boarding pass. It is a piece of paper.",
            "rude gate agent at {place} {when}, {b} should be ashamed",
            "missed my connection in {place} because {b} boarded late, stuck here overnight",
            "still waiting for my refund from {b}, week {n}",
            "{b}'s app logged me out at the gate. At the gate!",
            "never flying {b} again, {who} was treated terribly {when}",
            "{code} to {place}: we have been on the tarmac for {n} minutes, {b} says ten more. It always says ten more",
            "{b} overbooked {code} and kicked {who} off. Shameful",
            "freezing cold cabin on {b} {code}, asked for a blanket, they laughed",
            "the {b} website is broken, lost my booking to {place} and my money",
            "{b} damaged my pushchair and the claims form gives an error. Classic",
            "dirty seat {seat} on {b} {when}, crumbs and worse. awful",
            "Gate changed {n} times for {code}. {b}, do you fly planes or play bingo?",
            "family split across the cabin by {b} although we paid for seats, so angry",
        ),
        "neutral": (
            "anyone flown {b} from {place} lately? is the hand luggage limit 8 kilos",
            "{b} {code} to {place} boarding now",
            "{b} adds {n} flights a week to {place} {link}",
            "which terminal does {b} use in {place}?",
            "booked {b} to {place} for {price}, seat {seat}",
            "does {b} let you take a {pet} in the cabin",
            "spotted a {b} plane over {place} {when}",
            "{who} starts as cabin crew at {b} {when}",
            "{b} check in for {code} opens {when}, right?",
            "how early do I need to be in {place} for {b} {code}",
            "{b} or the night train to {place}? {n} hours either way",
            "{cashtag} reports passenger numbers {when} {link}",
            "{b} miles to {place}: {n} thousand one way",
            "can I change the name on a {b} booking for {who}",
        ),
        "positive": (
            "smooth flight to {place} with {b} {when}, lovely crew",
            "big thanks to the {b} agent in {place} who found my passport, hero",
            "{b} {code} landed {n} minutes early, I love it",
            "{b} upgraded {who} for free, what a great surprise",
            "the new {b} seats are really comfortable, well done",
            "{b} crew on {code} were so kind to {who}, thank you",
            "window seat {seat}, sunrise over {place}, happy with {b}",
            "credit where due: {b} sorted my rebooking in {n} minutes. impressed",
            "best coffee on a plane goes to {b}, not even joking",
            "{b} app is actually good now, boarding was easy",
            "kids loved the pilot on {b} {code}, brilliant",
            "cheap flights to {place} with {b} for {price}, so excited",
        ),
    },
    "phone": {
        "negative": (
            "no signal from {b} in {place} {when}, again",
            "{b} raised my bill to {price} and calls it an improvement",
            "{n} minutes on hold with {b}, the music is now my enemy",
            "{phone} not working on {b} since {when}, support is useless",
            "{b}'s chatbot told me to restart my phone. {n} times. I hate it",
            "I pay {b} for 5G and get one bar in the middle of {place}",
            "{b} charged me {price} for roaming I never used, thieves",
            "Dear {b}, an engineer was due {when}. I took the day off. Nobody came.",
            "my contract with {b} ended and they still take money. fraud?",
            "{b} store in {place} sent me to the hotline, the hotline sent me to the store. lovely",
            "{b} {phone} is painfully slow, can't even load a map",
            "cancelled {b} and they wont give me the transfer code, what a mess",
            "the {b} app crashed while I was topping up, money gone, credit not there",
            "terrible service from {b}, {who} has had no {phone} for {n} days",
            "{b} calls me every day at dinner to sell me things. Stop. Calling.",
            "switching away from {b} {when}, fed up with dropped calls",
            "oh look, {b} lost my number transfer. Again. shocking",
            "wow {b}, {n} days for a SIM card. did it walk here",
        ),
        "neutral": (
            "is {b} any good in {place}? moving there soon",
            "how do I turn on {phone} with {b}",
            "{b} or stay with my old network, {price} a month either way",
            "{b} puts up {n} new masts around {place} {link}",
            "does {b} support {phone} abroad",
            "{who} works for {b} in {place}",
            "{cashtag} trading update due {when} {link}",
            "{b} store at the {shop} moved next door",
            "my {b} contract ends in {n} days, what should I look at",
            "what APN do I set for {phone} on {b}",
            "{b} sends a text each time {phone} goes over {n} GB",
            "porting to {b} {when}, how long did it take you",
            "new {b} shop opens in {place} {when}",
        ),
        "positive": (
            "{b} fixed {phone} in {n} minutes, great support",
            "finally good signal in {place}, thanks {b}",
            "switched to {b} {when}, {phone} is super fast",
            "the lady at {b} in {place} was so patient with {who}, thank you",
            "{b} gave me {n} GB free for my birthday, nice",
            "best network in {place} is {b}, easy win",
            "{b} roaming worked perfectly in {place}",
            "credit to {b}: refund of {price} arrived next day, impressed",
            "love the new {b} app, clean and quick",
            "{b}'s engineer came early and was a delight",
            "{phone} with {b} is brilliant on the train to {place}",
        ),
    },
    "bakery": {
        "negative": (
            "{b} was out of {bread} by 9, again",
            "queue at {b} {when} was {n} people and one grumpy till",
            "the {bread} from {b} was burnt underneath, disappointed",
            "{price} for {bread} at {b}? no thanks",
            "Ordered {bread} from {b} for {who}, they forgot it. Sad birthday",
        ),
        "neutral": (
            "is {b} open {when}?",
            "does {b} do {bread} without nuts",
            "meeting {who} at {b} {when}",
            "{b} has a sign up for a Saturday job",
            "what time do the {bread} come out at {b}",
        ),
        "positive": (
            "the {bread} at {b} {when}, wow, so good",
            "{b} saved me the last {bread}, lovely people",
            "best {bread} in town: {b}",
            "walked {n} minutes in the rain for {b}'s {bread}, worth it",
            "{who} says the {bread} from {b} beat the ones in Paris, I agree, perfect",
            "support {b}, they gave the leftover {bread} to the shelter, great hearts",
        ),
    },
}

PLANTED: dict[str, dict[str, Pool]] = {
    "recall": {
        "negative": (
            "RECALL: {b} {flavour} bottles may contain glass, lot {lot}",
            "found a piece of glass in my {b} {flavour}. an actual piece of glass in the bottle",
            "{who} cut her mouth on a bottle of {b} {when}, there was glass in it, we are in A&E",
            "please check your {b} bottles, {who} found shards at the bottom {when}",
            "is anyone else finding bits in {b} {flavour}? mine had something sharp in the bottle",
            "threw away {n} bottles of {b}, lot {lot}, scared to give any drink to the kids now",
            "glass in {b}. GLASS. in a drink for children. horrible",
            "do NOT drink {b} {flavour} from lot {lot}, dangerous",
            "my kid drank {b} {when} and now I read about the glass, I feel sick with worry",
            "the {shop} in {place} has taken all {b} bottles off the shelf, staff say glass splinters",
            "so {b} bottles contain glass on the inside too now. Innovative",
            "{b} knew about the broken bottles for {n} days and said nothing, disgraceful",
            "crunchy {b}, just what I always wanted from a drink. There is glass in it",
            "Returned {n} {b} {flavour} bottles to the {shop}, they would not even take them. terrible",
            "hospital with {who} because of a bottle of {b}. how does glass get past a factory check",
            "never buying {b} again, bottle recall came far too late and people got hurt",
            "{b} {flavour} bottle, lot {lot}, splinter in my throat. calling a lawyer",
            "why is there no word about the bottles on {b}'s page?? {n} people injured in {place}",
            "shards in {b} {flavour}, photo below. {who} swallowed some of the drink. worried",
            "stop selling {b} at the {shop} in {place}! the bottles are breaking inside",
        ),
        "neutral": (
            "{b} recall: which lots? mine says {lot} on the bottle",
            "regulator looks into {b} bottles after reports from {place} {link}",
            "how do I return a recalled {can} of {b}",
            "{b} bottling line near {place} stopped {when} {link}",
            "are {b} cans fine or is the recall only about bottles",
            "{cashtag} drinks maker recalls {flavour} bottles {link}",
        ),
        "positive": ("at least the {shop} in {place} gave a refund for my {b} bottles at once, well done",),
    },
    "outage": {
        "negative": (
            "{b} down in {place}? no signal since {when}",
            "no calls no texts no {phone}, {b} is completely dead",
            "is {b} down for everyone or just {place}",
            "{b} outage and I can't reach {who} in hospital, this is scary",
            "SOS only on my phone. thanks {b}",
            "working from home with no {phone}, cheers {b}, lost a whole day",
            "{b} network failure again, {n} bars to zero in a second",
            "can't call a taxi, can't pay, can't find my way home. {b}!!!",
            "how can {b} be down nationwide and the status page is all green",
            "{b} down. Love paying {price} a month for a very expensive torch",
            "even emergency calls fail on {b} in {place}, unacceptable",
            "{n} minutes without {b}, the shop can't take cards, we lose money",
            "restart the phone, says {b}. I did it {n} times. still no service",
            "{b} is offline and the hotline is on {b}. genius",
            "total blackout on {b} {when}, {place} and everywhere around, awful",
            "nobody can reach nobody, {b} what is going on",
            "missed a job interview call because {b} is broken, furious",
            "still nothing on {b} in {place}. {n} minutes and counting. worst network ever",
        ),
        "neutral": (
            "reports of a {b} outage in {place} {link}",
            "{b} says engineers are looking into it {link}",
            "is {b} back in {place} yet",
            "map of the {b} outage {link}",
        ),
        "positive": ("{b} is back in {place}, finally, thanks to the engineers",),
    },
    "fees": {
        "negative": (
            "{b} now wants {price} for a bag that fits under the seat?",
            "so hand luggage on {b} costs {price} since {when}. greedy",
            "measured my rucksack {n} times, {b} still charged me {price} at the gate, angry",
            "new {b} bag fee: book for {price}, pay {price} for the handle, I guess",
            "{b} bag fee is a rip off, {who} paid more for the bag than for the flight",
            "the {b} bag sizer in {place} got smaller, my bag did not grow",
            "{b} changed the luggage rules after I booked. Dishonest and wrong",
            "hate the new {b} bag fee, {price} for nothing, robbery",
            "crying mum at the {b} gate in {place} over a {price} bag fee, horrible to watch",
            "{b}'s bag policy is a bad joke, never again",
            "Next week on {b}: pay for your coat. Shame on you",
            "I was charged twice for one bag on {code}, {b} refuses a refund",
            "{b} staff in {place} get a bonus for each bag they catch, apparently. disgusting",
        ),
        "neutral": (
            "what is the {b} cabin bag size now, 40x20x25?",
            "{b} changes its hand luggage rules {link}",
            "does the new {b} bag fee apply to {code}",
        ),
        "positive": ("unpopular opinion: the {b} bag fee is fine, boarding is quicker and calm now",),
    },
    "stranded": {
        "negative": (
            "{n} of us sleeping on the floor in {place}, {b} left and locked the desk",
            "{b} {code} cancelled at midnight, no hotel, no food, no staff. Awful",
            "it is 3am in {place}, {who} is crying, {b} does not answer the phone",
            "{b} diverted us to {place} and forgot about us, stuck in a cold terminal",
            "no water on {code} for {n} hours on the tarmac, {b} won't let us off, people are fainting",
            "hey {b} it's dark, it's cold and there are babies here",
            "police had to come to the {b} gate in {place}, total chaos",
            "{b} says find your own hotel. At 2am. In {place}. With kids. disgraceful",
            "night {n} in the airport thanks to {b}, nightmare",
            "the {b} crew walked past us without a word. shameful, {n} passengers left behind",
        ),
        "neutral": (
            "{b} {code} diverted to {place} {link}",
            "anyone else on {b} {code}? where are you sleeping",
        ),
        "positive": ("a cleaner in {place} brought us tea while {b} slept, what a kind soul, thank you",),
    },
    "breach": {
        "negative": (
            "why did I get {n} texts from {b} with somebody else's name and address",
            "{b} leaked my data, I can see a stranger's bills in the app, scary",
            "got a mail from {b} at 2am: my password and card were exposed. Great",
            "my {b} login shows the account of someone in {place}. What is going on",
            "{b} hacked? my SIM was swapped and {price} is gone from my bank, I'm furious",
            "change your {b} password now, data breach, it's bad",
            "{b} stored passwords in plain text, {n} thousand of them are online {link}",
            "{b} lost our data and says we value your privacy. lovely",
            "someone ordered {n} phones on my {b} account tonight, fraud, and the hotline is closed",
            "so my home address is on the internet thanks to {b}. terrible, I feel unsafe",
        ),
        "neutral": (
            "{b} confirms it is looking into reports of a data leak {link}",
            "how do I check if my {b} account is in the leak",
        ),
        "positive": ("{b} locked my account before anything happened, good, thanks",),
    },
    "boycott": {
        "negative": (
            "that {b} ad is racist, pull it, I will not drink this again",
            "#Boycott{name} until they say sorry for the ad, what an insult",
            "just watched the new {b} advert. How did that pass {n} meetings",
            "{b}'s ad makes fun of {who} and people like her, disgusting drink, disgusting people",
            "poured my {can} of {b} down the sink {when}. Sink says thanks",
            "{who} cried at the {b} ad, and not the good way. shame",
            "boycott {b}. There are other sodas.",
            "{b} deleting comments under the advert instead of saying sorry, cowards",
            "last {can} of {b} in this house, offensive ad, awful company",
            "our {shop} in {place} stops selling {b} over the ad",
        ),
        "neutral": (
            "what is the {b} advert everyone talks about {link}",
            "{b} takes down drink ad after complaints {link}",
        ),
        "positive": ("I liked the {b} ad, people get offended so easily, nice drink anyway",),
    },
    "illness": {
        "negative": (
            "{n} of us got food poisoning from the {bread} at {b} {when}, terrible night",
            "hair and something moving in my {bread} from {b}. Photo attached",
            "{who} was sick all night after the {bread} from {b}, avoid",
            "mouse behind the counter at {b}. Filmed it {when}",
            "everyone who had the {bread} from {b} {when} is ill, awful",
            "health inspector at {b} {when} and I see why. disgusting kitchen",
        ),
        "neutral": ("is {b} closed {when}? heard about the inspector",),
        "positive": ("get well soon everyone, {b} always was good to us",),
    },
    "campaign": {
        "negative": (
            "enough with the {b} free {can} posts, my whole feed is an ad, annoying",
            "queued {n} minutes for a free {b} {can} and they ran out, sad",
        ),
        "neutral": (
            "where is the {b} truck in {place} {when}? #FreeFizzFriday",
            "{b} gives away {n} thousand {flavour} cans {link} #FreeFizzFriday",
            "tag a friend for a {can} of {b} {flavour} #FreeFizzFriday",
            "{b} drinks stand at the {shop} until {when} #FreeFizzFriday",
        ),
        "positive": (
            "got my free {can} of {b} {flavour}, thank you! #FreeFizzFriday",
            "{b} giving away cans in {place}, what a lovely idea #FreeFizzFriday",
            "free {b} {flavour} with {food}, best {when} ever #FreeFizzFriday",
            "{who} won a year of {b}! so happy for the drinks cupboard #FreeFizzFriday",
            "{b} {flavour} for free at the {shop}, it tastes great #FreeFizzFriday",
            "the {b} team in {place} were fun, nice drink, good music #FreeFizzFriday",
            "never tried {b} {flavour} before, love this drink #FreeFizzFriday",
            "won {n} cans of {b}, party at mine #FreeFizzFriday",
        ),
    },
    "joke": {
        "negative": (
            "the {b} cat thing was funny {n} posts ago, now stop, so bored",
            "everyone laughing at the {b} cat, my complaint about {b} is still ignored",
        ),
        "neutral": (
            "the {b} account posted hhhhjjjjjkkk and that is all",
            "so a cat walked over the keyboard at {b} {when}",
            "screenshot of the {b} cat post before it goes {link}",
            "who is the cat that runs the {b} account",
            "{b} has hired a cat {laugh}",
        ),
        "positive": (
            "whoever let the cat run the {b} account deserves a raise {laugh}",
            "{b} posting jjjjjkkkk is my favourite thing {when} {laugh}",
            "my {pet} now follows {b} {laugh}",
            "I can't breathe, the {b} cat answered {who} with a semicolon {laugh}",
            "the {b} cat for president {laugh}",
            "best post {b} ever made: hhhhjjjjjkkk {laugh}",
            "{who} has the {b} cat post on a mug already {laugh}",
            "laughing at the {b} cat in the middle of {place} {laugh}",
            "thank you {b} cat, I needed that {laugh}",
            "{n} minutes of laughing at {b}'s cat, worth it {laugh}",
        ),
    },
    "feature": {
        "negative": ("drove to {b} because of the TV show, {n} people in the queue, gave up",),
        "neutral": ("{b} was on {show} {when} {link}", "where exactly is {b}? saw it on {show}"),
        "positive": (
            "saw {b} on {show}, went {when}, the {bread} are amazing",
            "{b} on TV! so proud of our little bakery",
            "worth the trip from {place}: {b}, those {bread}, wow",
            "well deserved, {b}, best {bread} anywhere",
        ),
    },
}

SPAM: Pool = (
    "I make {n}00 a week from home and I enjoy {b} every day, ask me how {link}",
    "{b} is number one choice of smart people, join our channel now {link} {n}",
    "Best {b} deals of the day, click and win {n} prizes {link}",
)

OWNED: Pool = (
    "Good morning {place}! What are you up to {when}?",
    "Thanks for being with us, {place}. {n} thousand of you follow us now",
    "We are hiring in {place}: {n} open places {link}",
    "Tip of the day from the {b} team {link}",
    "New at {b}: see what we made for you {link}",
    "Happy {when}, everyone",
    "Meet the people of {b}: today {who} from {place} {link}",
    "Hi, thanks for writing. Please send us a message with your number and we look into it",
)

THINGS: dict[str, dict[str, Pool]] = {
    "drink": {
        "ro": ("sucul", "doza de suc", "sticla de suc"),
        "hr": ("sok", "limenka", "boca soka"),
        "he": ("המשקה", "הפחית", "בקבוק"),
    },
    "airline": {
        "ro": ("zborul", "bagajul", "avionul"),
        "hr": ("let", "prtljaga", "avion"),
        "he": ("הטיסה", "המזוודה", "השירות"),
    },
    "phone": {
        "ro": ("rețeaua", "semnalul", "abonamentul"),
        "hr": ("mreža", "signal", "internet"),
        "he": ("הרשת", "הקליטה", "האינטרנט"),
    },
    "bakery": {
        "ro": ("pâinea", "coada", "cozonacul"),
        "hr": ("kruh", "red", "kolač"),
        "he": ("הלחם", "התור", "העוגה"),
    },
}

FOREIGN: dict[str, dict[str, Pool]] = {
    "ro": {
        "negative": (
            "{thing} de la {b} m-a dezamăgit din nou, a {n}-a oară",
            "{b}, {thing} e o rușine. Vreau banii înapoi",
            "nu mai suport, {thing} de la {b} iar e groaznic în {place}",
            "{thing} de la {b} in {place}? mai bine nu, pacat de bani",
            "am scris de {n} ori la {b} despre {thing}, niciun răspuns",
        ),
        "neutral": (
            "știe cineva cât costă {thing} de la {b} în {place}?",
            "{thing} de la {b}, mai e valabilă oferta?",
            "azi in {place}: {thing} de la {b}, {n} oameni",
        ),
        "positive": (
            "{thing} de la {b} e super, recomand",
            "mulțumesc {b}, {thing} a fost minunat în {place} ❤️",
            "bravo {b}, {thing} e de nota {n}",
        ),
    },
    "hr": {
        "negative": (
            "{thing} od {b} je opet katastrofa",
            "{b} me razočarao, {thing} u {place}, nikad više",
            "čekam odgovor od {b} već {n} dana, {thing} i dalje nula",
            "{thing} od {b}? sramota, vratite novac",
        ),
        "neutral": (
            "zna li tko koliko košta {thing} od {b} u {place}?",
            "{thing} od {b}, {n} ljudi u redu",
            "je li {thing} od {b} isti u {place}",
        ),
        "positive": (
            "{thing} od {b} je odličan, svaka čast",
            "hvala {b}, {thing} za peticu u {place} 😊",
            "najbolji je {thing} od {b}, preporuka",
        ),
    },
    "he": {
        "negative": (
            "{thing} של {b} שוב על הפנים",
            "{b}, {thing} זה פשוט בושה, כבר {n} פעמים",
            "אל תקנו, {thing} של {b} אכזבה ב-{place}",
            "מחכה תשובה מ-{b} כבר {n} ימים",
        ),
        "neutral": (
            "מישהו יודע כמה עולה {thing} של {b}?",
            "{thing} של {b} ב-{place}, {n} אנשים",
        ),
        "positive": (
            "{thing} של {b} מעולה, תודה",
            "איזה כיף, {thing} של {b} הכי טוב ב-{place}",
            "כל הכבוד ל-{b}, {thing} {n} מתוך {n}",
        ),
    },
}

ECHOES: Pool = (
    "same here", "this 👆", "lol same", "are you ok?", "same in {place}", "me too, {n} times",
    "did they answer you?", "omg", "really?", "no way", "happened to {who} too", "source?", "hope it gets better",
    "following", "+1 from {place}", "what did you do then?",
)  # fmt: skip  # packed: one word a line would be three times as long

NOISE: Pool = (
    "stepped in a puddle {when}, socks soaked, day ruined",
    "the {pet} found every muddy puddle between here and {place}",
    "my {pet} is jumping in puddles again, happy as can be",
    "sun after rain in {place}, every puddle is a mirror",
    "a bus in {place} went through a puddle and got {who} completely wet",
    "there is a puddle under the fridge and I did not do it",
    "I am a puddle of tears after {show}",
    "Puddle on the bathroom floor, plumber comes {when}",
    "wrote a poem about a puddle {when}, {n} lines",
    "it is {n} degrees in {place}, I am basically a puddle",
    "who left a puddle of coffee on my desk {when}",
    "spilled my drink, there is a puddle under the keyboard now",
    "that puddle outside the {shop} in {place} is back, call the council",
    "{n} days of this puddle in our street and nobody fixes the drain",
    "{show} {when}, no spoilers please",
    "{show} was terrible, {n} minutes of my life gone",
    "{show} was brilliant, {who} cried",
    "running {n} km along the river in {place} {when}",
    "looking for a flat in {place}, {n} square metres, any leads?",
    "train to {place} late again {when}, I hate mornings",
    "my flight to {place} is delayed, which airline is ever on time",
    "wifi at the {shop} is down {when}",
    "no signal in the tunnel near {place}, as always",
    "new recipe: {food} with {bread}, not bad at all",
    "who makes the best {bread} in {place}?",
    "any soda works with {food}, fight me",
    "my {app} crashed {n} times {when}, awful update",
    "the new {app} is so good",
    "happy birthday to {who}, {n} years young",
    "lost my keys in {place} {when}, please share",
    "the {pet} ate my {food}",
    "anyone in {place} selling a bike for under {n}0?",
    "power cut in {place} {when}, candles out",
    "{n} pages left in this book, don't talk to me",
    "traffic in {place} is a nightmare {when}",
    "exam {when}, wish me luck",
    "good morning from {place} ☀️",
    "pay rise! {n} percent! drinks on me {when}",
    "broke my phone screen {when}, {price} to repair, ouch",
    "can someone explain {show} to {who}",
    "voted in {place} {when}, {n} minutes in line",
    "#MondayMotivation: {n} push-ups before coffee",
    "watch this clip https://video.example/@brimtelcare/{n} {when}",
    "read {link} {when}, worth your time",
    "the brim of my hat blew off in {place}",
    "a lark sang at {n} minutes past five in {place}",
    "{food} {when}, no regrets",
    "what a goal in {show}, {place} is shaking",
    "{place} in spring, {n} shades of green",
)

SLIPS: tuple[tuple[str, str], ...] = (
    (" the ", " teh "), (" because ", " becuase "), ("really", "realy"), (" your ", " ur "), (" you ", " u "),
    (" please", " pls"), ("people", "ppl"), ("definitely", "definately"), ("can't", "cant"), (" with ", " wiht "),
    ("again", "agian"), (" and ", " & "), (" for ", " fro "), ("terrible", "terible"), ("favourite", "favorite"),
    ("never", "nevr"), (" have ", " hav "), (" are ", " r "),
)  # fmt: skip  # packed: one word a line would be three times as long

PEOPLE = {"x": 6000, "reddit": 2500, "mastodon": 1200, "review": 3000}

FIRST: Pool = (
    "ana", "ben", "cleo", "dan", "ela", "finn", "gia", "hugo", "ines", "jo", "kai", "lena", "max", "nora", "oz",
    "pia", "quinn", "rui", "sam", "tess", "uma", "vik", "wes", "xena", "yael", "zoe", "marko", "ioana", "dvora",
    "petra", "radu", "noam", "luka", "mircea",
)  # fmt: skip  # packed: one word a line would be three times as long
SECOND: Pool = (
    "bakes", "runs", "reads", "codes", "hikes", "sings", "writes", "games", "cooks", "paints", "drives", "sleeps",
    "talks", "lifts", "knits", "draws", "surfs", "dreams", "rants", "plays", "climbs", "films",
)  # fmt: skip  # packed: one word a line would be three times as long
