"""Moods for items whose source tells none: our own table of genres, and the audio figures.

A table of opinions, kept in one place so that it can be argued about. Every genre votes for its
moods, the first one loudest; a track's sound votes too; the four with most votes win.
"""

import functools
from collections.abc import Iterable, Mapping

from django.utils.text import slugify

from catalog.models import Kind

_VOCABULARY = """
uplifting melancholic tense dark romantic dreamy playful epic nostalgic energetic
calm intimate rebellious mysterious whimsical haunting warm bleak hopeful witty
wild sensual contemplative triumphant eerie bittersweet gritty tender lonely festive
"""
MOODS = tuple(_VOCABULARY.split())
MOST = 4


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Lines `genre, genre: mood mood` → genre slug → moods, loudest first."""
    table: dict[str, tuple[str, ...]] = {}
    for line in text.strip().splitlines():
        genres, moods = line.split(":")
        table |= {genre.strip(): tuple(moods.split()) for genre in genres.split(",")}
    return table


_SCREEN = """
action: energetic tense
adventure: epic energetic wild
animation: playful whimsical
comedy: playful witty warm
crime: gritty tense dark
documentary: contemplative
drama: intimate bittersweet contemplative
family: warm playful hopeful
fantasy: whimsical epic mysterious
history: epic nostalgic
horror: eerie dark tense
music: uplifting energetic
mystery: mysterious tense
romance: romantic tender
science-fiction: mysterious epic contemplative
thriller: tense dark
tv-movie: intimate
war: gritty bleak epic
western: gritty lonely wild
"""

_SHELF = """
action-adventure, survival, thriller, suspense, mystery-thriller, espionage: tense energetic
adult, adult-fiction, contemporary, realistic-fiction, fiction, novels: intimate
africa, asia, india, japan, china, russia, france, italy, travel, cultural: contemplative wild
animals, nature, environment, dogs: warm calm
art, music, books-about-books, writing: contemplative dreamy
biography, biography-memoir, memoir, autobiography, true-story: intimate contemplative
business, leadership, management, entrepreneurship, productivity, finance: hopeful energetic
chick-lit, humor, comedy, comics, comic-book: witty playful
childrens, picture-books, kids, middle-grade, juvenile: playful whimsical warm
christian, christianity, faith, spirituality, religion, buddhism, theology: contemplative hopeful
christmas: festive warm
civil-war, world-war-ii, military-fiction, military-history, holocaust: gritty bleak
classics, literature, literary-fiction, british-literature: contemplative nostalgic
coming-of-age, teen, young-adult, new-adult, high-school, school: bittersweet hopeful
contemporary-romance, historical-romance, love, love-story: romantic tender
young-adult-contemporary: bittersweet romantic
cyberpunk, noir, true-crime, detective, murder-mystery: gritty dark mysterious
dark-fantasy, dark, vampires, werewolves, zombies, paranormal, ghosts, witches: eerie dark
dragons, epic-fantasy, high-fantasy, epic, space-opera, mythology, arthurian: epic triumphant
dystopia, post-apocalyptic, apocalyptic: bleak rebellious tense
erotica, erotic-romance, bdsm, sexuality: sensual
essays, philosophy, psychology, sociology, science, history, politics: contemplative
fairy-tales, magic, magical-realism, retellings, fae: whimsical dreamy
feminism, social-justice, race, banned-books, lgbt, queer: rebellious hopeful
gothic, supernatural: haunting dark eerie
graphic-novel, graphic-novels, manga, steampunk: wild playful
greek-mythology, medieval, ancient, ancient-history: epic mysterious
historical, historical-fiction, historical-mystery, regency, victorian, 19th-century: nostalgic
mental-health, mental-illness, death, abuse: melancholic tender
paranormal-romance, fantasy-romance, romantic-suspense: romantic mysterious
plays, theatre: intimate bittersweet
poetry: dreamy tender melancholic
psychological-thriller, legal-thriller: tense dark mysterious
self-help, personal-development, inspirational: hopeful uplifting
short-stories, anthologies, novella: intimate
space, time-travel, aliens, speculative-fiction, science-fiction-fantasy: mysterious epic
sports: energetic triumphant
urban-fantasy, young-adult-fantasy: mysterious energetic
westerns: gritty lonely wild
"""

_STAGE = """
acoustic, singer-songwriter, songwriter, guitar: intimate warm tender
afrobeat: energetic warm wild
alt-rock, alternative, rock, indie, british: rebellious energetic
ambient, sleep, new-age: calm dreamy contemplative
anime, j-dance, j-idol: energetic playful
black-metal, death-metal, grindcore, goth: dark bleak wild
bluegrass, country, honky-tonk: warm nostalgic
blues: melancholic gritty lonely
bolero, tango, flamenco: romantic sensual bittersweet
bossa-nova, mpb, brazil: warm sensual calm
breakbeat, drum-and-bass, dubstep, hardstyle, techno, detroit-techno: energetic wild tense
cantopop, mandopop, malay, pop-film: romantic bittersweet
chanson, french: romantic nostalgic
chicago-house, deep-house, house, club, dance, edm, progressive-house, trance: energetic uplifting
children, kids, disney: playful whimsical warm
chill, study, trip-hop: calm dreamy
classical: contemplative epic
comedy: witty playful
cumbia, salsa, samba, forro, pagode, latin, latino, reggaeton, party: festive energetic sensual
dancehall, reggae, dub, ska: warm wild
disco, funk, groove: festive playful sensual
electro, electronic, idm, minimal-techno, garage: energetic dreamy
emo, sad: melancholic lonely
fado: melancholic haunting nostalgic
folk, traditional: nostalgic warm intimate
german, spanish, swedish, turkish, iranian, indian, world-music: contemplative nostalgic
gospel: uplifting hopeful triumphant
grunge, punk, punk-rock, hardcore: rebellious gritty wild
happy: uplifting playful
hard-rock, heavy-metal, metal, metalcore: rebellious energetic dark
hip-hop: rebellious gritty
indie-pop, power-pop: bittersweet playful
industrial: dark tense gritty
j-pop, k-pop, pop: uplifting playful
j-rock: energetic rebellious
jazz, swing: sensual playful nostalgic
musical, show-tunes: whimsical triumphant
opera: epic romantic
piano: intimate contemplative calm
psych-rock: dreamy wild
r-n-b, rb, soul: sensual warm romantic
rock-n-roll, rockabilly: energetic nostalgic rebellious
romance: romantic tender
sertanejo: romantic festive
soundtrack: epic dreamy
synth-pop: nostalgic dreamy energetic
"""

BY_GENRE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    Kind.MOVIE.value: _table(_SCREEN),
    Kind.BOOK.value: _table(_SCREEN) | _table(_SHELF),
    Kind.TRACK.value: _table(_STAGE),
}


def moods_for(
    kind: str, genres: Iterable[str], audio: Mapping[str, float | None] | None = None
) -> list[str]:
    """At most four moods of `MOODS`, strongest first; the same answer for the same arguments.

    `genres`: names as a source spells them. `audio`: `TrackRow.audio()`, each from 0 to 1.
    """
    votes = dict.fromkeys(MOODS, 0.0)
    for genre in genres:
        for place, mood in enumerate(BY_GENRE[kind].get(_slug(genre), ())):
            votes[mood] += 1 / (1 + place / 2)
    for mood, weight in _heard(audio or {}):
        votes[mood] += weight
    told = [mood for mood in MOODS if votes[mood] > 0]
    return sorted(told, key=lambda mood: -votes[mood])[:MOST]  # equal votes: the order of MOODS


@functools.cache
def _slug(genre: str) -> str:
    return slugify(genre)


def _heard(audio: Mapping[str, float | None]) -> list[tuple[str, float]]:
    """(mood, votes) of the sound. Low valence is sad or angry music, high valence is glad."""
    valence, energy = audio.get("valence"), audio.get("energy")
    if valence is None or energy is None:
        return []
    acoustic = audio.get("acousticness") or 0.0
    dance = audio.get("danceability") or 0.0
    instrumental = audio.get("instrumentalness") or 0.0
    rules = (
        (valence < 0.35 and energy < 0.4, (("melancholic", 2.0), ("lonely", 0.8))),
        (valence < 0.35 and energy >= 0.7, (("dark", 2.0), ("tense", 1.2))),
        (0.35 <= valence < 0.55 and energy < 0.5, (("bittersweet", 1.2),)),
        (valence >= 0.65 and energy < 0.5, (("warm", 1.6), ("tender", 0.8))),
        (valence >= 0.65 and energy >= 0.6, (("uplifting", 1.6),)),
        (valence >= 0.6 and dance >= 0.75, (("playful", 1.1),)),
        (energy >= 0.8, (("energetic", 1.8),)),
        (energy >= 0.95, (("wild", 1.0),)),
        (energy < 0.3, (("calm", 1.5),)),
        (acoustic >= 0.7 and energy < 0.5, (("intimate", 1.4),)),
        (instrumental >= 0.6 and energy < 0.4, (("contemplative", 1.2), ("dreamy", 1.0))),
    )
    return [vote for holds, votes in rules if holds for vote in votes]
