"""Glyphs of sound, pictures, play and talk: the words that ask for each, then how it is drawn."""

from __future__ import annotations

from typing import Final

MEDIA: Final[dict[str, tuple[str, str]]] = {
    "music": (
        "music song tune melody playlist album audio player",
        "fill circle 6.8 18 3.3; fill circle 17.2 15.8 3.3; line 2 M9.1 18 V6.6 M19.5 15.8 "
        "V4.6; fill M8.1 6.2 L20.5 3.4 V7.6 L8.1 10.4Z",
    ),
    "camera": (
        "camera photo photography photographer selfie",
        "fill rect 2 6.4 20 13.8 3.4; fill M7.6 7 L9.4 3.8 H14.6 L16.4 7Z; cut circle 12 13.2 "
        "4.4; fill circle 12 13.2 2.7; cut circle 18.6 9.7 0.9",
    ),
    "image": (
        "image gallery picture pictures photos art artwork",
        "fill rect 2.4 4 19.2 16 3.4; cut circle 8 9.3 2; cut M4.8 17.6 L9.8 11.8 L13.2 15.6 "
        "L16.2 12.4 L19.4 17.6Z",
    ),
    "video": (
        "video stream streaming movie recorder webinar",
        "fill rect 1.8 5.8 14 12.4 3.2; fill M17.2 10.6 L22.2 7.2 V16.8 L17.2 13.4Z",
    ),
    "film": (
        "film cinema theater theatre clapper movies",
        "fill rect 2.6 10.2 18.8 11 2.4; turn -12 2.6 9.2; fill rect 2.6 4.8 18.8 4.2 1; cut "
        "M6 4.8 H8.6 L7 9 H4.4Z; cut M11.4 4.8 H14 L12.4 9 H9.8Z; cut M16.8 4.8 H19.4 L17.8 9 "
        "H15.2Z",
    ),
    "play": (
        "play start watch",
        "fill poly 7,4.4 19.6,12 7,19.6; edge 2.6 poly 7,4.4 19.6,12 7,19.6",
    ),
    "mic": (
        "mic microphone voice record recording podcast podcasts speech karaoke dictation",
        "fill rect 8.4 1.8 7.2 12.4 3.6; line 2.1 M4.9 11 A7.1 7.1 0 0 0 19.1 11; line 2.1 "
        "M12 18.2 V21.6 M8.4 21.6 H15.6",
    ),
    "headphones": (
        "headphones headphone earphones listen listening audiobook lofi",
        "line 2.3 M3.6 15.4 V12.4 A8.4 8.4 0 0 1 20.4 12.4 V15.4; fill rect 2.2 13.4 5.4 8 "
        "2.3; fill rect 16.4 13.4 5.4 8 2.3",
    ),
    "speaker": (
        "speaker volume sound loud noise",
        "fill M3 9.2 H7 L12.4 4.4 V19.6 L7 14.8 H3Z; edge 1.6 M3 9.2 H7 L12.4 4.4 V19.6 L7 "
        "14.8 H3Z; line 2 M15.6 8.8 A4.8 4.8 0 0 1 15.6 15.2; line 2 M18.2 5.8 A8.8 8.8 0 0 1 "
        "18.2 18.2",
    ),
    "guitar": (
        "guitar band concert rock",
        "turn 45; line 2.4 M12 1.6 V12; fill circle 12 12.6 4.2; fill circle 12 18 5; cut "
        "circle 12 15.6 1.8; fill rect 10 0.8 4 3 1",
    ),
    "chat": (
        "chat message messages messenger messaging conversation talk sms comment bubble "
        "support chatbot community",
        "fill rect 2.2 3.6 19.6 13.8 4.6; fill M6 15.4 V21.6 L12.8 16.8Z; cut circle 7.6 10.5 "
        "1.35; cut circle 12 10.5 1.35; cut circle 16.4 10.5 1.35",
    ),
    "mail": (
        "mail email e-mail inbox letter newsletter envelope postal",
        "fill rect 2 4.8 20 14.8 3.4; carve 1.9 M4.6 8.4 L12 13.8 L19.4 8.4",
    ),
    "phone": (
        "phone smartphone mobile app device iphone",
        "fill rect 5.8 1.6 12.4 20.8 3.2; cut rect 7.6 4.4 8.8 13.2 0.8; cut circle 12 20 0.95",
    ),
    "call": (
        "call telephone calling hotline voip dial",
        "line 3 M6 4.8 C5.4 12 12 18.6 19.2 18; turn 0; fill rect 3 2.4 5.6 6.6 1.8; fill "
        "rect 15 15.4 6.6 5.6 1.8",
    ),
    "megaphone": (
        "megaphone announce announcement marketing advertising ads campaign promotion broadcast",
        "turn -12; fill M3 9.4 H8 L19.4 4 V19 L8 13.8 H3Z; edge 1.6 M3 9.4 H8 L19.4 4 V19 L8 "
        "13.8 H3Z; line 2.6 M7 14.6 L8.6 19.6; line 2 M21.6 9.6 V13.4",
    ),
    "gamepad": (
        "gamepad game games gaming controller console arcade joystick esports gamer",
        "fill M7.2 6 H16.8 C20 6 21.8 8.6 22.4 13.8 C22.9 18.6 19.2 20 17 16.8 L15.8 15 H8.2 "
        "L7 16.8 C4.8 20 1.1 18.6 1.6 13.8 C2.2 8.6 4 6 7.2 6Z; carve 1.7 M8 8.6 V13 M5.8 "
        "10.8 H10.2; cut circle 15 12.1 1.15; cut circle 17.8 9.5 1.15",
    ),
    "puzzle": (
        "puzzle plugin extension addon jigsaw module integration brainteaser",
        "fill M3 8.4 H8 C6.6 5 8 3 10.2 3 C12.4 3 13.8 5 12.4 8.4 H17.6 V12.4 C21 11 22.4 "
        "12.6 22.4 14.6 C22.4 16.6 21 18.2 17.6 16.8 V21.4 H12.4 C13.6 18.2 12.2 17 10.3 17 "
        "C8.4 17 7 18.2 8.2 21.4 H3Z",
    ),
    "dice": (
        "dice random luck casino chance gambling boardgame",
        "fill rect 3 3 18 18 4.4; cut circle 8 8 1.6; cut circle 16 8 1.6; cut circle 12 12 "
        "1.6; cut circle 8 16 1.6; cut circle 16 16 1.6",
    ),
    "brush": (
        "brush paint painting painter draw drawing sketch illustration creative artist",
        "fill M21.2 2.6 C22 3.4 21.4 4.6 20.8 5.4 L13.4 14.8 L9.4 11 L18.8 3.4 C19.6 2.8 20.5 "
        "1.9 21.2 2.6Z; soft M8.4 12.2 L12.2 15.8 C12 19.4 8.8 22 2.8 21 C4.6 19.8 4.2 18 4.5 "
        "16.2 C4.9 13.8 6.4 12.4 8.4 12.2Z",
    ),
    "palette": (
        "palette colour color colours colors theme design designer",
        "fill M12 2.4 A9.6 9.6 0 1 0 12 21.6 C13.8 21.6 14.2 19.9 13.4 18.6 C12.5 17 13.6 "
        "15.6 15.4 15.6 H17.8 C20.2 15.6 21.6 14 21.6 12 C21.6 6.6 17.2 2.4 12 2.4Z; cut "
        "circle 7 12.2 1.5; cut circle 9 7.6 1.5; cut circle 14 6.6 1.5; cut circle 18 10 1.5",
    ),
    "pen": (
        "pen pencil write writing writer edit editor blog journal diary author notes note memo",
        "fill M2.8 21.2 L4.4 15.4 L15 4.8 L19.2 9 L8.6 19.6Z; fill M16.4 3.4 L17.6 2.2 C18.4 "
        "1.4 19.4 1.4 20.2 2.2 L21.8 3.8 C22.6 4.6 22.6 5.6 21.8 6.4 L20.6 7.6Z",
    ),
    "tv": (
        "tv television channel show broadcast screen monitor display",
        "fill rect 2 4.4 20 13.2 2.6; cut rect 4.2 6.6 15.6 8.8 1; line 2.2 M8 20.8 H16; fill "
        "rect 11 17 2 4 0",
    ),
}
