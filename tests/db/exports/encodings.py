"""Sheets in the encodings of Korea, Poland, Russia, Taiwan, Japan, France and China."""

from exports.case import Case, Group, Outcome, refused

KIND = "encoding"

_ASKED = [refused(r"--encoding|encoding|编码")]

CASES = [
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
        ],
    ),
]
