"""Glyphs of nature, places, food and travel: the words that ask for each, then how it is drawn."""

from __future__ import annotations

from typing import Final

WORLD: Final[dict[str, tuple[str, str]]] = {
    "leaf": (
        "leaf eco ecology organic nature natural plant plants vegan sustainable "
        "sustainability environment botany tea",
        "fill M20.8 3.2 C9 3 3 8.6 4.2 16 C4.6 18 5.8 19.2 7.6 19.7 C16 20.4 21.4 14 20.8 "
        "3.2Z; carve 1.6 M5.4 18.8 C8 14.6 11 11.6 15.4 9; line 1.9 M3 22 L5.6 18.4",
    ),
    "tree": (
        "tree forest woods pine park hiking outdoors camp",
        "fill poly 12,1.6 17.4,9 6.6,9; fill poly 12,5.4 19,14 5,14; fill poly 12,9.6 "
        "20.6,18.8 3.4,18.8; fill rect 10.4 18 3.2 4.4 0.6",
    ),
    "flower": (
        "flower flowers floral bloom blossom garden gardening rose florist spring",
        "fill circle 12 6.4 4; fill circle 17.3 10.3 4; fill circle 15.3 16.5 4; fill circle "
        "8.7 16.5 4; fill circle 6.7 10.3 4; cut circle 12 12 3",
    ),
    "sun": (
        "sun sunny weather summer day daylight solar morning sunrise",
        "fill circle 12 12 4.9; line 2.3 M12 1.8 V3.8 M12 20.2 V22.2 M1.8 12 H3.8 M20.2 12 "
        "H22.2 M4.8 4.8 L6.2 6.2 M17.8 17.8 L19.2 19.2 M4.8 19.2 L6.2 17.8 M17.8 6.2 L19.2 "
        "4.8",
    ),
    "moon": (
        "moon night sleep sleeping dream bedtime lunar",
        "fill M21 14.8 A9.4 9.4 0 1 1 9.2 3 A7.6 7.6 0 0 0 21 14.8Z; soft star 18 5.8 3 1 4",
    ),
    "cloud": (
        "cloud clouds storage saas hosting upload sky backup",
        "fill circle 7 14.6 4.9; fill circle 12.6 11 6.2; fill circle 17.8 15 4.4; fill rect "
        "7 13 10.8 6.5 0",
    ),
    "rain": (
        "rain rainy forecast meteorology storm",
        "fill circle 7 10.6 4.4; fill circle 12.4 8 5.6; fill circle 17.4 11 4; fill rect 7 9 "
        "10.4 6 0; line 2.1 M8 18 L7 21.4 M12.4 18 L11.4 21.4 M16.8 18 L15.8 21.4",
    ),
    "snow": (
        "snow snowflake winter cold ice freeze frozen christmas ski",
        "line 2 M12 2 V22 M3.34 7 L20.66 17 M3.34 17 L20.66 7; line 1.8 M9 3.6 L12 6.2 L15 "
        "3.6 M9 20.4 L12 17.8 L15 20.4 M3.2 11.2 L6.9 9.1 L6.3 4.9 M20.8 12.8 L17.1 14.9 "
        "L17.7 19.1 M3.2 12.8 L6.9 14.9 L6.3 19.1 M20.8 11.2 L17.1 9.1 L17.7 4.9",
    ),
    "fire": (
        "fire flame flames hot burn calories spicy tinder streak grill bbq",
        "fill M12.4 1.6 C13 6 19 8.8 19 14.8 A7 7 0 0 1 5 14.8 C5 11.6 6.6 9.8 7.6 8 C8.2 9.8 "
        "9.2 10.8 10.4 11.2 C9.8 7.6 10.6 4.2 12.4 1.6Z; cut M12 20 A3.1 3.1 0 0 1 8.9 16.9 "
        "C8.9 15 10.8 14 12 11.8 C13.2 14 15.1 15 15.1 16.9 A3.1 3.1 0 0 1 12 20Z",
    ),
    "drop": (
        "drop water droplet liquid hydration drink oil blood rain aqua",
        "fill M12 1.8 C16.4 7.4 19.4 11 19.4 14.8 A7.4 7.4 0 0 1 4.6 14.8 C4.6 11 7.6 7.4 12 "
        "1.8Z; carve 1.7 M8 15 A4.2 4.2 0 0 0 11.4 18.8",
    ),
    "wave": (
        "wave waves sea ocean surf surfing swim swimming beach pool",
        "line 2.6 M2 7.6 C5 4.4 7.4 4.4 10 7 S15.4 10.2 22 6.4; line 2.6 M2 13.2 C5 10 7.4 10 "
        "10 12.6 S15.4 15.8 22 12; line 2.6 M2 18.8 C5 15.6 7.4 15.6 10 18.2 S15.4 21.4 22 "
        "17.6",
    ),
    "mountain": (
        "mountain mountains hike climbing climb alpine peak adventure trek summit",
        "fill M1.6 20 L9.2 6 L13.2 13 L15.6 9.4 L22.4 20Z; cut poly 9.2,6 11.6,10.2 9.8,11.6 "
        "8.6,10.4 6.8,10.6; soft circle 18 5 2",
    ),
    "globe": (
        "globe world earth international global web internet website browser language "
        "translate translation travel planet",
        "fill circle 12 12 10; carve 1.6 M2.4 12 H21.6 M4 6.8 H20 M4 17.2 H20; carve 1.6 "
        "ellipse 12 12 4.4 9.6",
    ),
    "pin": (
        "pin location map place gps navigation address nearby local store delivery",
        "fill M12 22.6 C6.8 16.6 4.2 13 4.2 9.4 A7.8 7.8 0 0 1 19.8 9.4 C19.8 13 17.2 16.6 12 "
        "22.6Z; cut circle 12 9.4 3.1",
    ),
    "compass": (
        "compass explore explorer discover direction safari navigate",
        "fill circle 12 12 10; cut poly 17,7 13.8,13.8 7,17 10.2,10.2; fill circle 12 12 1.3",
    ),
    "home": (
        "home house property estate rent realestate apartment household smarthome mortgage hotel",
        "fill M12 3.4 L21.4 11.6 H18.8 V20.6 H5.2 V11.6 H2.6Z; edge 1.4 M12 3.4 L21.4 11.6 "
        "H18.8 V20.6 H5.2 V11.6 H2.6Z; cut M9.7 21.4 V16.2 A2.3 2.3 0 0 1 14.3 16.2 V21.4Z",
    ),
    "building": (
        "building office company business city tower corporate bank enterprise",
        "fill rect 4 2.4 10.4 19.4 1.6; fill rect 13 9 7.4 12.8 1.4; cut rect 6.6 5.4 2 2 .4; "
        "cut rect 10 5.4 2 2 .4; cut rect 6.6 9.4 2 2 .4; cut rect 10 9.4 2 2 .4; cut rect "
        "6.6 13.4 2 2 .4; cut rect 10 13.4 2 2 .4; cut rect 16.2 12 2 2 .4; cut rect 16.2 16 "
        "2 2 .4; cut rect 8.2 18 2 4 0",
    ),
    "coffee": (
        "coffee cafe espresso cup mug latte cappuccino breakfast barista",
        "fill M3.4 8 H17.2 V15 A5.4 5.4 0 0 1 11.8 20.4 H8.8 A5.4 5.4 0 0 1 3.4 15Z; line 2 "
        "M17.2 9.8 H18.4 A2.7 2.7 0 0 1 18.4 15.2 H16.8; line 1.7 M7.6 2.4 C6.6 3.6 8.6 4.4 "
        "7.6 5.6 M12.6 2.4 C11.6 3.6 13.6 4.4 12.6 5.6",
    ),
    "food": (
        "food restaurant eat dining meal recipe recipes kitchen cooking cook chef fork lunch "
        "dinner diet nutrition",
        "line 2 M5 2.6 V8 M8 2.6 V8 M11 2.6 V8; line 2 M5 8 A3 3 0 0 0 11 8; line 2.4 M8 10.6 "
        "V21.2; fill M15.2 13.6 V5.6 C15.2 3.6 16.6 2.4 18.6 2.2 V13.6Z; line 2.4 M17.4 13 "
        "V21.2",
    ),
    "pizza": (
        "pizza slice pizzeria italian fastfood",
        "fill M12 22.4 L2.4 6.4 C8.4 3.4 15.6 3.4 21.6 6.4Z; carve 1.5 M3.8 8.8 C9 6.4 15 6.4 "
        "20.2 8.8; cut circle 9.4 11.6 1.5; cut circle 14.4 11.4 1.4; cut circle 12 16 1.4",
    ),
    "burger": (
        "burger hamburger sandwich snack",
        "fill M3 10.4 C3 6 7 3.6 12 3.6 S21 6 21 10.4Z; fill rect 2 12 20 3 1.5; fill M3 16.6 "
        "H21 V17.6 A3.2 3.2 0 0 1 17.8 20.8 H6.2 A3.2 3.2 0 0 1 3 17.6Z; cut circle 8.6 7.6 "
        ".8; cut circle 12.4 6.4 .8; cut circle 16 8 .8",
    ),
    "apple": (
        "apple fruit health healthy school grocery groceries",
        "fill M12 7 C14 5.4 20.4 5 20.6 12 C20.6 17 17.4 21.8 14.6 21.8 C13.4 21.8 13 21.2 12 "
        "21.2 S10.6 21.8 9.4 21.8 C6.6 21.8 3.4 17 3.4 12 C3.6 5 10 5.4 12 7Z; fill M12.4 6 "
        "C12.2 3.2 14 1.8 16.4 1.6 C16.6 4.4 14.8 5.8 12.4 6Z",
    ),
    "cake": (
        "cake birthday party dessert bakery sweet pastry celebration",
        "fill M3 13 A2.4 2.4 0 0 1 5.4 10.6 H18.6 A2.4 2.4 0 0 1 21 13 V21 H3Z; carve 1.6 M3 "
        "15.4 C5 17.4 7 17.4 9 15.4 C11 17.4 13 17.4 15 15.4 C17 17.4 19 17.4 21 15.4; line 2 "
        "M12 9.8 V6.6; fill M12 5 C10.6 3.8 11.4 2.6 12 1.4 C12.6 2.6 13.4 3.8 12 5Z",
    ),
    "wine": (
        "wine bar cocktail drinks alcohol glass beer pub",
        "fill M6.4 2.4 H17.6 C18.4 9 16.6 13.4 12 13.4 S5.6 9 6.4 2.4Z; line 2 M12 13 V21 "
        "M7.8 21 H16.2; cut M8 5 H16 L16.1 7 H7.9Z",
    ),
    "plane": (
        "plane airplane flight flights fly travel airport airline trip vacation",
        "turn 45; fill M12 1.4 C13.4 1.4 14.2 3.2 14.2 5.4 V9 L22.4 14.4 V16.8 L14.2 14.4 "
        "V18.8 L16.8 20.8 V22.4 L12 21.2 L7.2 22.4 V20.8 L9.8 18.8 V14.4 L1.6 16.8 V14.4 L9.8 "
        "9 V5.4 C9.8 3.2 10.6 1.4 12 1.4Z",
    ),
    "car": (
        "car auto automobile drive driving driver taxi ride parking vehicle rental rideshare",
        "fill M5.6 6.4 C6 5.2 6.8 4.6 8 4.6 H16 C17.2 4.6 18 5.2 18.4 6.4 L20 11 C21.2 11.6 "
        "21.8 12.4 21.8 13.8 V18 H2.2 V13.8 C2.2 12.4 2.8 11.6 4 11Z; cut M7.4 7 H16.6 L17.8 "
        "10.6 H6.2Z; cut circle 6.2 14.4 1.4; cut circle 17.8 14.4 1.4; fill rect 3.4 17 4 4 "
        "1.2; fill rect 16.6 17 4 4 1.2",
    ),
    "bike": (
        "bike bicycle cycling cyclist ride biking",
        "line 2 circle 5.8 15.8 4; line 2 circle 18.2 15.8 4; line 1.9 M5.8 15.8 L9.4 8.2 "
        "H15.6 L18.2 15.8 M9.4 8.2 L12.2 15.8 H5.8 M12.2 15.8 L15.6 8.2 L14.6 5.2 H17.4 M7.6 "
        "6 H10.8",
    ),
    "train": (
        "train rail railway metro subway transit bus commute transport station",
        "fill rect 5 2.2 14 15.6 3.6; cut rect 7.2 5.4 9.6 5 1; cut circle 8.6 14 1.2; cut "
        "circle 15.4 14 1.2; line 2.2 M8 18.8 L5.8 22 M16 18.8 L18.2 22",
    ),
    "truck": (
        "truck shipping logistics delivery courier freight transport moving",
        "fill rect 1.6 5 12.6 11.8 1.6; fill M15.4 8.4 H19 L22.4 12.4 V16.8 H15.4Z; fill "
        "circle 6.4 17.6 2.8; fill circle 18 17.6 2.8; cut circle 6.4 17.6 1.2; cut circle 18 "
        "17.6 1.2",
    ),
    "ship": (
        "ship boat sail sailing cruise yacht ferry docker container",
        "fill M11 2.4 V14 H3.6Z; soft M13 5 L20 14 H13Z; fill M2 15.8 H22 L19 20.8 H5Z",
    ),
    "cat": (
        "cat kitten kitty feline meow",
        "fill M3.8 2.8 L9 6.4 C10.9 5.9 13.1 5.9 15 6.4 L20.2 2.8 C21.2 6.8 21.6 10 21.2 13 "
        "C20.4 18.2 16.6 21.2 12 21.2 S3.6 18.2 2.8 13 C2.4 10 2.8 6.8 3.8 2.8Z; cut ellipse "
        "8.2 12.2 1.3 1.7; cut ellipse 15.8 12.2 1.3 1.7; cut M10.7 15.2 H13.3 L12 16.7Z; "
        "carve 1 M12 16.4 C12 17.8 10.4 18.4 9.4 17.6 M12 16.4 C12 17.8 13.6 18.4 14.6 17.6",
    ),
    "dog": (
        "dog puppy pup pet pets canine vet veterinary animal",
        "fill M5.4 8 C6.6 4.8 9 3.6 12 3.6 S17.4 4.8 18.6 8 C19 14 18.4 21.4 12 21.4 S5 14 "
        "5.4 8Z; fill M6.6 3.4 C3.4 2.8 1.6 5 1.6 9 C1.6 12.4 2.6 14.6 4.2 14.4 C5.8 12 6 8 "
        "8.6 4.8Z; fill M17.4 3.4 C20.6 2.8 22.4 5 22.4 9 C22.4 12.4 21.4 14.6 19.8 14.4 "
        "C18.2 12 18 8 15.4 4.8Z; carve .9 M5 14 C5.6 10.6 6 8 7.8 5.6 M19 14 C18.4 10.6 18 8 "
        "16.2 5.6; cut circle 9.2 10.8 1.25; cut circle 14.8 10.8 1.25; cut ellipse 12 14.8 "
        "1.9 1.4; carve 1 M12 15.6 V17.4 M9.8 18.4 C10.8 18.6 12 18.2 12 17.2 C12 18.2 13.2 "
        "18.6 14.2 18.4",
    ),
    "paw": (
        "paw shelter adoption zoo",
        "fill M12 11.4 C14.8 11.4 18 15.4 18 18.2 C18 20.4 16.2 21.4 14.4 20.8 C12.8 20.2 "
        "11.2 20.2 9.6 20.8 C7.8 21.4 6 20.4 6 18.2 C6 15.4 9.2 11.4 12 11.4Z; fill ellipse "
        "4.6 11 2.1 2.8; fill ellipse 9 6 2.2 3; fill ellipse 15 6 2.2 3; fill ellipse 19.4 "
        "11 2.1 2.8",
    ),
    "bird": (
        "bird birds tweet songbird parrot sparrow feather",
        "fill circle 15 8.4 4.8; fill M10.4 7 C10 12 6.4 15.4 1.6 18.2 C3.4 20.2 7 21 11 20.4 "
        "C16.4 19.6 19.8 15.4 19.8 8.4Z; fill poly 18.8,6 23.2,8.6 18.8,10.4; cut circle 15.6 "
        "7.4 1.15; carve 1.5 M6.4 16.8 C10 17 13 15.2 14.2 11.8; line 1.7 M10.4 20 V22.6 "
        "M13.6 19.4 V22.6",
    ),
    "fish": (
        "fish fishing aquarium seafood sushi",
        "fill M1.8 12 C5.6 6 12.4 5 17 9.8 L22 6 V18 L17 14.2 C12.4 19 5.6 18 1.8 12Z; cut "
        "circle 6.8 11 1.3; carve 1.4 M10.6 8.6 C11.8 10.6 11.8 13.4 10.6 15.4",
    ),
    "tent": (
        "tent camping campsite glamping",
        "fill M12 3 L22.4 20.4 H1.6Z; cut M12 11 L17.4 20.6 H6.6Z; line 1.8 M12 4.4 L10.4 1.8 "
        "M12 4.4 L13.6 1.8",
    ),
    "umbrella": (
        "umbrella insurance",
        "fill M12 2.6 C17.8 2.6 22 6.8 22.2 12.6 C20.4 10.8 18 10.8 16.4 12.6 C14.6 10.8 9.4 "
        "10.8 7.6 12.6 C6 10.8 3.6 10.8 1.8 12.6 C2 6.8 6.2 2.6 12 2.6Z; line 2 M12 11.6 "
        "V18.6 A2.4 2.4 0 0 0 16.8 18.6",
    ),
}
