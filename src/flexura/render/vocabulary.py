"""The words that a prompt is read by: places, hours, weathers, moods, styles, subjects."""

from __future__ import annotations

from typing import Final

PLACES: Final[dict[str, str]] = {
    "street": (
        "street alley alleyway avenue boulevard crosswalk sidewalk intersection chinatown "
        "market downtown lane"
    ),
    "city": (
        "city cityscape skyline skyscraper urban metropolis megacity megalopolis town "
        "manhattan tokyo shanghai chicago hongkong rooftop 'new york' 'hong kong' "
        "building tower office cyberpunk"
    ),
    "village": "village hamlet cottage suburb chalet",
    "lake": "lake pond fjord reservoir lakeside river riverside",
    "volcano": "volcano lava eruption magma volcanic",
    "arctic": (
        "arctic antarctic antarctica iceberg glacier tundra polar 'north pole' ice icy frozen"
    ),
    "mountains": (
        "mountain peak alps ridge summit himalaya andes cliff highlands 'mountain range' "
        "alpine hill valley"
    ),
    "beach": "beach shore tropics tropical seaside lagoon paradise",
    "island": "island isle archipelago",
    "underwater": "underwater reef coral seabed aquarium 'under water' 'deep sea' undersea",
    "sea": "sea ocean wave coast harbour harbor bay marine seascape pier water surf",
    "space": (
        "space cosmos cosmic galaxy nebula universe interstellar orbit 'outer space' "
        "starfield astronomy 'deep space' 'solar system' spacecraft"
    ),
    "forest": "forest wood woods jungle woodland rainforest taiga pinewood grove",
    "canyon": "canyon mesa badlands gorge butte 'monument valley'",
    "desert": "desert dune sahara oasis sand sandy",
    "meadow": (
        "meadow field grass hillside countryside farm farmland prairie grassland pasture "
        "spring landscape lawn savanna savannah steppe vineyard"
    ),
    "garden": "garden park backyard orchard",
    "room": (
        "room interior bedroom studio desk window livingroom 'living room' cafe indoors "
        "kitchen workspace library"
    ),
    "sky": "sky cloud heaven skies cloudscape airspace",
}

TIMES: Final[dict[str, str]] = {
    "golden": "'golden hour' 'golden light' 'late afternoon' 'evening sun' afternoon golden",
    "dawn": "dawn sunrise morning daybreak 'early morning'",
    "sunset": "sunset sundown evening",
    "dusk": "dusk twilight 'blue hour' nightfall",
    "night": "night midnight nighttime nocturnal moonlit moonlight starry dark starlit",
    "day": "day daytime noon midday daylight sunny bright 'blue sky' sunlit sunlight",
}

WEATHERS: Final[dict[str, str]] = {
    "storm": "storm thunder lightning thunderstorm tempest stormy thunderstorms hurricane",
    "rain": "rain rainy raining drizzle wet shower downpour rainfall",
    "snow": "snow snowy snowing snowfall blizzard winter wintry christmas snowflake",
    "fog": "fog foggy mist misty haze hazy smog smoky",
    "aurora": "aurora 'northern lights' borealis australis 'aurora borealis'",
    "wind": "wind windy breeze breezy autumn fall leaves",
    "cloudy": "cloudy overcast clouded",
    "clear": "clear cloudless crisp",
}

MOODS: Final[dict[str, str]] = {
    "calm": (
        "calm serene peaceful tranquil quiet still relaxing relaxed gentle meditative zen "
        "soothing soft chill chilled sleepy slow mellow"
    ),
    "dark": ("gloomy moody ominous dystopian noir eerie spooky scary haunting sinister mysterious"),
    "happy": (
        "happy cheerful joyful playful fun bright vibrant colorful colourful lively "
        "uplifting summer funny"
    ),
    "epic": "epic dramatic majestic grand heroic powerful intense breathtaking awesome",
    "dreamy": (
        "dreamy magical fantasy mystical ethereal surreal whimsical enchanted fairytale romantic"
    ),
    "cold": "cold chilly frosty cool freezing",
    "warm": "warm hot cozy cosy",
    "sad": "sad melancholic lonely nostalgic melancholy melancholia",
    "energetic": "energetic fast upbeat driving action exciting dynamic",
}

