"""Make the stop list: patches that texts, interfaces, emoji and borders have in common.

``python benchmarks/stop_list.py --fonts FOLDER [--seed 1] [--out FILE]``

Draws pictures that have nothing in common but letters, buttons, emoji and frames, takes their
keypoint patches as a case would, and keeps those that recur in different pictures. The list ships
as ``hashreg/hashing/stop-list-1.bin`` (64-bit hashes); it was made with the fonts of Debian's
packages fonts-dejavu, fonts-liberation2, fonts-nanum, fonts-unfonts-core, fonts-open-sans,
fonts-roboto-unhinted and fonts-noto-color-emoji.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hashreg.hashing.keypoints import find_keypoints, scale_space
from hashreg.hashing.patches import upright_patches
from hashreg.hashing.pdq import LUMA
from hashreg.hashing.tokens import REGISTERED_POINTS, REGISTERED_SIDE, resized
from hashreg.model.tokens import MOST_SIGMA

PICTURES = 700
SAME_BITS = 8
"""Two patches so near are the same thing."""
KEPT = 3000
ENGLISH = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "you",
    "that",
    "it",
    "he",
    "was",
    "for",
    "on",
    "are",
    "as",
    "with",
    "his",
    "they",
    "at",
    "be",
    "this",
    "have",
    "from",
    "or",
    "one",
    "had",
    "by",
    "word",
    "but",
    "not",
    "what",
    "all",
    "were",
    "we",
    "when",
    "your",
    "can",
    "said",
    "there",
    "use",
    "an",
    "each",
    "which",
    "she",
    "do",
    "how",
    "their",
    "if",
    "will",
    "up",
    "other",
    "about",
    "out",
    "many",
    "then",
    "them",
    "these",
    "so",
    "some",
    "her",
    "would",
    "make",
    "like",
    "him",
    "into",
    "time",
    "has",
    "look",
    "two",
    "more",
    "write",
    "go",
    "see",
    "number",
    "no",
    "way",
    "could",
    "people",
    "my",
    "than",
    "first",
    "water",
    "been",
    "call",
    "who",
    "oil",
    "its",
    "now",
    "find",
    "long",
    "down",
    "day",
    "did",
    "get",
    "come",
    "made",
    "may",
    "part",
    "JOIN",
    "LINK",
    "CHANNEL",
    "LOL",
    "WTF",
    "OMG",
    "MORE",
    "HERE",
    "CLICK",
    "FREE",
    "NEW",
    "WATCH",
    "SEND",
    "PHOTO",
    "VIDEO",
    "CHAT",
    "ROOM",
    "2024",
    "2025",
    "2026",
    "1234567890",
    "@",
    "#",
    "?",
]
KOREAN = [
    "나는",
    "너를",
    "우리",
    "사진",
    "영상",
    "공유",
    "입장",
    "링크",
    "채널",
    "대화",
    "친구",
    "학교",
    "오늘",
    "지금",
    "여기",
    "보내",
    "주세요",
    "안녕하세요",
    "감사합니다",
    "클릭",
    "무료",
    "가입",
    "사람",
    "누구",
    "이거",
    "진짜",
    "대박",
    "확인",
    "삭제",
    "답장",
    "전송",
    "읽음",
    "오전",
    "오후",
    "시간",
    "메시지",
    "검색",
    "설정",
    "알림",
    "취소",
    "완료",
    "다음",
    "이전",
    "더보기",
    "좋아요",
    "댓글",
    "팔로우",
    "저장",
    "비밀방",
    "그녀",
    "ㅋㅋㅋ",
    "ㅎㅎ",
    "ㅠㅠ",
    "능욕",
    "제보",
    "지인",
    "신상",
    "합성",
    "텔레",
    "방장",
    "초대",
]
Colour = tuple[int, int, int]


class Painter:
    """Draws pictures of one kind each, from a seed."""

    def __init__(self, fonts: Sequence[Path], emoji: Path | None, seed: int) -> None:
        self._fonts, self._emoji = fonts, emoji
        self._random = Random(seed)

    def paint(self) -> Image.Image:
        """Return the next picture."""
        kinds: list[Callable[[], Image.Image]] = [
            *(self._text, self._text, self._impact, self._chat, self._screen, self._frames),
            *([self._emojis] if self._emoji else []),
        ]
        return self._random.choice(kinds)()

    def _ground(self) -> tuple[Image.Image, ImageDraw.ImageDraw, Colour]:
        r = self._random
        size = r.choice(((720, 720), (720, 1280), (1080, 810), (540, 1170), (1280, 720)))
        dark = r.random() < 0.4
        low, high = (0, 60) if dark else (195, 255)
        picture = Image.new("RGB", size, tuple(r.randint(low, high) for _ in range(3)))
        ink = r.randint(200, 255) if dark else r.randint(0, 60)
        return picture, ImageDraw.Draw(picture), (ink, ink, ink)

    def _font(self, size: float) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(self._random.choice(self._fonts)), max(8, round(size)))

    def _words(self, count: int) -> str:
        words = KOREAN if self._random.random() < 0.5 else ENGLISH
        text = " ".join(self._random.choice(words) for _ in range(count))
        return text.upper() if self._random.random() < 0.3 else text

    def _text(self) -> Image.Image:
        picture, draw, ink = self._ground()
        size = picture.width * self._random.uniform(0.025, 0.09)
        font, y = self._font(size), size
        while y < picture.height - size:
            draw.text((size, y), self._words(14), ink, font)
            y += size * self._random.uniform(1.3, 1.7)
        return picture

    def _impact(self) -> Image.Image:
        picture, draw, _ = self._ground()
        for share in (0.02, 0.4, 0.8):
            size = picture.width * self._random.uniform(0.08, 0.16)
            position = (picture.width * 0.04, picture.height * share)
            stroke = round(size / 14)
            text = self._words(3)
            draw.text(
                position,
                text,
                (255, 255, 255),
                self._font(size),
                stroke_width=stroke,
                stroke_fill=(0, 0, 0),
            )
        return picture

    def _chat(self) -> Image.Image:
        picture, draw, ink = self._ground()
        r, y = self._random, picture.height * 0.05
        size = picture.width * r.uniform(0.03, 0.05)
        font = self._font(size)
        while y < picture.height * 0.92:
            mine, width = r.random() < 0.5, picture.width * r.uniform(0.25, 0.7)
            left = picture.width * 0.97 - width if mine else picture.width * 0.12
            box = (left, y, left + width, y + size * 2)
            colour = tuple(r.randint(120, 255) for _ in range(3))
            draw.rounded_rectangle(box, size * r.uniform(0.4, 1), colour)
            draw.text((left + size / 2, y + size * 0.4), self._words(4), (20, 20, 20), font)
            if not mine:
                draw.ellipse((size / 3, y, size * 2.2, y + size * 1.9), ink)
            y += size * r.uniform(2.3, 3.5)
        return picture

    def _screen(self) -> Image.Image:
        picture, draw, ink = self._ground()
        r, unit = self._random, picture.width / 24
        font = self._font(unit)
        draw.rectangle((0, 0, picture.width, unit * 2), tuple(r.randint(0, 255) for _ in range(3)))
        draw.text((unit, unit * 0.3), "9:41", ink, font)
        for row in range(3, int(picture.height / unit) - 2, 3):
            for column in range(1, 22, r.choice((3, 4, 6))):
                x, y = column * unit, row * unit
                box = (x, y, x + unit * 1.6, y + unit * 1.6)
                colour = tuple(r.randint(0, 255) for _ in range(3))
                shape = r.choice((draw.rectangle, draw.ellipse))
                shape(box, None if r.random() < 0.3 else colour, ink)
                if r.random() < 0.3:
                    draw.line((x, y, x + unit * 1.6, y + unit * 1.6), ink, r.randint(1, 5))
            if r.random() < 0.4:
                draw.text((unit, (row + 1.8) * unit), self._words(5), ink, font)
        return picture

    def _frames(self) -> Image.Image:
        picture, draw, ink = self._ground()
        r = self._random
        for _ in range(r.randint(3, 25)):
            x, y = r.uniform(0, picture.width), r.uniform(0, picture.height)
            box = (x, y, x + r.uniform(20, 400), y + r.uniform(20, 400))
            width = r.randint(1, 14)
            if r.random() < 0.5:
                draw.rectangle(box, None, ink, width)
            else:
                draw.rounded_rectangle(box, r.uniform(4, 40), None, ink, width)
        return picture

    def _emojis(self) -> Image.Image:
        picture, _, _ = self._ground()
        font = ImageFont.truetype(str(self._emoji), 109)
        for _ in range(self._random.randint(5, 40)):
            tile = Image.new("RGBA", (136, 136))
            code = self._random.choice((*range(0x1F600, 0x1F64F), *range(0x1F440, 0x1F4FF), 0x2764))
            ImageDraw.Draw(tile).text((0, 0), chr(code), font=font, embedded_color=True)
            side = round(picture.width * self._random.uniform(0.05, 0.2))
            tile = tile.resize((side, side))
            place = (self._random.randrange(picture.width), self._random.randrange(picture.height))
            picture.paste(tile, place, tile)
        return picture


def patches_of(picture: Image.Image) -> NDArray[np.uint64]:
    """Return the 64-bit hashes of a picture's small patches, as a case would take them."""
    luma = (np.asarray(picture, np.float32) @ LUMA).astype(np.float32)
    space = scale_space(resized(luma, REGISTERED_SIDE), octaves=1)
    points = find_keypoints(space, REGISTERED_POINTS)
    signs = upright_patches(
        space, points[points.sigma <= MOST_SIGMA * REGISTERED_SIDE], peaks_from=None
    ).signs
    return np.ascontiguousarray(np.packbits(signs, axis=1)).view(np.uint64).ravel()


