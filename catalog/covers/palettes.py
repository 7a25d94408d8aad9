"""Which inks a cover may use: a family of palettes for each group of genres."""

from catalog.covers.dice import Dice
from catalog.covers.shapes import Tones


def _family(*rows: str) -> list[Tones]:
    return [Tones(*(f"#{ink}" for ink in row.split())) for row in rows]


# ground, shade, glow, spark, ink; ink on ground has a contrast of at least 4.5.
FAMILIES: dict[str, list[Tones]] = {
    "night": _family(
        "12182b 1f2a4a f2b134 d7263d f7efe0",
        "1b1b1e 34343a e84a27 f4d58d f6f0e4",
        "0f2a2e 17474c f4a259 e9efe7 f3f4e8",
        "e8b10f c8900a 15161c b3281e 15161c",
        "d9d4c5 b7b09b 1c1d22 b3281e 1c1d22",
    ),
    "dread": _family(
        "14090c 3a0d16 c9182b f0e6d8 f7ece0",
        "1c2321 3b4a3f a8c256 e9e4d0 eef1e2",
        "2a1033 47195a ff6b5f f6d6ff fbe9f5",
        "7c0f17 560a10 150507 f2dcc4 fbeedd",
    ),
    "tender": _family(
        "f3c8bd e79f90 b5333e 37233c 37121f",
        "20355a 2f5185 f59f8b f9dfa6 fdf1e4",
        "efe0cf d9bfa5 a63d40 24516a 2b1d1a",
        "6d2245 8f3560 f7b5a0 f5d36b fff0e6",
        "c9dfdc 94bfbb e0644f 1f4e5a 123038",
    ),
    "bright": _family(
        "ffd23f f7b10a ee4266 2f5fd0 28170b",
        "f2683f d94f27 ffe08a 17306b 1d0a04",
        "1f6fb2 15548b ffd447 ff7f5c ffffff",
        "bfe3c0 88c79a f0563d 24407c 142d22",
        "f7b8cf ee8fb1 1c8c7c fff3c9 3b1226",
    ),
    "cosmos": _family(
        "0b1136 1c2566 ff6f59 f9d57e eef0ff",
        "1a0b2e 3a1763 17c3b2 ffcb77 f5eaff",
        "e9e5da c9c3b3 e4572e 1d3557 16202f",
        "05343b 0a5660 f6ae2d e5f4e3 eefaf3",
        "f2673d c9431c 1d1240 ffe3b0 1b0a05",
    ),
    "quest": _family(
        "14402f 1f5f45 f3c53c e8704a f7f3dc",
        "5b1f14 83301d f6a945 f9e2b0 fff3df",
        "f2d9a0 e0b565 b23a1e 1e5353 33200c",
        "1b3a5c 2a5a87 ffb84d f5f0d9 f5f2e6",
        "3b2a5e 56408a ff9f6e fce38a f6efff",
    ),
    "earth": _family(
        "d9a441 b97f24 7a2e12 2f2a20 2a1a08",
        "47452f 605d3d d8c690 d9683f f5f0d8",
        "c9633a a34322 f3d9a4 273c3c 1c0d06",
        "e6dcc8 c9b896 5a6b3b 8c2f23 2a2519",
        "26323a 3b4d57 d1b26f c9614a f0ece0",
    ),
    "electric": _family(
        "120a2a 2b1263 ff3d8b 2de2e6 f5ecff",
        "071e26 0d3b47 5df2b8 ff8552 eafcf5",
        "ff6f98 e04a78 ffe14d 2a1a7a 2a0613",
        "dfe7ea b3c4cb 3a3fe0 ff5a36 101828",
        "2b2bd6 1b1b9c ff7ac6 c8ff5a f3f2ff",
    ),
    "loud": _family(
        "111111 2c2c2c ff4314 f3efe4 f7f3ea",
        "e84a33 b82c18 15100f f5e6c8 140202",
        "f1e7d0 d6c49d 1c1b1a d93c20 1c1b1a",
        "21352b 34513f e4c441 f0ead8 f5f2df",
        "c7c9c4 a2a59e 121314 e2402a 121314",
    ),
    "smoke": _family(
        "0f3460 174a86 f5a623 f2efe4 f6f3ea",
        "7a1f2b a02d3b f0b44c f8e7cf fff2e2",
        "f0a51d d4850a 123456 8a1c14 1d1206",
        "1e4d4a 2d6b67 f2c14e f78154 f4f6e9",
        "4a2c17 6b4223 f39237 f6dfb4 fdf1dc",
    ),
    "salon": _family(
        "efe9dc d8cdb7 1f3a4d b5532d 1d2429",
        "203d3a 2f5853 e3c58a d98b6a f4efe0",
        "d5dfe8 a9bfd0 28456b d6784f 14253a",
        "3a1f2e 56304a e5b8a2 c9d6c3 fbeee7",
        "e8dfee c5b3d6 5b3a8c e08a5b 2a1a40",
    ),
    "sun": _family(
        "f7b32b e58e0a d7263d 14746f 2a1203",
        "0b5f45 0d7d59 f9c846 f96e46 fdf6e0",
        "ec6a3f c94a20 ffd166 0b4f6c 1d0803",
        "123c69 1c5a99 ffcb47 ff6f61 f7f5ea",
        "fbe3c0 f4bf7f c8323c 14746f 33160b",
    ),
}

# The first word found in a genre's name decides; the order within a row does not matter.
_WORDS: list[tuple[str, str]] = [
    ("dread", "horror dark vampires paranormal goth gothic zombies"),
    ("cosmos", "science sci-fi fiction-science space dystopia cyberpunk futuristic"),
    ("electric", "electronic edm techno house dance synth-pop dubstep trance electro dub "
                 "drum-and-bass breakbeat hardstyle garage k-pop j-pop disco idm"),
    ("loud", "rock punk metal grunge hardcore metalcore industrial emo alternative grindcore"),
    ("smoke", "jazz blues soul swing r-n-b r&b gospel funk hip-hop trip-hop groove"),
    ("sun", "bossa bolero samba salsa cumbia afrobeat reggae reggaeton tango flamenco latin "
            "latino brazil forro mpb pagode sertanejo dancehall ska party sports"),
    ("salon", "classical opera soundtrack musical ambient piano philosophy essays classics "
              "music show-tunes new-age study sleep literary"),
    ("night", "crime thriller mystery noir suspense detective spy"),
    ("quest", "adventure fantasy action magic magical mythology epic"),
    ("earth", "war western history historical documentary country folk traditional politics "
              "nonfiction fado singer-songwriter bluegrass biography memoir world-music"),
    ("bright", "comedy family animation children's children kids humor pop indie-pop picture "
               "graphic comics happy anime young"),
    ("tender", "romance drama poetry chanson indie short contemporary coming acoustic songwriter "
               "sad love"),
]  # fmt: skip
_FAMILY_OF = {word: family for family, words in _WORDS for word in words.split()}


def family_of(genres: list[str]) -> str | None:
    """The palette family of the first genre that has one."""
    for genre in genres:
        name = genre.casefold()
        for word in (name.replace(" ", "-"), *name.replace("-", " ").split()):
            if word in _FAMILY_OF:
                return _FAMILY_OF[word]
    return None


def tones_for(genres: list[str], dice: Dice) -> tuple[str, Tones]:
    family = family_of(genres) or dice.pick(sorted(FAMILIES))
    return family, dice.pick(FAMILIES[family])
