#!/usr/bin/env python3
"""Builds the lists of given names and surnames from openly licensed packages.

Usage: python3 build_names.py SRC DICT
  SRC       folder filled with
              pip install --no-deps --target SRC Faker==40.54.0 mimesis==22.2.0 names==0.3.0 pycountry==26.2.16
              npm pack @faker-js/faker@10.6.0, unpacked there (it makes SRC/package); needs node
  DICT      folder with the word lists american-english, british-english, ngerman, french, spanish
            (Debian: wamerican wbritish wngerman wfrench wspanish; only to decide strong or weak)
It writes names.txt beside itself. SOURCES.md tells the licences and the rules.
"""
import collections, functools, importlib, itertools, json, os  # noqa: E401
import pathlib, re, subprocess, sys, unicodedata, zlib  # noqa: E401

HERE = pathlib.Path(__file__).resolve().parent
NO_NAMES = HERE.parent / "src/checks/personal_name.rs"  # for its list of words that are no names
MAX_FAMILY, CENSUS_TURNS, SPELT = 43_700, 8, 4  # names.txt stays below 450,000 bytes

# Stated origin not open: de_LU (nam_dict, GFDL), id_ID (collected from Facebook), en_KE (from forebears.io).
EXCLUDED = {("faker", "de_LU"), ("faker", "en_KE"), ("faker-js", "id_ID"), ("faker-js", "eo"),
            *(("faker", "id_ID", k) for k in ("first_names_female", "last_names_male", "last_names_female")),
            ("faker", "is_IS", "last_names_without_suffix")}  # stems, no names

PARTICLES = set("""aan ab abu af al an and ap aus auf av bei ben bij bin bint binti boven d da dal dall dalla de
    degli dei del dela della delle den der des di do dos das dr du e ed el en et fitz fra het i ibn ii iii im in ing
    jr la las le les li lo los mac mag mc mr mrs na ne ni nic o of onder op ou over prof ryd san sant santa sao sr st
    saint ste t te ten ter thor ua ui uit und van vande vander vanden ver vom von voor vor y z zu zum zur""".split())

# In a dictionary (a bird, a verb form, a sea of the moon), but hardly ever met but as names.
RARE = set("""abel albert amir andre anton benjamin bernard cohen david denis eva garcia gonzalez harry jan jean jimmy
    john joseph juan khan kurt laura lea leonard lopez louis manuel maria marie martin nora paul peter richard robin
    roger silva simon smith tom tommy tony victor""".split())

# Patterns and their usual spellings in Latin letters, the first that fits: BGN/PCGN and the forms in passports.
CYRILLIC = """ а a б b в v г g д d е e ж zh з z и i й y|i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch
    ш sh щ shch ъ - ы y ь - э e ю yu|iu я ya|ia"""
SPELLINGS = {
    "ru": r"""ю yu|iu я ya|ia кс ks|x ий\b y|iy|ii ый\b y|yy|yi ия\b ia|iya|iia ье ye|e|ie ьи yi|i ьо yo|io
        \bе|(?<=[аеёиоуыэюяъ])е ye|e (?<=[жчшщ])ё e ё yo|e ә a ғ g қ k ң n ө o ұ u ү u һ h і i""" + CYRILLIC,
    "uk": r"""кс ks|x зг zgh ий\b yi|y|yy ій\b ii|iy ія\b iia|iya|ia ьо io|yo г h ґ g и y і i \bє ye є ie|ye
        \bї yi ї i|yi \bй y \bю yu \bя ya""" + CYRILLIC,
    "bg": r"кс ks|x ия\b ia|iya ьо yo й y ю yu я ya щ sht ъ a х h" + CYRILLIC,
    "sr": "ж z|zh ч c|ch ш s|sh ц c х h ј j љ lj њ nj ћ c ђ dj|d џ dz|dzh ѓ gj|g ќ kj|k ѕ dz" + CYRILLIC,
    "el": r"""αυ(?=[θκξπστφχψ]|\b) af αυ av ευ(?=[θκξπστφχψ]|\b) ef ευ ev ηυ iv ου ou γγ ng γξ nx γχ nch γκ gk|g
        \bμπ b \bντ d|nt α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ|ς s τ t υ y
        φ f|ph χ ch|h ψ ps ω o"""}
ALIKE = {"kk": "ru", "mk": "sr"}
SPECIAL = str.maketrans(dict(zip("ßæœøłđðþı", "ss ae oe o l d d th i".split())))


def fold(text):
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).lower().translate(SPECIAL))
    return "".join(c for c in text if not unicodedata.combining(c))


@functools.cache
def table(lang):
    rules = SPELLINGS[lang].split()
    forms = [None] + [cell.replace("-", "").split("|") for cell in rules[1::2]]
    return re.compile("|".join(f"({pattern})" for pattern in rules[::2])), forms


