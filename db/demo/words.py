"""The vocabulary of the demo shop: people, brands, cities and tags, in English and in Chinese."""

from typing import Literal, NamedTuple, get_args

import numpy as np

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Words(NamedTuple):
    """The same in both languages."""

    en: str
    zh: str

    def said(self, language: Language) -> str:
        """In this language."""
        return self.en if language == "en" else self.zh


BRANDS = (
    Words("Cotton Cub", "棉小朵"),
    Words("Bramble & Bear", "森林熊"),
    Words("Happy Hippo", "小河马"),
    Words("Starry Nap", "星眠"),
    Words("Barley Lane", "禾田"),
    Words("Milk Thistle", "奶芽"),
    Words("Cloud Cottage", "云朵屋"),
    Words("Little Fawn", "米鹿"),
    Words("Golden Hour", "拾光"),
    Words("Splashy Whale", "皮皮鲸"),
    Words("Bobtail Bunny", "嘟嘟兔"),
    Words("Finch & Fern", "山雀"),
    Words("Rocking Horse Row", "木马记"),
    Words("Morning Dew", "晨露"),
    Words("Rosebud", "暖芽"),
    Words("Sweet Peapod", "豌豆荚"),
    Words("Blue Whale Bay", "蓝鲸湾"),
    Words("Berry Island", "果果岛"),
    Words("Moonbeam", "贝悦"),
    Words("Oat & Honey", "小鹿说"),
)
CITIES = (  # the largest first
    Words("London", "杭州"),
    Words("Manchester", "成都"),
    Words("Birmingham", "上海"),
    Words("Leeds", "南京"),
    Words("Bristol", "武汉"),
    Words("Glasgow", "苏州"),
    Words("Liverpool", "长沙"),
    Words("Sheffield", "西安"),
    Words("Edinburgh", "郑州"),
    Words("Cardiff", "宁波"),
    Words("Newcastle", "合肥"),
    Words("Nottingham", "青岛"),
)
TAGS = (
    Words("regular", "老客"),
    Words("twins", "双胞胎"),
    Words("picks up in person", "自提"),
    Words("neighbourhood organiser", "小区团长"),
    Words("sensitive skin", "敏感肌"),
    Words("gift buyer", "常送礼"),
)


def draw_names(rng: np.random.Generator, count: int, language: Language) -> list[str]:
    """``count`` names, all different."""
    draw = _english_name if language == "en" else _chinese_name
    names: dict[str, None] = {}  # in the order of drawing
    while len(names) < count:
        name = draw(rng)
        if name in names:
            name = _told_apart(rng, name, language)
        names.setdefault(name)
    return list(names)


def _english_name(rng: np.random.Generator) -> str:
    style = rng.random()
    if style < 0.72:
        return f"{_one(rng, _FIRST_NAMES)} {_one(rng, _LAST_NAMES)}"
    if style < 0.9:
        return (
            f"{_one(rng, _CHILDREN)}'s {_one(rng, ('Mum', 'Mum', 'Mum', 'Dad', 'Nan', 'Auntie'))}"
        )
    if style < 0.95:
        return f"{_one(rng, ('Nana', 'Grandma', 'Auntie', 'Granny'))} {_one(rng, _ELDERS)}"
    return f"The {_one(rng, _FAMILIES)} family"


def _chinese_name(rng: np.random.Generator) -> str:
    if rng.random() < 0.3:
        return _one(rng, _SURNAMES) + _one(rng, _GIVEN)
    name = _one(rng, _PET_NAMES) + _one(rng, _RELATIONS)
    return _one(rng, _MOODS) + name if rng.random() < 0.3 else name


def _told_apart(rng: np.random.Generator, name: str, language: Language) -> str:
    """Another name for somebody whose name is taken."""
    if language == "zh":
        return f"{name}{rng.integers(10, 10_000)}"
    first, _, last = name.partition(" ")
    initials = "ABCDEGHJKLMNPRSTW"
    if first in _FIRST_NAMES and rng.random() < 0.9:
        return f"{first} {_one(rng, initials)}. {last}"
    return f"{name} {_one(rng, initials)}{_one(rng, initials).lower()}{rng.integers(10, 1_000)}"


