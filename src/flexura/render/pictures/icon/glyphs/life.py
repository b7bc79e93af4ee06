"""Glyphs of feeling, health, sport, science and prizes: the words that ask for each, then how it is drawn."""

from __future__ import annotations

from typing import Final

LIFE: Final[dict[str, tuple[str, str]]] = {
    "heart": (
        "heart love like favourite favorite dating romance wedding charity care valentine wellness",
        "fill M12 21.4 C4.8 16.2 1.6 12.6 1.6 8.4 C1.6 5.2 4 3 6.9 3 C9 3 10.9 4.2 12 6.2 "
        "C13.1 4.2 15 3 17.1 3 C20 3 22.4 5.2 22.4 8.4 C22.4 12.6 19.2 16.2 12 21.4Z",
    ),
    "star": (
        "star favorite rating review premium featured bookmark astrology",
        "fill star 12 12.7 9.6 4.6 5; edge 1.9 star 12 12.7 9.6 4.6 5",
    ),
    "sparkle": (
        "sparkle sparkles magic generate generator generative cleaning beauty",
        "fill M10 3 C11 9 12 10.6 18 12 C12 13.4 11 15 10 21 C9 15 8 13.4 2 12 C8 10.6 9 9 10 "
        "3Z; soft M18.4 1.8 C18.9 4.6 19.4 5.2 22.2 5.8 C19.4 6.4 18.9 7 18.4 9.8 C17.9 7 "
        "17.4 6.4 14.6 5.8 C17.4 5.2 17.9 4.6 18.4 1.8Z; soft M18.6 15.4 C19 17.6 19.4 18 "
        "21.6 18.6 C19.4 19.2 19 19.6 18.6 21.8 C18.2 19.6 17.8 19.2 15.6 18.6 C17.8 18 18.2 "
        "17.6 18.6 15.4Z",
    ),
    "smile": (
        "smile happy emoji mood face joy fun smiley kids children",
        "fill circle 12 12 10; cut ellipse 8.6 9.6 1.4 1.9; cut ellipse 15.4 9.6 1.4 1.9; "
        "carve 2 M7.2 14.2 C8.4 16.6 10 17.6 12 17.6 S15.6 16.6 16.8 14.2",
    ),
    "thumb": (
        "thumb thumbs vote approval feedback recommend",
        "fill rect 2 10.4 4.8 11 1.4; fill M8.2 11 L12 2.4 C14.6 2.4 15.4 4.4 15 6.4 L14.4 9 "
        "H19.4 C21.4 9 22.4 10.6 22 12.4 L20.6 18.8 C20.2 20.4 19 21.4 17.4 21.4 H8.2Z",
    ),
    "medal": (
        "medal award badge achievement winner ribbon prize certificate",
        "soft M7.4 1.8 H11.4 L14 8 L9.8 10Z; soft M16.6 1.8 H12.6 L10 8 L14.2 10Z; fill "
        "circle 12 15 7.2; cut star 12 15.3 4.2 1.8 5",
    ),
    "trophy": (
        "trophy champion championship tournament win leaderboard competition contest league",
        "fill M6.4 2.2 H17.6 V9 C17.6 12.6 15.2 14.8 12 14.8 S6.4 12.6 6.4 9Z; line 1.9 M6.4 "
        "4.4 H2.8 C2.6 8.4 4 10.6 7 11 M17.6 4.4 H21.2 C21.4 8.4 20 10.6 17 11; fill rect "
        "10.7 14 2.6 4.6 0; fill rect 6.8 18.4 10.4 3.4 1.3",
    ),
    "crown": (
        "crown king queen royal vip luxury premium princess",
        "fill M2 7 L7.2 12 L12 3.6 L16.8 12 L22 7 L20 17.6 H4Z; edge 1.2 M2 7 L7.2 12 L12 3.6 "
        "L16.8 12 L22 7 L20 17.6 H4Z; fill rect 4 19 16 2.6 1.2",
    ),
    "gem": (
        "gem diamond jewel jewelry jewellery ruby crystal",
        "fill M6.2 3.4 H17.8 L22.4 9.2 L12 21.8 L1.6 9.2Z; carve 1.3 M1.6 9.2 H22.4 M8.4 9.2 "
        "L12 21.4 L15.6 9.2 L12 3.6Z",
    ),
    "flag": (
        "flag goal milestone country nation golf",
        "line 2.3 M4.6 2.4 V21.8; fill M5.4 3.2 C9 1.4 11.6 5.2 15 4.6 C17 4.2 18.6 3.8 20.6 "
        "3 V13.6 C17.4 15.4 15 15.4 12.4 14.2 C9.8 13 7.6 13 5.4 14Z",
    ),
    "target": (
        "target goals focus aim archery objective okr leads",
        "fill circle 12 12 10.2; cut circle 12 12 7.3; fill circle 12 12 4.7; cut circle 12 12 1.9",
    ),
    "bulb": (
        "bulb lightbulb idea ideas inspiration innovation tip tips brainstorm lamp",
        "fill M12 1.8 A7.4 7.4 0 0 0 7.2 14.8 C8.2 15.7 8.6 16.4 8.8 17.4 H15.2 C15.4 16.4 "
        "15.8 15.7 16.8 14.8 A7.4 7.4 0 0 0 12 1.8Z; fill rect 8.8 18.4 6.4 1.9 .95; fill "
        "rect 9.9 20.9 4.2 1.7 .85; carve 1.5 M9.6 8.2 L12 11 L14.4 8.2 M12 11 V17",
    ),
    "robot": (
        "robot bot android ai assistant automation agent artificial",
        "line 1.9 M12 6 V3; fill circle 12 2.6 1.6; fill rect 3.6 6 16.8 13.4 4; fill rect 1 "
        "10.4 1.9 5 .95; fill rect 21.1 10.4 1.9 5 .95; cut circle 8.6 11.6 1.7; cut circle "
        "15.4 11.6 1.7; carve 1.8 M9 15.8 H15; fill rect 8 20.4 8 1.8 .9",
    ),
    "brain": (
        "brain mind intelligence neural think thinking memory psychology therapy mental "
        "meditation machine-learning cognitive",
        "fill M11.2 3.4 C9.6 1.6 6.6 2 6 4.6 C3.6 4.8 2.6 7.4 3.6 9.2 C1.4 10.6 1.4 13.8 3.4 "
        "15 C2.8 17.4 4.6 19.4 6.8 19.2 C7.6 21.6 10.2 22 11.2 20.4Z; fill M12.8 3.4 C14.4 "
        "1.6 17.4 2 18 4.6 C20.4 4.8 21.4 7.4 20.4 9.2 C22.6 10.6 22.6 13.8 20.6 15 C21.2 "
        "17.4 19.4 19.4 17.2 19.2 C16.4 21.6 13.8 22 12.8 20.4Z; carve 1.3 M6 8 C7.4 7.4 8.6 "
        "8 9 9.4 M5.6 14.4 C6.6 13 8.4 13 9.2 14.2 M18 8 C16.6 7.4 15.4 8 15 9.4 M18.4 14.4 "
        "C17.4 13 15.6 13 14.8 14.2",
    ),
    "atom": (
        "atom science physics quantum nuclear react molecule chemistry research",
        "fill circle 12 12 2.2; line 1.7 ellipse 12 12 10 4; turn 60; line 1.7 ellipse 12 12 "
        "10 4; turn 120; line 1.7 ellipse 12 12 10 4",
    ),
    "flask": (
        "flask lab laboratory experiment beaker chemistry test testing potion biotech",
        "line 2.2 M8.4 2.6 H15.6; line 2.1 M9.8 2.8 V9 L4 18.4 C3 20.2 4 21.6 5.8 21.6 H18.2 "
        "C20 21.6 21 20.2 20 18.4 L14.2 9 V2.8; fill M7.4 14 H16.6 L19.4 18.8 C19.8 20 19.2 "
        "20.8 18 20.8 H6 C4.8 20.8 4.2 20 4.6 18.8Z; cut circle 10.2 17.4 1.1; cut circle 14 "
        "16.4 .8",
    ),
    "dna": (
        "dna gene genetics genome biology bioinformatics ancestry",
        "turn 24; line 2.1 M7 1.6 C7 7.4 17 7.4 17 12 S7 16.6 7 22.4; line 2.1 M17 1.6 C17 "
        "7.4 7 7.4 7 12 S17 16.6 17 22.4; line 1.6 M8.2 4 H15.8 M8.4 9.6 H15.6 M8.4 14.4 "
        "H15.6 M8.2 20 H15.8",
    ),
    "health": (
        "health medical medicine doctor hospital clinic healthcare pharmacy aid cross nurse "
        "emergency telehealth",
        "fill M8.6 3 A1.6 1.6 0 0 1 10.2 1.6 H13.8 A1.6 1.6 0 0 1 15.4 3.2 V8.6 H20.8 A1.6 "
        "1.6 0 0 1 22.4 10.2 V13.8 A1.6 1.6 0 0 1 20.8 15.4 H15.4 V20.8 A1.6 1.6 0 0 1 13.8 "
        "22.4 H10.2 A1.6 1.6 0 0 1 8.6 20.8 V15.4 H3.2 A1.6 1.6 0 0 1 1.6 13.8 V10.2 A1.6 1.6 "
        "0 0 1 3.2 8.6 H8.6Z",
    ),
    "pulse": (
        "pulse heartbeat heartrate monitor monitoring vitals cardio activity uptime",
        "line 2.5 M1.8 12.4 H6.4 L9.2 4.4 L14 20 L16.8 12.4 H22.2",
    ),
    "pill": (
        "pill pills drug medication vitamin tablet supplement",
        "turn 45; fill M6.6 11.4 V7 A5.4 5.4 0 0 1 17.4 7 V11.4Z; soft M6.6 12.8 H17.4 V17 "
        "A5.4 5.4 0 0 1 6.6 17Z",
    ),
    "dumbbell": (
        "dumbbell gym fitness workout exercise training muscle sport sports strength weight "
        "bodybuilding",
        "turn -35; fill rect 7 10.6 10 2.8 0; fill rect 4 5.6 3.8 12.8 1.6; fill rect 16.2 "
        "5.6 3.8 12.8 1.6; fill rect 1 8.4 2.4 7.2 1.1; fill rect 20.6 8.4 2.4 7.2 1.1",
    ),
    "run": (
        "run running runner jog marathon steps walk walking pedometer",
        "fill circle 15.2 4 2.5; line 2.6 M6.2 9 L10 6.8 L14 8 L11.4 13.4 L15 16.4 L14 21.6; "
        "line 2.6 M14 8.6 L16 11.6 L19.8 11.4; line 2.6 M10.4 15.4 L8.6 18 L4 18",
    ),
    "ball": (
        "ball basketball nba",
        "fill circle 12 12 10; carve 1.5 M12 2 V22 M2 12 H22; carve 1.5 M5 5 C9.4 8.6 9.4 "
        "15.4 5 19 M19 5 C14.6 8.6 14.6 15.4 19 19",
    ),
    "soccer": (
        "soccer football fifa kick",
        "fill circle 12 12 10; cut regular 12 12 3.9 5; carve 1.4 M12 8.1 V3 M15.7 10.8 L20.6 "
        "9.2 M14.3 15.2 L17.3 19.4 M9.7 15.2 L6.7 19.4 M8.3 10.8 L3.4 9.2",
    ),
    "yoga": (
        "yoga meditate zen mindfulness calm spa relax breathing lotus",
        "fill M12 3.6 C15 7.4 15.6 12 12 18.4 C8.4 12 9 7.4 12 3.6Z; soft M4.4 7.4 C9 8.6 "
        "11.2 12 11.6 18.6 C6.6 17.4 4 13.4 4.4 7.4Z; soft M19.6 7.4 C15 8.6 12.8 12 12.4 "
        "18.6 C17.4 17.4 20 13.4 19.6 7.4Z; fill M1 13 C5.6 13.2 9 15 11.2 19.4 C6.2 20.8 2.6 "
        "18.4 1 13Z; fill M23 13 C18.4 13.2 15 15 12.8 19.4 C17.8 20.8 21.4 18.4 23 13Z",
    ),
    "ghost": (
        "ghost halloween spooky haunted boo",
        "fill M4 21.4 V10 A8 8 0 0 1 20 10 V21.4 L17.3 18.8 L14.7 21.4 L12 18.8 L9.3 21.4 "
        "L6.7 18.8Z; cut ellipse 9 10.4 1.4 1.9; cut ellipse 15 10.4 1.4 1.9",
    ),
    "skull": (
        "skull pirate death horror",
        "fill M12 1.8 C6.6 1.8 2.8 5.6 2.8 10.4 C2.8 13.4 4.2 15.4 6.4 16.8 V20 A1.8 1.8 0 0 "
        "0 8.2 21.8 H15.8 A1.8 1.8 0 0 0 17.6 20 V16.8 C19.8 15.4 21.2 13.4 21.2 10.4 C21.2 "
        "5.6 17.4 1.8 12 1.8Z; cut circle 8.2 11 2.2; cut circle 15.8 11 2.2; cut poly "
        "12,13.6 13.3,16 10.7,16; carve 1.2 M10.2 18.6 V21.6 M13.8 18.6 V21.6",
    ),
    "glasses": (
        "glasses hipster geek nerd optician",
        "line 2.3 circle 6.2 14 4.2; line 2.3 circle 17.8 14 4.2; line 2 M10.4 13.4 C11.2 "
        "12.6 12.8 12.6 13.6 13.4 M2 13 L4.2 6.4 H6.4 M22 13 L19.8 6.4 H17.6",
    ),
    "baby": (
        "baby infant newborn pregnancy parenting parent nursery",
        "fill circle 12 12 9; fill circle 3 12.6 2; fill circle 21 12.6 2; cut circle 8.8 11 "
        "1.3; cut circle 15.2 11 1.3; carve 1.7 M8.8 15 C9.8 16.6 14.2 16.6 15.2 15; carve "
        "1.5 M12 3 C14.4 4 13.4 6.4 11.6 5.8",
    ),
    "hourglass": (
        "hourglass wait waiting patience deadline age",
        "line 2.2 M5 2.4 H19 M5 21.6 H19; fill M6.4 3.6 H17.6 V6 C17.6 9 14 10.4 14 12 S17.6 "
        "15 17.6 18 V20.4 H6.4 V18 C6.4 15 10 13.6 10 12 S6.4 9 6.4 6Z; cut M8.8 6.6 H15.2 "
        "C15 8.2 12.6 9.2 12 10.6 C11.4 9.2 9 8.2 8.8 6.6Z",
    ),
    "infinity": (
        "infinity infinite endless loop forever unlimited",
        "line 2.9 M12 12 C9.6 8.6 8 7.4 6.2 7.4 A4.6 4.6 0 0 0 6.2 16.6 C8 16.6 9.6 15.4 12 "
        "12 C14.4 8.6 16 7.4 17.8 7.4 A4.6 4.6 0 0 1 17.8 16.6 C16 16.6 14.4 15.4 12 12",
    ),
    "scales": (
        "scale law legal lawyer justice court balance attorney",
        "line 2 M12 3 V20.6 M7.4 20.8 H16.6 M4.4 6.2 H19.6; fill circle 12 3.4 1.7; fill M1.4 "
        "14 H8.6 A3.6 3.6 0 0 1 1.4 14Z; fill M15.4 14 H22.6 A3.6 3.6 0 0 1 15.4 14Z; line "
        "1.4 M5 6.2 L1.8 14 M5 6.2 L8.2 14 M19 6.2 L15.8 14 M19 6.2 L22.2 14",
    ),
}