def romanised(entry, locale):
    """The entry in Latin script by its language's table, in up to SPELT usual spellings, the most usual one first."""
    lang = ALIKE.get(locale[:2], locale[:2])
    if lang not in SPELLINGS:
        return [entry]
    pattern, forms = table(lang)
    text = fold(entry) if lang == "el" else re.sub("['’ʼ]", "", unicodedata.normalize("NFC", entry.lower()))
    used = sorted({m.lastindex for m in pattern.finditer(text)})
    choices = itertools.islice(itertools.product(*(forms[n] for n in used)), SPELT)
    return [pattern.sub(lambda m: choice[used.index(m.lastindex)], text) for choice in choices]


def words_of(entry):
    """The folded words of an entry, or none where it is not in Latin script."""
    if "{{" in entry or not all("LATIN" in unicodedata.name(c, "") for c in entry if c.isalpha()):
        return
    parts = [p for p in re.split(r"[\s\-‐–/,.]+", re.sub(r"\(.*?\)", " ", entry)) if p]
    for part in parts:
        pieces = [fold(piece) for piece in re.split("['’ʼ`´ʻ‘]", part)]
        found = {"".join(pieces)} | ({pieces[-1]} if len(pieces) == 2 and len(pieces[0]) <= 2 else set())
        for word in found:
            if re.fullmatch("[a-z]{2,20}", word) and not (len(parts) > 1 and word in PARTICLES):
                yield word