STYLES: Final[dict[str, str]] = {
    "cinematic": "cinematic film movie filmic anamorphic",
    "flat": "flat minimal minimalist minimalistic simple vector clean 'flat design' geometric",
    "watercolour": (
        "watercolor watercolour painted painting painterly gouache aquarelle 'oil "
        "painting' ghibli impressionist"
    ),
    "synthwave": "synthwave retrowave vaporwave retro outrun 80s eighties '1980s'",
    "pixel": "pixel 'pixel art' pixelart 8bit 8-bit 16-bit pixelated",
    "line": "'line art' lineart sketch 'line drawing' outline ink drawing engraving",
    "mono": "monochrome grayscale greyscale 'black and white' bw",
    "lowpoly": "lowpoly 'low poly' low-poly polygonal faceted",
    "futuristic": (
        "futuristic future sci-fi scifi 'science fiction' cyber cyberpunk utopian "
        "hologram holographic"
    ),
    "neon": "neon glowing luminous fluorescent",
    "noir": "noir",
}

SUBJECTS: Final[dict[str, str]] = {
    "yarn": "yarn 'ball of yarn' 'yarn ball' wool",
    "cat": "cat kitten kitty",
    "dog": "dog puppy",
    "fox": "fox",
    "deer": "deer stag elk reindeer",
    "camel": "camel caravan",
    "bird": "bird gull seagull crow swallow flock pigeon",
    "fish": "fish school",
    "whale": "whale",
    "jellyfish": "jellyfish",
    "person": (
        "person people man woman girl boy figure silhouette child kid traveler traveller "
        "hiker walker someone crowd pedestrian couple human wanderer"
    ),
    "astronaut": "astronaut cosmonaut spaceman",
    "umbrella": "umbrella",
    "boat": "boat sailboat ship yacht sail sailing sailer",
    "house": "house hut cabin cottage barn home lodge chalet farmhouse",
    "lighthouse": "lighthouse",
    "castle": "castle fortress palace",
    "windmill": "windmill mill",
    "bridge": "bridge",
    "tent": "tent camp camping",
    "campfire": "campfire bonfire fire",
    "car": "car taxi traffic automobile vehicle",
    "train": "train railway tram",
    "rocket": "rocket spaceship 'space ship' shuttle launch",
    "ufo": "ufo 'flying saucer'",
    "robot": "robot android bot",
    "plane": "plane airplane aeroplane jet aircraft",
    "balloon": "'hot air balloon' 'hot-air balloon' balloon",
    "lantern": "lantern",
    "palm": "palm 'palm tree'",
    "pine": "pine fir spruce conifer pinetree evergreen",
    "blossom": "'cherry tree' 'cherry blossom' sakura blossom",
    "tree": "tree oak birch",
    "cactus": "cactus cacti",
    "flower": "flower sunflower tulip rose daisy poppy lavender wildflower lily petal",
    "pyramid": "pyramid",
    "planet": "planet earth saturn mars jupiter",
    "star": "star 'milky way' constellation 'shooting star' meteor comet",
    "moon": "moon 'full moon' crescent",
    "sun": "sun",
    "firefly": "firefly fireflies",
    "light": "light lamp streetlight lamplight lights streetlamp",
    "sign": "sign billboard signage",
    "reflection": "reflection reflective mirror mirrored puddle",
    "path": "path trail road track",
    "iceberg": "iceberg",
    "waterfall": "waterfall cascade",
    "heart": "heart",
    "plant": "plant houseplant succulent",
    "coffee": "coffee cup mug tea",
    "book": "book",
    "computer": "computer laptop monitor pc screen",
    "rainbow": "rainbow",
}

