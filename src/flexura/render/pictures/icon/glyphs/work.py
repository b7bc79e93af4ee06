"""Glyphs of work, money, data and devices: the words that ask for each, then how it is drawn."""

from __future__ import annotations

from typing import Final

WORK: Final[dict[str, tuple[str, str]]] = {
    "rocket": (
        "rocket launch startup deploy ship spaceship space boost growth",
        "turn 42; fill M12 .8 C16.2 4.2 17.2 9 16.6 15.6 H7.4 C6.8 9 7.8 4.2 12 .8Z; fill "
        "M7.2 10.4 C4.4 12.2 3.6 15 3.8 18.8 L7.8 16.4Z; fill M16.8 10.4 C19.6 12.2 20.4 15 "
        "20.2 18.8 L16.2 16.4Z; cut circle 12 8.6 2.2; soft M9.4 17.2 H14.6 C14.4 19.8 13.4 "
        "21.4 12 23.2 C10.6 21.4 9.6 19.8 9.4 17.2Z",
    ),
    "bolt": (
        "bolt lightning fast speed energy power electric electricity flash quick instant "
        "charge performance",
        "fill M13.6 2.2 L4.4 13.6 H10.6 L9.6 21.8 L19.6 9.8 H13Z; edge 1.4 M13.6 2.2 L4.4 "
        "13.6 H10.6 L9.6 21.8 L19.6 9.8 H13Z",
    ),
    "cart": (
        "cart shop shopping store ecommerce e-commerce buy checkout commerce retail "
        "supermarket market marketplace",
        "line 2.3 M2 3.4 H4.8 L7.6 15.8 H18.8; fill M5.4 6.2 H21.8 L19.6 13.8 H7.2Z; fill "
        "circle 9 20 2; fill circle 17.4 20 2",
    ),
    "bag": (
        "bag handbag fashion boutique clothes clothing order purchase",
        "fill M4.4 7.4 H19.6 L20.8 19.6 A2 2 0 0 1 18.8 21.8 H5.2 A2 2 0 0 1 3.2 19.6Z; line "
        "2 M8.4 7.6 V6.2 A3.6 3.6 0 0 1 15.6 6.2 V7.6; carve 1.6 M8.4 11 A3.6 3.6 0 0 0 15.6 "
        "11",
    ),
    "lock": (
        "lock secure security private privacy password login protected safe encryption vault",
        "fill rect 4 10 16 11.8 3.2; line 2.5 M7.7 11 V7.4 A4.3 4.3 0 0 1 16.3 7.4 V11; cut "
        "circle 12 14.8 1.8; carve 1.8 M12 15.4 V18",
    ),
    "key": (
        "key access passkey credential authentication auth token keys",
        "line 2.7 circle 7.4 16.6 4.3; line 2.7 M10.6 13.4 L20.6 3.4 M16.4 7.6 L19.8 11 M13.4 "
        "10.6 L15.6 12.8",
    ),
    "shield": (
        "shield protect protection antivirus guard vpn defense trust firewall safety",
        "fill M12 1.8 L20.8 4.8 V11.4 C20.8 17 17.2 20.6 12 22.4 C6.8 20.6 3.2 17 3.2 11.4 "
        "V4.8Z; carve 2.2 M7.8 12 L10.9 15.1 L16.4 9.2",
    ),
    "search": (
        "search find finder magnifier lookup seek query zoom detective",
        "line 2.8 circle 10.4 10.4 7; line 3.3 M15.8 15.8 L20.8 20.8",
    ),
    "user": (
        "user profile account person people member contact contacts customer client",
        "fill circle 12 7.4 4.9; fill M2.8 21.4 C2.8 16 7 13.8 12 13.8 S21.2 16 21.2 21.4Z",
    ),
    "team": (
        "team users group friends crowd social hr staff employees meeting collaboration family",
        "fill circle 8.6 8.4 4; fill M1.4 20.4 C1.4 15.8 4.6 13.8 8.6 13.8 S15.8 15.8 15.8 "
        "20.4Z; soft circle 17 9.2 3.2; soft M17.4 20.4 C17.4 17.6 16.6 15.6 15.4 14.2 C19.6 "
        "13.2 22.6 15.6 22.6 20.4Z",
    ),
    "bell": (
        "bell notification notifications alert alerts reminder reminders alarm",
        "fill M12 2 C7.8 2 5.6 5.2 5.6 9.4 C5.6 14 4.2 15.6 3 17.8 H21 C19.8 15.6 18.4 14 "
        "18.4 9.4 C18.4 5.2 16.2 2 12 2Z; fill M9.2 19.2 H14.8 A2.8 2.8 0 0 1 9.2 19.2Z",
    ),
    "calendar": (
        "calendar date schedule event events planner planning appointment booking agenda week "
        "month",
        "fill rect 2.8 4.2 18.4 17.4 3.4; line 2.3 M8 2.2 V6 M16 2.2 V6; cut rect 5 9.6 14 "
        "9.8 1.6; fill rect 7 11.4 2.6 2.4 .7; fill rect 10.7 11.4 2.6 2.4 .7; fill rect 14.4 "
        "11.4 2.6 2.4 .7; fill rect 7 15.2 2.6 2.4 .7; fill rect 10.7 15.2 2.6 2.4 .7",
    ),
    "clock": (
        "clock time timer watch stopwatch hour minute pomodoro history tracking timesheet "
        "countdown",
        "fill circle 12 12 10; carve 2.2 M12 6.4 V12.3 L16 14.8",
    ),
    "check": (
        "check todo to-do task tasks done complete checklist habit habits tick approve "
        "verified productivity",
        "fill circle 12 12 10; carve 2.6 M7.2 12.4 L10.6 15.8 L17 8.8",
    ),
    "list": (
        "list kanban backlog items outline survey form quiz",
        "fill rect 3 2.4 18 19.2 3.2; carve 1.8 M6.4 7.6 L7.6 8.8 L9.6 6.6 M6.4 12.6 L7.6 "
        "13.8 L9.6 11.6 M12.2 7.8 H17.4 M12.2 12.8 H17.4 M6.8 17.6 H17.4",
    ),
    "chart": (
        "chart analytics statistics stats dashboard metrics report reporting bars insights "
        "data kpi",
        "fill rect 3 12.6 4.8 8.4 1.4; fill rect 9.6 7.8 4.8 13.2 1.4; fill rect 16.2 3 4.8 18 1.4",
    ),
    "trend": (
        "trend stock stocks trading invest investing investment finance growth sales profit "
        "trader forex",
        "line 2.7 M2.6 17.4 L8.8 11.2 L13 15 L20.8 6.4; line 2.7 M15 5.8 H21.2 V12",
    ),
    "pie": (
        "pie share budget budgeting allocation portfolio",
        "fill M10.8 3 V13.2 H21 A9.6 9.6 0 1 1 10.8 3Z; soft M13.2 1.6 A9.4 9.4 0 0 1 22.4 "
        "10.8 H13.2Z",
    ),
    "code": (
        "code coding developer programming programmer development software html script git ide",
        "line 2.6 M7.8 6.4 L2.4 12 L7.8 17.6; line 2.6 M16.2 6.4 L21.6 12 L16.2 17.6; line "
        "2.4 M13.8 4.4 L10.2 19.6",
    ),
    "terminal": (
        "terminal console shell command cli prompt bash ssh",
        "fill rect 1.8 3.6 20.4 16.8 3.4; carve 2.1 M5.8 8.6 L9.4 12 L5.8 15.4; carve 2.1 "
        "M11.8 15.6 H17",
    ),
    "database": (
        "database sql storage records warehouse postgres table backend",
        "fill ellipse 12 5.2 8.4 3.3; fill M3.6 7.8 C5 9.6 8.2 10.4 12 10.4 S19 9.6 20.4 7.8 "
        "V12 C20.4 13.8 16.6 15.2 12 15.2 S3.6 13.8 3.6 12Z; fill M3.6 14.6 C5 16.4 8.2 17.2 "
        "12 17.2 S19 16.4 20.4 14.6 V18.8 C20.4 20.6 16.6 22 12 22 S3.6 20.6 3.6 18.8Z",
    ),
    "server": (
        "server hosting infrastructure devops datacenter network api",
        "fill rect 2.6 3 18.8 8 2.4; fill rect 2.6 13 18.8 8 2.4; cut circle 6.6 7 1.1; cut "
        "circle 10 7 1.1; cut circle 6.6 17 1.1; cut circle 10 17 1.1; carve 1.6 M14.4 7 H18 "
        "M14.4 17 H18",
    ),
    "chip": (
        "chip cpu processor hardware semiconductor computer electronics embedded ai",
        "fill rect 5 5 14 14 3; cut rect 8.8 8.8 6.4 6.4 1.4; line 1.9 M9 2 V4.6 M15 2 V4.6 "
        "M9 19.4 V22 M15 19.4 V22 M2 9 H4.6 M2 15 H4.6 M19.4 9 H22 M19.4 15 H22",
    ),
    "laptop": (
        "laptop notebook pc desktop macbook remote",
        "fill rect 3.6 4 16.8 12.6 2.4; cut rect 5.8 6.2 12.4 8.2 .8; fill rect 1.2 17.6 21.6 "
        "2.8 1.4",
    ),
    "gear": (
        "gear settings config configuration preferences setup machine automation engineering "
        "mechanic options",
        "fill gear 12 12 10.4 7.8 8; cut circle 12 12 3.3",
    ),
    "wrench": (
        "wrench tool tools repair fix maintenance service plumber utility workshop",
        "turn 45; fill M8.6 1.6 V7 L12 9 L15.4 7 V1.6 C18.2 2.8 19.4 5 19.4 7.4 C19.4 10 17.6 "
        "12.2 14.8 13 V20 A2.8 2.8 0 0 1 9.2 20 V13 C6.4 12.2 4.6 10 4.6 7.4 C4.6 5 5.8 2.8 "
        "8.6 1.6Z; cut circle 12 19.6 1.1",
    ),
    "wallet": (
        "wallet money payment payments pay cash purse expense expenses spending",
        "fill M3 7 L16 2.6 A2 2 0 0 1 18.4 4.4 V6.6 H4Z; fill rect 2.2 6 19.6 15 3.2; cut "
        "rect 14.4 11 8 5 2.5; fill circle 17.4 13.5 1.15",
    ),
    "card": (
        "creditcard credit debit banking bank fintech subscription billing",
        "fill rect 1.8 4.4 20.4 15.2 3.2; cut rect 1.8 8 20.4 3.2 0; cut rect 4.8 14.2 5.6 1.8 .9",
    ),
    "coin": (
        "coin dollar currency price pricing crypto bitcoin token saving savings donate loan "
        "tax invoice",
        "fill circle 12 12 10; carve 2 M15.4 9 C15 7.6 13.6 6.9 12 6.9 C10 6.9 8.6 7.9 8.6 "
        "9.4 C8.6 13.2 15.6 10.8 15.6 14.6 C15.6 16.1 14.2 17.1 12 17.1 C10.2 17.1 8.8 16.4 "
        "8.4 15 M12 5 V6.6 M12 17.4 V19",
    ),
    "tag": (
        "tag price sale discount coupon offer label deal",
        "fill M2.6 4.6 A2 2 0 0 1 4.6 2.6 H11.6 L21.4 12.4 A1.8 1.8 0 0 1 21.4 15 L15 21.4 "
        "A1.8 1.8 0 0 1 12.4 21.4 L2.6 11.6Z; cut circle 7.4 7.4 1.8",
    ),
    "gift": (
        "gift present reward surprise christmas giveaway",
        "fill rect 2.4 7.6 19.2 5 1.2; fill M4 13.8 H20 V19.8 A2 2 0 0 1 18 21.8 H6 A2 2 0 0 "
        "1 4 19.8Z; carve 1.9 M12 7.6 V22; line 2 M12 7 C8 7.4 6 6.2 6 4.4 C6 1.8 10.6 1.6 12 "
        "7 C13.4 1.6 18 1.8 18 4.4 C18 6.2 16 7.4 12 7",
    ),
    "book": (
        "book books read reading reader library ebook learn learning study education course "
        "story novel docs documentation dictionary",
        "fill M12 5.8 C9.4 3.8 5.8 3.4 2 3.8 V18.8 C5.8 18.4 9.4 18.8 12 20.8 C14.6 18.8 18.2 "
        "18.4 22 18.8 V3.8 C18.2 3.4 14.6 3.8 12 5.8Z; carve 1.6 M12 6.4 V20.4",
    ),
    "school": (
        "school graduation university student students academy teacher class classroom "
        "college tutor degree",
        "fill poly 12,3 23.2,8.6 12,14.2 .8,8.6; fill M5.4 12.4 L12 15.8 L18.6 12.4 V17 C16.8 "
        "19 14.6 20 12 20 S7.2 19 5.4 17Z; line 1.7 M21.8 9.4 V16",
    ),
    "folder": (
        "folder directory files archive documents organize",
        "fill M2 6.4 A2.4 2.4 0 0 1 4.4 4 H9.2 L11.8 6.8 H19.6 A2.4 2.4 0 0 1 22 9.2 V17.8 "
        "A2.6 2.6 0 0 1 19.4 20.4 H4.6 A2.6 2.6 0 0 1 2 17.8Z; carve 1.4 M2 10.4 H22",
    ),
    "file": (
        "file document doc pdf page paper resume cv contract word",
        "fill M4.8 4.4 A2.6 2.6 0 0 1 7.4 1.8 H13.4 V8 H19.4 V19.6 A2.6 2.6 0 0 1 16.8 22.2 "
        "H7.4 A2.6 2.6 0 0 1 4.8 19.6Z; soft M14.8 1.8 L19.4 6.6 H14.8Z; carve 1.7 M8.2 12.2 "
        "H16 M8.2 16.4 H16",
    ),
    "link": (
        "link links url chain connect connection share shortener affiliate blockchain",
        "turn -45; line 2.6 M10 7.4 H6.4 A4.6 4.6 0 0 0 6.4 16.6 H10; line 2.6 M14 7.4 H17.6 "
        "A4.6 4.6 0 0 1 17.6 16.6 H14; line 2.6 M8.4 12 H15.6",
    ),
    "wifi": (
        "wifi wireless signal internet hotspot router connectivity",
        "line 2.6 M2.4 9.4 A13.6 13.6 0 0 1 21.6 9.4; line 2.6 M5.8 13.2 A8.8 8.8 0 0 1 18.2 "
        "13.2; line 2.6 M9.1 16.9 A4.2 4.2 0 0 1 14.9 16.9; fill circle 12 20 1.7",
    ),
    "battery": (
        "battery charging charger ev",
        "line 2.2 rect 2 7 17 10.4 2.8; fill rect 4.4 9.4 9 5.6 1.2; fill rect 20.6 10 2 4.4 1",
    ),
    "download": (
        "download save install export import",
        "line 2.8 M12 3 V14 M7 10 L12 15 L17 10; line 2.8 M3.6 16.6 V18.4 A2.4 2.4 0 0 0 6 "
        "20.8 H18 A2.4 2.4 0 0 0 20.4 18.4 V16.6",
    ),
    "box": (
        "box package parcel product inventory warehouse cube npm shipment library",
        "fill M12 1.8 L20.8 6.6 L12 11.4 L3.2 6.6Z; fill M2.6 8.2 L11.2 12.9 V22.2 L2.6 "
        "17.4Z; soft M21.4 8.2 L12.8 12.9 V22.2 L21.4 17.4Z",
    ),
    "layers": (
        "layers stack layer platform framework",
        "fill poly 12,2.2 22.4,8 12,13.8 1.6,8; line 2 M2.6 12.4 L12 17.6 L21.4 12.4; line 2 "
        "M2.6 16.6 L12 21.8 L21.4 16.6",
    ),
    "eye": (
        "eye vision view watch visible preview optical surveillance monitor",
        "fill M1.4 12 C4.4 6.6 8 4.6 12 4.6 S19.6 6.6 22.6 12 C19.6 17.4 16 19.4 12 19.4 S4.4 "
        "17.4 1.4 12Z; cut circle 12 12 4.5; fill circle 12 12 2.4",
    ),
    "bug": (
        "bug insect debug debugger tracker issue",
        "line 1.8 M4.6 8 L8 10.4 M19.4 8 L16 10.4 M2.8 14 H7 M21.2 14 H17 M4.6 20 L8 17.2 "
        "M19.4 20 L16 17.2; fill ellipse 12 14 5.6 7.4; fill M8 7.4 A4 4 0 0 1 16 7.4Z; carve "
        "1.5 M12 9 V21",
    ),
}