def _one(rng: np.random.Generator, words: tuple[str, ...] | str) -> str:
    return words[rng.integers(len(words))]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST_NAMES = _words(
    "Emily Sophie Hannah Charlotte Lucy Amy Rachel Laura Jessica Sarah Rebecca Katie Chloe Megan "
    "Olivia Grace Holly Zoe Natalie Claire Victoria Alice Eleanor Abigail Beth Georgia Daisy Molly "
    "Rosie Isla Freya Imogen Naomi Leah Kirsty Fiona Aisling Niamh Priya Anjali Aisha Fatima Zara "
    "Yasmin Mei Amara Chidi Ngozi Ewa Magda Marta Elena Sofia Lucia Camille Ingrid Tom James Daniel "
    "Ben Matthew Oliver Jack Harry Adam Luke Ryan Callum Owen Rhys Imran Arjun Kofi David Mark Paul"
)
_LAST_NAMES = _words(
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker "
    "White Roberts Green Hall Wood Jackson Clarke Patel Khan Lewis James Phillips Mason Mitchell "
    "Rose Davis Rodgers Cox Baker Harris Watson Scott Morris Cooper King Turner Hill Ward Parker "
    "Morgan Bell Murphy Bailey Kelly Collins Begum Singh Ali Hughes Edwards Carter Price Bennett "
    "Gray Campbell Stewart Murray Reid Fraser Ross Doyle Byrne Walsh Okafor Mensah Nowak Kowalski "
    "Chen Wong Fox Hunt Dixon Barker Ellis Marsh Shaw Holmes Palmer Webb Knight Stone Burton Lloyd"
)
_CHILDREN = _words(
    "Mia Leo Ava Noah Ella Theo Isla Arthur Poppy Alfie Freddie Evie Oscar Ivy Archie Lily Teddy "
    "Ruby Albie Maya Finn Nora Jude Elsie Rory Bea Otis Wren Hugo Luna Max Aria Ezra Margot Kai "
    "Orla Zac Thea Louie Mabel Ravi Anya Yusuf Layla Tomasz Hana"
)
_ELDERS = _words("Jean Ruth Pat Sue Maureen Joan Linda Carol Val Dot Sheila Nasreen Bev Gill Irene")
_FAMILIES = _words(
    "Parker Bennett Fletcher Sharma Whitfield Hartley Osei Lawson Pearce Ashworth Nolan Iqbal "
    "Barlow Redmond Fielding Hussain Corrigan Thorpe Kaur Sinclair"
)

_PET_NAMES = _words(
    "豆豆 糖糖 朵朵 果果 乐乐 小汤圆 米粒 可乐 小满 安安 暖暖 芊芊 团团 圆圆 "
    "嘟嘟 萌萌 小鱼儿 小石头 壮壮 妞妞 贝贝 年糕 布丁 奶酪 核桃 土豆 小星星 "
    "小月亮 可可 西西 多多 宝儿 一一 九九 小七 阿福 小虎 牛牛 小羊 冬冬 夏夏 "
    "秋秋 元宵 饺子 花生 小米 芝麻 麦兜 球球 点点 哈尼 叮当 小葵 小南瓜 橙子 "
    "柚子 芒果 桃桃 樱桃 苹果"
)
_RELATIONS = _words(
    "妈妈 妈咪 麻麻 妈 宝妈 的妈妈 他妈 家的 爸爸 爸 奶爸 奶奶 姥姥 外婆 小姨 姑姑 妈日记 一家"
)
_MOODS = _words("爱笑的 早起的 慢慢来 江南 北方的 爱囤货的 小镇 忙碌的 幸福 新手")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = _words(
    "小雨 晓燕 思琪 雅婷 欣怡 静怡 梦洁 佳慧 雪莹 丽娜 海燕 文静 婉清 若溪 语桐 "
    "诗涵 子萱 一诺 慧敏 秀英 桂兰 玉梅 春花 明月 晓东 建国 志强 浩然 子轩 宇航 "
    "俊杰 立新 小夏 默默 冉冉 西子 青青 未央 依依 知秋"
)