def flat(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        # A mapping of names to weights, or one of sexes to lists.
        weights = all(isinstance(v, (int, float)) for v in value.values())
        yield from value if weights else flat(list(value.values()))
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            yield from flat(item)


def faker_providers(src, kind):
    sys.path.insert(0, str(src))
    for path in sorted((src / "faker/providers" / kind).iterdir()):
        if path.is_dir() and (path / "__init__.py").exists() and not path.name.startswith("__"):
            yield path.name, vars(importlib.import_module(f"faker.providers.{kind}.{path.name}").Provider)


def faker_js(src):
    code = ("import {allLocales} from './package/dist/index.js';"
            "console.log(JSON.stringify(Object.entries(allLocales).map(([k, l]) => [k, l.person, l.location])))")
    return json.loads(subprocess.check_output(["node", "--input-type=module", "-e", code], cwd=src))


def sources(src, js):
    """Yields (locale, is family name, names, are they ordered by frequency)."""
    for file, family in (("all.last", 1), ("female.first", 0), ("male.first", 0)):
        lines = (src / "names" / f"dist.{file}").read_text().split("\n")
        yield "en", family, [line.split()[0].title() for line in lines if line], True
    for locale, members in faker_providers(src, "person"):
        for key, value in members.items():
            kind = re.match(r"(?:\w+_)?(first|last)_(?:romanized_)?names(?!_pairs)|(middle)_names", key)
            if kind and not {("faker", locale), ("faker", locale, key)} & EXCLUDED:
                yield locale, kind[1] == "last", list(flat(value)), False
    for path in sorted((src / "mimesis/datasets").glob("*/person.json")):
        person = json.loads(path.read_text())
        for key, family in (("names", 0), ("surnames", 1)):
            yield path.parent.name, family, list(flat(person.get(key, []))), False
    for locale, person, _ in js:
        for key, family in (("first_name", 0), ("last_name", 1)):
            if person and ("faker-js", locale) not in EXCLUDED:
                yield locale.replace("nb", "no"), family, list(flat(person.get(key) or [])), False


def ordinary_words(folder):
    """Words of English and German, those of French and Spanish (less sure: names too), and capitalised ones."""
    hard, soft, capital = set(), set(), set()
    for file in ("american-english", "british-english", "ngerman", "french", "spanish"):
        words = {w.strip() for w in (folder / file).read_text(encoding="utf-8").split("\n")}
        lower = {w for w in words if w.islower()}
        if file == "french":
            # Past historic ("maria" of "marier") is not met in business text.
            lower = {w for w in lower if not (w.endswith(("a", "as", "ai")) and re.sub("(a|as|ai)$", "er", w) in lower)}
        if file == "ngerman":
            def noun(w):
                umlaut = re.sub("[aou](?=[^aou]*$)", r"\g<0>" + "\u0308", w.replace("au", "äu"))
                stems = (w, unicodedata.normalize("NFC", umlaut))
                forms = [(s + e, s + e + "n") for s in stems for e in ("e", "er")]
                forms += [(s + "n",) for s in stems if w.endswith(("er", "el"))]
                return w[:1].isupper() and any(all(f in words for f in pair) for pair in forms)
            lower |= {w for w in words if noun(w)}
        (soft if file in ("french", "spanish") else hard).update(fold(w) for w in lower)
        capital.update(fold(w) for w in words if w[:1].isupper() and w.isalpha())
    return hard, soft, capital


def places(src, js):
    """Countries and languages, and towns and provinces with the locales that list them."""
    found = collections.defaultdict(set)
    for entry in json.loads((src / "pycountry/databases/iso639-3.json").read_text())["639-3"]:
        found[fold(entry["name"])] |= {"country"} if "alpha_2" in entry else set()
    for n in (1, 2):
        for entry in json.loads((src / f"pycountry/databases/iso3166-{n}.json").read_text())[f"3166-{n}"]:
            found[fold(entry["name"])] |= {"ISO", "country"} if n == 1 else {"ISO"}
    for locale, members in faker_providers(src, "address"):
        for key, value in members.items():
            if re.match("(city_name|cities|countries|states|municipalit|provinces|regions)", key):
                for place in flat(value if isinstance(value, (list, tuple, dict)) else []):
                    found[fold(place)].add(locale)
    for locale, _, location in js:
        for key in ("city_name", "state", "county", "country"):
            for place in flat((location or {}).get(key) or []):
                # By the locale's name in the other package, lest one list counts twice.
                guess = locale if "_" in locale else f"{locale}_{locale.upper()}"
                found[fold(place)].add({"en": "en_US", "nb_NO": "no_NO"}.get(locale, guess))
    return found


def select(src, js):
    """The words to keep of both kinds, their languages, and how many words were found."""
    queues, langs, lists = [[], []], [collections.defaultdict(set) for _ in "gf"], [collections.Counter() for _ in "gf"]
    locales, ranks, keep = [collections.defaultdict(set) for _ in "gf"], {}, []
    for locale, family, entries, ordered in sources(src, js):
        found = [(word, rank) for entry in entries for rank, form in enumerate(romanised(entry, locale))
                 for word in words_of(form)]
        words = list(dict(found))
        lists[family].update(words)
        for word, rank in found:
            ranks[word] = min(rank, ranks.get(word, rank))
            langs[family][word].add(locale[:2])
        if ordered:
            queues[family] += [words[i::CENSUS_TURNS] for i in range(CENSUS_TURNS)]
        else:
            locales[family][locale].update(words)
    for f, limit in ((0, None), (1, MAX_FAMILY)):
        # Names of many languages and lists first, then by a hash, lest the first letters of the alphabet prevail.
        for words in locales[f].values():
            known = {w: len(langs[0].get(w, set()) | langs[1].get(w, set())) for w in words}
            queues[f].append(sorted(words, key=lambda w: (-known[w], -lists[f][w], ranks[w], zlib.crc32(w.encode()))))
        # Every locale has its turn for one name after the other, until the list is full.
        turns = dict.fromkeys(itertools.chain.from_iterable(itertools.zip_longest(*queues[f])))
        keep.append(set(itertools.islice(filter(None, turns), limit)))
    return keep, langs, [len(found) for found in lists]


def build(src, dicts):
    js = faker_js(src)
    keep, langs, totals = select(src, js)
    hard, soft, capital = ordinary_words(dicts)
    terms = set(re.sub("(?m)^#.*", "", (HERE / "terms.txt").read_text()).split())
    common = set(re.search('const NO_NAMES: &str = "(.*?)"', NO_NAMES.read_text(), re.S)[1].split())
    towns = places(src, js)
    # In one list of places only, or in French or Spanish only, it yields to names of four languages.
    known = {w for w in capital if any(len(langs[f][w]) >= 4 for f in (0, 1))}
    soft = (soft | {p for p in towns if len(towns[p]) == 2}) - known
    weak = (hard | soft | {p for p in towns if len(towns[p]) > 2 or "country" in towns[p]} | terms) - RARE | common
    # Short words are codes and abbreviations more often than names.
    few = {w for w in keep[0] | keep[1] if max(len(langs[f][w]) for f in (0, 1)) < 3}
    weak |= {w for w in keep[0] | keep[1] if len(w) == 2 or len(w) == 3 and w in few - RARE}
    flags, last, lines = {(1, 0): "Gg", (0, 1): "Ff", (1, 1): "Bb"}, "", []
    for word in sorted(keep[0] | keep[1]):
        shared, last = len(os.path.commonprefix([word, last])), word
        flag = flags[word in keep[0], word in keep[1]][word in weak]
        lines.append("0123456789abcdefghijklmnopqrstuvwxyz"[shared] + word[shared:] + flag)
    (HERE / "names.txt").write_text("\n".join(lines) + "\n")
    print("words found (given, family):", totals, "kept:", [len(k) for k in keep], "in names.txt:", len(lines))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    build(*(pathlib.Path(arg) for arg in sys.argv[1:]))
