"""Sheets in the encodings of Korea, Poland, Russia, Taiwan, Japan, France and China."""

from exports.case import Case, Group, Outcome, refused

KIND = "encoding"

_ASKED = [refused(r"--encoding|encoding|编码")]

CASES = [
    Case(
        "korean_cp949",
        "A Korean shop's sheet saved by Excel is CP949, whose bytes are valid GB18030 too.",
        {
            "groups.csv": """initiator,item,item name,participants,status,launched at
k1,p1,무항생제 계란 30구,"k2,k3",successful,2026-05-01 10:00
k2,p2,제주 감귤 5kg,k4,successful,2026-05-02 10:00
""".encode("cp949")
        },
        Outcome(
            [
                Group(None, "k1", "p1", ["k2", "k3"], "successful"),
                Group(None, "k2", "p2", ["k4"], "successful"),
            ],
            items={"p1": "무항생제 계란 30구", "p2": "제주 감귤 5kg"},
            rejected=0,
        ),
        _ASKED,
    ),
    Case(
        "polish_cp1250",
        "Polish Excel saves CSV in Windows-1250 with semicolons.",
        {
            "groups.csv": """initiator;item;item name;participants;status;launched at
a1;p1;Łosoś wędzony;a2,a3;successful;2026-05-01 10:00
a2;p2;Żółty ser z Podlasia;a4;successful;2026-05-02 10:00
a3;p3;Pączki świeże;a4;successful;2026-05-03 10:00
""".encode("cp1250")
        },
        Outcome(
            [
                Group(None, "a1", "p1", ["a2", "a3"], "successful"),
                Group(None, "a2", "p2", ["a4"], "successful"),
                Group(None, "a3", "p3", ["a4"], "successful"),
            ],
            items={"p1": "Łosoś wędzony", "p2": "Żółty ser z Podlasia", "p3": "Pączki świeże"},
            rejected=0,
        ),
        _ASKED,
    ),
    Case(
        "russian_cp1251",
        "Russian Excel saves CSV in Windows-1251; pairs of its letters are Chinese signs in GB18030.",
        {
            "groups.csv": """initiator;item;item name;participants;status;launched at
b1;p1;Гречка ядрица;b2,b3;successful;01.05.2026 10:00
b2;p2;Мёд липовый;b4;successful;17.05.2026 10:00
""".encode("cp1251")
        },
        Outcome(
            [
                Group(None, "b1", "p1", ["b2", "b3"], "successful", "2026-05-01 10:00:00"),
                Group(None, "b2", "p2", ["b4"], "successful", "2026-05-17 10:00:00"),
            ],
            items={"p1": "Гречка ядрица", "p2": "Мёд липовый"},
            rejected=0,
        ),
        _ASKED,
    ),
    Case(
        "taiwanese_headings_big5",
        "Headings, states and names of a Taiwanese sheet in Big5: read as GB18030 no heading is known.",
        {
            "groups.csv": """團號,團主,品項,團員,狀態,開團時間
1,小美,牛軋糖,"阿宏,阿珍",已成團,2026/05/01 10:00
2,阿宏,太陽餅,,未成團,2026/05/03 10:00
""".encode("big5")
        },
        Outcome(
            [
                Group("1", "小美", "牛軋糖", ["阿宏", "阿珍"], "successful", "2026-05-01 10:00:00"),
                Group("2", "阿宏", "太陽餅", [], "failed", "2026-05-03 10:00:00"),
            ],
            rejected=0,
        ),
        _ASKED,
    ),
    Case(
        "japanese_headings_sjis",
        "A Japanese sheet in Shift-JIS with Japanese headings, halfwidth kana among the names.",
        {
            "groups.csv": """グループID,主催者ID,商品ID,商品名,参加者,ステータス,開始日時
1,m1,p1,手作りジャム,"m2,m3",成立,2026/05/01 10:00
2,m2,p2,ﾐﾆﾄﾏﾄ,,不成立,2026/05/02 10:00
""".encode("cp932")
        },
        Outcome(
            [
                Group("1", "m1", "p1", ["m2", "m3"], "successful", "2026-05-01 10:00:00"),
                Group("2", "m2", "p2", [], "failed", "2026-05-02 10:00:00"),
            ],
            items={"p1": "手作りジャム", "p2": "ﾐﾆﾄﾏﾄ"},
            rejected=0,
        ),
        [*_ASKED, refused("initiator|主催者|group|グループ")],
    ),
    Case(
        "french_cp1252",
        "French Excel: Windows-1252, semicolons, the euro sign behind the price.",
        {
            "groups.csv": """initiator;item;item name;participants;status;price
f1;p1;Crème brûlée;f2,f3;successful;12,50 €
f2;p2;Pâté à l’ancienne;f4;successful;8,90 €
""".encode("cp1252")
        },
        Outcome(
            [
                Group(None, "f1", "p1", ["f2", "f3"], "successful"),
                Group(None, "f2", "p2", ["f4"], "successful"),
            ],
            items={"p1": "Crème brûlée", "p2": "Pâté à l’ancienne"},
            prices={"p1": 12.5, "p2": 8.9},
            rejected=0,
        ),
        _ASKED,
    ),
    Case(
        "traditional_names_in_gbk",
        "A mainland shop that sells to Hong Kong writes traditional names in GBK: still no Big5.",
        {
            "groups.csv": """团号,团长,商品,商品名称,团员,状态
1,u1,p1,龍井綠茶禮盒,"u2,u3",已成团
2,u2,p2,陳皮普洱,u4,已成团
""".encode("gbk")
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2", "u3"], "successful"),
                Group("2", "u2", "p2", ["u4"], "successful"),
            ],
            items={"p1": "龍井綠茶禮盒", "p2": "陳皮普洱"},
            rejected=0,
        ),
    ),
    Case(
        "one_name_in_gbk",
        "A file of Latin letters with a single Chinese nickname in GB18030 gives a detector nearly nothing to go by.",
        {
            "groups.csv": """group_id,initiator,initiator_name,item,participants,status
1,u1,暖阳,p1,u2,successful
2,u2,Lily,p1,u3,successful
3,u3,Tom,p2,u1,failed
""".encode("gb18030")
        },
        Outcome(
            [
                Group("1", "u1", "p1", ["u2"], "successful"),
                Group("2", "u2", "p1", ["u3"], "successful"),
                Group("3", "u3", "p2", ["u1"], "failed"),
            ],
            users={"u1": "暖阳", "u2": "Lily"},
            rejected=0,
        ),
        _ASKED,
    ),
    Case(
        "spanish_cp1252_said",
        "A person says the encoding: what they say holds.",
        {
            "groups.csv": """initiator,item,item name,participants,status
s1,p1,Jamón ibérico,s2,successful
s2,p2,Piñones,s3,successful
""".encode("cp1252")
        },
        Outcome(items={"p1": "Jamón ibérico", "p2": "Piñones"}, rejected=0),
        arguments=["--encoding", "cp1252"],
    ),
    Case(
        "turkish_cp1254",
        "Turkish Excel's Windows-1254 differs from Windows-1252 by six letters: right, or said to be doubtful.",
        {
            "groups.csv": """initiator;item;item name;participants;status
t1;p1;Çiğ köfte;t2,t3;successful
t2;p2;Şekerpare tatlısı;t4;successful
t3;p3;Taze fındık içi;t1;successful
""".encode("cp1254")
        },
        Outcome(
            items={"p1": "Çiğ köfte", "p2": "Şekerpare tatlısı", "p3": "Taze fındık içi"},
            rejected=0,
        ),
        [*_ASKED, Outcome(says=[r"--encoding"])],
    ),
    Case(
        "japanese_euc",
        "An old Japanese shop writes EUC-JP.",
        {
            "groups.csv": """initiator,item,item name,participants,status
m1,p1,手作りクッキー,"m2,m3",successful
m2,p2,有機みかん詰め合わせ,m4,successful
""".encode("euc-jp")
        },
        Outcome(items={"p1": "手作りクッキー", "p2": "有機みかん詰め合わせ"}, rejected=0),
        [*_ASKED, Outcome(says=[r"--encoding"])],
    ),
    Case(
        "halves_of_two_encodings",
        "Two exports were put into one file, the first in UTF-8 and the second in GB18030.",
        {
            "groups.csv": "group_id,initiator,item,item name,participants,status\n1,u1,p1,竹纤维毛巾,u2,successful\n".encode()
            + "2,u2,p2,山核桃仁,u3,successful\n".encode("gb18030")
        },
        refused(r"encoding|UTF-8|编码"),
        [
            Outcome(
                [
                    Group("1", "u1", "p1", ["u2"], "successful"),
                    Group("2", "u2", "p2", ["u3"], "successful", may_be_refused=True),
                ],
                items={"p1": "竹纤维毛巾"},
                says=["not text|encoding|UTF-8"],
            ),
            Outcome(items={"p1": "竹纤维毛巾", "p2": "山核桃仁"}),
            Outcome(
                items={"p1": "竹纤维毛巾", "p2": None}, says=["item name.{0,40}could not be read"]
            ),
        ],
    ),
]
