"""Exports in the encodings of many countries come out right, or the doubt is said."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from db.errors import InputError
from db.importing.answers import Answers
from db.importing.preview import preview_file
from db.importing.readers.encoding import codec_of, guess_encoding, plausible_readings
from db.importing.readers.source import examine_file
from db.importing.report import ImportReport
from db.read_logs import read_logs
from db.store import Store

Import = Callable[..., ImportReport]

# Country -> its encoding; what its shops sell, and to whom.
NAMES = {
    "China": ("gb18030", (
        "有机苹果 手工饼干 纯牛奶250ml 抽纸24包 鲜鸡蛋30枚 夏日毛巾 儿童绘本 婴儿奶粉一段 洗衣液 土猪肉1斤 绿豆糕 "
        "芒果干 暖阳 豆豆妈 李** 阳光玫瑰葡萄 螺蛳粉 蓝月亮 云南白药牙膏 王小明"
    )),
    "Taiwan": ("big5", (
        "手工鳳梨酥禮盒 古早味雞蛋糕 有機蘋果 台灣烏龍茶 牛軋糖 洗衣精 兒童繪本 小美 阿宏 陳先生 麻油雞 愛文芒果 "
        "團長 面膜10入 檸檬愛玉 珍珠奶茶 魷魚絲 衛生紙 蔥抓餅"
    )),
    "Korea": ("cp949", (
        "무항생제_계란_30구 제주_감귤_5kg 유기농_사과 김치 수건 물티슈_10팩 홍길동 한우_불고기 고구마 딸기 "
        "쌀_10kg 떡볶이 김철수 라면 닭가슴살 세탁세제 아기_기저귀 참치캔 복숭아 호두과자"
    )),
    "Japan": ("shift_jis", (
        "手作りクッキー缶 有機みかん りんご お茶 タオル 山田太郎 いちごジャム 北海道チーズ 米_5kg 洗剤 絵本 "
        "カステラ 味噌 ラーメン 梅干し 抹茶プリン メロン 佐藤花子 ティッシュ 和牛ハンバーグ"
    )),
    "Poland": ("cp1250", (
        "Łosoś_wędzony Żółty_ser Pączki_świeże Miód_lipowy Kiełbasa_śląska Mąka_żytnia Gruszki_świeże Ręcznik Łukasz "
        "Śmietana Jabłka Książka_dla_dzieci Masło Małgorzata Ciastka_z_żurawiną Twaróg Ogórki_kiszone"
    )),
    "Czechia": ("cp1250", (
        "Čaj_zelený Švestkové_knedlíky Mýdlo Káva_pražená Chléb_žitný Sýr_hořký Dětská_kniha Jiří Med_květový Ručník "
        "Růžový_šampon Křupky Řízek Tomáš Hrušky Mléko_čerstvé Těstoviny"
    )),
    "Russia": ("cp1251", (
        "Гречка_ядрица Мёд_липовый Яблоки Молоко Сыр Полотенце Чай_зелёный Хлеб_ржаной Иван Конфеты Творог Огурцы "
        "Шоколад Детская_книга Ольга_Петрова Масло Кофе Пельмени Клубника Порошок"
    )),
    "Germany": ("cp1252", (
        "Kaffee_für_Büro Müsli_Größe_XL Zahnbürste Äpfel Käse Brötchen Gemüse Jürgen_Müller Öl Süßigkeiten Weißwürste "
        "Kürbis Hähnchen Nüsse Löffel Spülmittel Straßenfeger"
    )),
    "France": ("cp1252", (
        "Crème_brûlée Pâté_de_campagne Thé_à_la_menthe Café_moulu Gâteau Pêches Élodie Saumon_fumé Bière Goûter_bébé "
        "Maïs Forêt_noire Purée Légumes François Châtaignes Éponges"
    )),
    "anywhere": ("utf-8", "有机苹果 手工鳳梨酥禮盒 계란 りんご Łosoś Čaj Яблоки für Crème Öl 李** 米"),
}  # fmt: skip


@pytest.mark.parametrize("country", NAMES)
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_files_of_a_few_rows_are_read_right_or_doubted(
    tmp_path: Path, country: str, rows: int
) -> None:
    encoding, words = NAMES[country]
    names = [name.replace("_", " ") for name in words.split()]
    draw = random.Random(7)
    wrong_in_silence, doubted = [], 0
    files = [[name] for name in names] if rows == 1 else [draw.sample(names, rows) for _ in names]
    for chosen in files:
        lines = [f"u{k},p{k},{name},u7" for k, name in enumerate(chosen)]
        text = "\n".join(["initiator,item,item name,participants", *lines])
        path = tmp_path / "few.csv"
        path.write_bytes(text.encode(codec_of(encoding)))
        guess = guess_encoding(examine_file(path))
        read = path.read_bytes().decode(codec_of(guess.encoding), "replace")
        if read != text and not guess.others:
            wrong_in_silence.append((chosen, guess))
        doubted += bool(guess.others)
    assert wrong_in_silence == []
    # One word of two signs is often a word in two languages; several words hardly ever are.
    assert doubted <= {1: 0.4, 2: 0.15, 3: 0.06}[rows] * len(files)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("big5", ["手工鳳梨酥禮盒", "古早味雞蛋糕"]),
        ("cp949", ["무항생제 계란 30구", "제주 감귤 5kg"]),
        ("shift_jis", ["手作りクッキー缶", "有機みかん"]),
        ("euc_jp", ["手作りクッキー缶", "有機みかん"]),
        ("cp1250", ["Łosoś wędzony", "Żółty ser"]),
        ("cp1251", ["Гречка ядрица", "Мёд липовый"]),
        ("cp1252", ["Süßigkeiten für Büro", "Zahnbürste"]),
        ("cp1254", ["Çiğ köfte", "Şekerpare tatlısı"]),
    ],
)
def test_names_are_stored_as_the_shop_wrote_them_and_a_note_shows_some(
    sqlite_store: Store, importing: Import, encoding: str, names: list[str]
) -> None:
    rows = [f"u{k},p{k},{name},u9" for k, name in enumerate(names)]
    text = "\n".join(["initiator,item,item name,participants", *rows])
    report = importing(sqlite_store, "a.csv", text.encode(codec_of(encoding)))
    assert read_logs(sqlite_store).items["name"].tolist() == names
    [note] = [one for one in report.notes if one.key.startswith("db.note.encoding")]
    assert names[0].split()[0] in str(note)
    assert "--encoding" in str(note)


def test_known_headings_decide_between_encodings(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("團號,團長,商品,團員\n1,a,b,c\n".encode("big5"))
    assert guess_encoding(examine_file(path)).encoding == "big5"
    path.write_bytes("团号,团长,商品,团员\n1,a,b,c\n".encode("gb18030"))
    guess = guess_encoding(examine_file(path))
    assert (guess.encoding, guess.others) == ("gb18030", ())


def test_a_doubtful_encoding_is_said_with_both_readings(
    sqlite_store: Store, importing: Import, tmp_path: Path
) -> None:
    content = "initiator,item,item name,participants\nu1,p1,쌀,u2\n".encode("cp949")
    report = importing(sqlite_store, "a.csv", content)
    [doubt] = [one for one in report.notes if one.key == "db.note.encoding_doubt"]
    assert "쌀" in str(doubt)
    assert "--encoding" in str(doubt)
    readings = plausible_readings(examine_file(tmp_path / "a.csv"))
    assert {"cp949", "gb18030"} <= {one.encoding for one in readings}
    assert preview_file(tmp_path / "a.csv").notes == (doubt,)
    chosen = preview_file(tmp_path / "a.csv", answers=Answers(encoding="cp949"))
    assert (chosen.notes, chosen.rows.iloc[0, 2]) == ((), "쌀")


def test_utf8_with_a_few_broken_bytes_stays_utf8(sqlite_store: Store, importing: Import) -> None:
    content = "initiator,item,item name,participants\nu1,p1,手工饼干,u9\nu2,p2,纯牛奶,u9\n".encode()
    report = importing(sqlite_store, "a.csv", content + b"u3,p3,\xe6\x89,u9\n")
    assert read_logs(sqlite_store).items["name"].tolist()[:2] == ["手工饼干", "纯牛奶"]
    assert [error.line for error in report.errors] == [4]


def test_utf8_and_gb18030_in_one_file_is_utf8_with_refused_rows(
    sqlite_store: Store, importing: Import
) -> None:
    content = "initiator,item,item name,participants\nu1,p1,竹纤维毛巾,u9\n".encode()
    report = importing(sqlite_store, "a.csv", content + "u2,p2,山核桃仁,u9\n".encode("gb18030"))
    assert read_logs(sqlite_store).items["name"].tolist() == ["竹纤维毛巾"]
    assert [error.problem.key for error in report.errors] == ["db.row.not_text"]


def test_bytes_that_are_no_text_are_refused(sqlite_store: Store, importing: Import) -> None:
    content = random.Random(3).randbytes(4000).replace(b"\0", b"\x01")
    with pytest.raises(InputError, match="is not text in any encoding"):
        importing(sqlite_store, "a.csv", content)