COLOURS: Final[dict[str, str]] = {
    "red": "#e5383b",
    "crimson": "#c1121f",
    "scarlet": "#ff2e1f",
    "maroon": "#7f1d1d",
    "burgundy": "#6d1a36",
    "orange": "#fb8500",
    "amber": "#ffb000",
    "coral": "#ff7f6a",
    "peach": "#ffcba4",
    "salmon": "#fa8072",
    "yellow": "#ffd60a",
    "gold": "#e0a526",
    "mustard": "#d9a520",
    "cream": "#fff4dc",
    "beige": "#e8dcc4",
    "green": "#2a9d4a",
    "lime": "#a3e635",
    "olive": "#7a7f2a",
    "emerald": "#10b981",
    "mint": "#a8e6cf",
    "sage": "#9caf88",
    "teal": "#0d9488",
    "turquoise": "#2dd4bf",
    "cyan": "#22d3ee",
    "aqua": "#3fd0e0",
    "blue": "#2563eb",
    "azure": "#3a86ff",
    "navy": "#10204f",
    "cobalt": "#0047ab",
    "indigo": "#4338ca",
    "sapphire": "#0f52ba",
    "purple": "#7b2cbf",
    "violet": "#8b5cf6",
    "lilac": "#c8a2e0",
    "plum": "#6f2c6b",
    "magenta": "#e0218a",
    "fuchsia": "#e01fd0",
    "pink": "#ff70a6",
    "rosy": "#f4a6b5",
    "brown": "#7a4a2b",
    "chocolate": "#4b2a17",
    "tan": "#d2a679",
    "copper": "#b87333",
    "bronze": "#a97142",
    "black": "#0b0b0f",
    "white": "#f8f9fb",
    "gray": "#868e96",
    "grey": "#868e96",
    "silver": "#c2c8d0",
    "charcoal": "#2b2f36",
    "slate": "#475569",
    "ivory": "#fffbea",
}

SHADES: Final[dict[str, tuple[float, float]]] = {
    "light": (1.22, 0.72),
    "pale": (1.3, 0.5),
    "pastel": (1.3, 0.55),
    "soft": (1.12, 0.7),
    "dark": (0.62, 0.9),
    "deep": (0.7, 1.1),
    "bright": (1.1, 1.2),
    "vivid": (1.0, 1.3),
    "muted": (0.95, 0.5),
    "neon": (1.12, 1.4),
    "dusty": (1.0, 0.55),
    "hot": (1.0, 1.2),
}
"""What a shade word before a colour word does to its lightness and chroma."""

DESIGN: Final[str] = (
    "icon logo monogram pattern seamless texture card banner chart wireframe avatar placeholder "
    "hero background backdrop wallpaper website app page web header cover poster thumbnail "
    "social identicon initials graph bar pie line ui ux interface mockup layout dashboard tile "
    "repeating gradient mesh abstract blob stripes dots grid paper marble noise title headline "
    "text logotype badge button brand startup company product landing og image picture photo "
    "photograph photography video clip animation animated footage loop looping illustration art "
    "artwork digital render rendering 3d graphic design scene shot view vista panorama portrait "
    "square wide music song track ambient beat sound effect sfx melody piano guitar drums synth "
    "strings chiptune orchestral bpm jingle voice speech mobile desktop screenshot"
)
"""Words that name what is to be made; they are understood, and nothing in a scene."""

PLAIN: Final[str] = (
    "a an the of in on at by with without and or to for from into over under above below behind "
    "between near through across along around up down out off is are was be being been it its "
    "this that these those there their his her our my your some many few several lots lot all "
    "both each one two three four five six seven eight nine ten very highly extremely ultra "
    "super really quite so more most less detailed detail details realistic photorealistic "
    "hyperrealistic quality high resolution hd 4k 8k uhd hdr best masterpiece trending "
    "artstation beautiful stunning gorgeous nice pretty lovely amazing cute little small big "
    "large huge giant tiny tall long short old new modern ancient young vast distant far close "
    "up wide full deep shallow low high single lone alone empty busy crowded abandoned make "
    "create generate draw show please want like style styled look looking feel inspired made "
    "using featuring as if while where when which who playing play plays sitting sits standing "
    "stands walking walks running runs flying flies floating floats sleeping sleeps moving "
    "drifting driving rising setting falling swimming riding crossing watching swaying rolling "
    "covered filled lofi home lit lighting illuminated shining reflecting reflected surrounded "
    "towards toward against front back left right top bottom middle center centre foreground "
    "atmosphere atmospheric mood vibe feeling aesthetic color colour colors colours palette "
    "tone tones depth volumetric bokeh lens camera angle aerial drone zoom pan seconds second "
    "not no only just also time hour horizon nature natural scenery scenic environment world "
    "outdoor outdoors dramatic dense thick heavy light lights rays ray shadow shadows smooth "
    "rough glow shiny sparkling shimmering starry silhouetted rocky grassy green blooming wild "
    "lush curved winding slowly quickly i me we you he she they them then than but bursting "
    "bouncing set sets against flickering twinkling glittering drops hanging beneath beside "
    "inside outside here"
)
"""Words that a sentence needs and a picture does not."""
