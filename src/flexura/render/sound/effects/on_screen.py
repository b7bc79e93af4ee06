"""The effects of interfaces and games, and the words that call for them."""

from __future__ import annotations

from flexura.render.sound.effects import game, interface
from flexura.render.sound.effects.family import Family

INTERFACE = (
    Family(
        "click",
        interface.click,
        "click|button|press|button press|mouse click|select|checkbox",
        0.14,
    ),
    Family("tap", interface.tap, "tap|touch|tick box", 0.12),
    Family("toggle", interface.toggle, "toggle|switch|light switch|slider", 0.16),
    Family("hover", interface.hover, "hover|focus|mouse over|mouseover|rollover", 0.09),
    Family(
        "success",
        interface.success,
        "success|correct|complete|completed|completion|done|achievement|confirm|confirmation|approv"
        "ed|right answer|"
        "payment|task complete|saved|win|winner",
        1.0,
    ),
    Family(
        "error",
        interface.error,
        "error|fail|failure|failed|invalid|denied|wrong|rejected|incorrect|mistake",
        0.45,
    ),
    Family("warning", interface.warning, "warning|caution|attention|alert", 0.62),
    Family(
        "notification",
        interface.notification,
        "notification|notify|reminder|ding|bing|ping|inbox|new mail",
        1.1,
    ),
    Family(
        "message", interface.message, "message|chat|bloop|blip|text message|sms|incoming|plop", 0.3
    ),
    Family("send", interface.send, "send|sent|submit|upload|share|publish", 0.5),
    Family("swipe", interface.swipe, "swipe|slide|scroll|drag", 0.32),
    Family(
        "whoosh",
        interface.whoosh,
        "whoosh|swoosh|woosh|transition|fly by|flyby|pass by|swish|air",
        0.75,
    ),
    Family("pop", interface.pop, "pop|bubble pop|cork|pop up|popup|like|emoji", 0.14),
    Family(
        "typing",
        interface.typing,
        "typing|keyboard|typewriter|keystroke|type|keyboard click",
        3.0,
        True,
        0.05,
    ),
    Family(
        "shutter",
        interface.shutter,
        "camera|shutter|photo|snapshot|screenshot|camera click",
        0.32,
        False,
        0.05,
    ),
    Family("buzz", interface.buzz, "buzzer|wrong answer|game show|error buzz|buzz", 0.62),
    Family("beep", interface.beep, "beep|bleep|scanner|scan|barcode", 0.2),
    Family(
        "countdown",
        interface.countdown,
        "countdown|count down|countdown beep|race start|timer",
        4.0,
    ),
    Family(
        "open",
        interface.opening,
        "open|opening|expand|menu|close|collapse|modal|unfold|dialog|panel",
        0.6,
    ),
    Family("lock", interface.lock, "lock|unlock|bolt|latch", 0.25, False, 0.05),
    Family("trash", interface.trash, "trash|delete|crumple|remove|bin|recycle", 0.6),
    Family("phone", interface.phone, "ringtone|phone|telephone ring|incoming call|call", 2.8),
    Family(
        "chime",
        interface.chime,
        "chime|chimes|wind chime|wind chimes|jingle|login|welcome",
        2.0,
        False,
        0.15,
    ),
)

GAME = (
    Family("coin", game.coin, "coin|coins|money|gold|cash", 0.6),
    Family("pickup", game.pickup, "pickup|pick up|collect|item|gem|loot|ring collect|bonus", 0.4),
    Family(
        "power_up",
        game.power_up,
        "power up|powerup|power-up|boost|charge|upgrade|powering up|charging",
        1.1,
    ),
    Family("jump", game.jump, "jump|hop|bounce|boing|spring jump|leap", 0.3),
    Family(
        "laser",
        game.laser,
        "laser|blaster|laser gun|pew|ray gun|phaser|beam|plasma",
        0.45,
        False,
        0.08,
    ),
    Family(
        "zap",
        game.zap,
        "zap|electric|electricity|spark|shock|taser|lightning bolt|short circuit",
        0.7,
    ),
    Family(
        "explosion",
        game.explosion,
        "explosion|explode|blast|bomb|boom|detonation|grenade|fireworks|firework",
        2.4,
        False,
        0.15,
    ),
    Family(
        "hit",
        game.hit,
        "hit|punch|kick|slap|smack|thud|bump|bang|thump|fight|crash",
        0.35,
        False,
        0.06,
    ),
    Family(
        "impact",
        game.impact,
        "impact|cinematic boom|braam|cinematic impact|trailer hit|slam down|cinematic hit",
        3.2,
        False,
        0.25,
    ),
    Family(
        "level_up",
        game.level_up,
        "level up|levelup|level-up|victory|fanfare|triumph|level complete|reward|unlocked|tada",
        1.6,
    ),
    Family(
        "game_over",
        game.game_over,
        "game over|lose|lost|defeat|death|you died|loser|sad trombone|fail sound",
        1.9,
    ),
    Family(
        "sparkle",
        game.sparkle,
        "magic|sparkle|sparkles|fairy|twinkle|magical|spell|glitter|shimmer|wand|pixie dust|stars",
        1.6,
        False,
        0.25,
    ),
    Family(
        "teleport",
        game.teleport,
        "teleport|teleportation|warp|portal|beam up|hyperspace|time travel",
        1.4,
        False,
        0.2,
    ),
    Family(
        "shield", game.shield, "shield|force field|forcefield|energy field|barrier", 1.3, False, 0.1
    ),
    Family("hurt", game.hurt, "hurt|damage|ouch|pain|player hit", 0.35),
    Family(
        "sword",
        game.sword,
        "sword|blade|slash|knife|katana|clash|steel|sword hit",
        1.0,
        False,
        0.12,
    ),
    Family(
        "shot",
        game.shot,
        "shot|gun|gunshot|pistol|rifle|shoot|shotgun|bullet|cannon",
        1.1,
        False,
        0.12,
    ),
    Family(
        "riser",
        game.riser,
        "riser|rise|build up|buildup|tension|uplifter|suspense",
        3.0,
        False,
        0.15,
    ),
    Family("glitch", game.glitch, "glitch|glitchy|stutter|corrupted|malfunction|bug", 0.9),
    Family("robot", game.robot, "robot|droid|android|r2d2|robotic|alien|cyborg", 1.2),
    Family("heal", game.heal, "heal|healing|health|potion|regenerate|revive", 1.4, False, 0.2),
    Family("dash", game.dash, "dash|dodge|sprint|speed|throw|arrow|bow|swing", 0.4),
)