def recurring(hashes: NDArray[np.uint64], pictures: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Return hashes that are in several pictures: the commonest first, none near another."""
    counts = np.zeros(len(hashes), np.intp)
    near = []
    for number, one in enumerate(hashes):
        same = np.flatnonzero(np.bitwise_count(hashes ^ one) <= SAME_BITS)
        near.append(same)
        counts[number] = len(np.unique(pictures[same]))
    covered = np.zeros(len(hashes), bool)
    kept: list[np.uint64] = []
    for number in np.argsort(-counts, kind="stable"):
        if counts[number] < 2 or len(kept) == KEPT:
            break
        if not covered[number]:
            kept.append(hashes[number])
            covered[near[number]] = True
    return np.array(kept, np.uint64)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    fonts = sorted(path for path in options.fonts.rglob("*.ttf") if "Emoji" not in path.name)
    emoji = next(iter(sorted(options.fonts.rglob("*ColorEmoji*.ttf"))), None)
    painter = Painter(fonts, emoji, options.seed)
    found = [patches_of(painter.paint()) for _ in range(PICTURES)]
    pictures = np.repeat(np.arange(len(found)), [len(it) for it in found])
    kept = recurring(np.concatenate(found), pictures)
    options.out.write_bytes(kept.astype("<u8").tobytes())
    print(f"{len(pictures)} patches of {PICTURES} pictures; {len(kept)} recur")


if __name__ == "__main__":
    main()
