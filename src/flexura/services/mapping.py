"""What the caller's words are called in vendors' schemas. Data only: a new synonym is one word in a table.

Every table is ordered: the first name that the model's live schema has, with a type that fits, is taken.
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PROMPT = _words(
    "prompt promptText prompt_text text_prompt positive_prompt text input input_text script"
)
PROMPT_IF_REQUIRED = ("lyrics", "description", "caption", "instruction", "instructions", "query")
"""What is written there is the prompt only where the model cannot do without."""

COUNT = _words(
    "n num_images num_outputs number_of_images numberOfImages number_of_outputs outputCount "
    "output_count image_count sampleCount sample_count numberOfVideos num_videos num_samples "
    "samples max_images batch_size count"
)
SEED = ("seed", "random_seed", "randomSeed", "noise_seed", "manual_seed")

WIDTH = ("width", "image_width", "video_width", "output_width")
HEIGHT = ("height", "image_height", "video_height", "output_height")
SIZED = _words(
    "size image_size imageSize video_size output_size dimensions aspect_ratio aspectRatio "
    "ratio resolution video_resolution output_resolution megapixels megapixel"
)
"""Properties that say how large or of which shape; what their values mean is read from the values."""
FREE_PIXELS = ("size", "image_size", "video_size", "output_size", "dimensions")
FREE_RATIO = ("aspect_ratio", "aspectRatio", "ratio")
MEGAPIXELS = ("megapixels", "megapixel")
SIZE_WORDS: Mapping[str, tuple[int, int]] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
"""Width and height behind the words of fal's `image_size` (fal.ai model pages, "ImageSize")."""
SHAPE_WORDS: Mapping[str, float] = {"landscape": 16 / 9, "portrait": 9 / 16, "square": 1.0}

SECONDS = _words(
    "seconds duration duration_seconds durationSeconds duration_s seconds_total total_seconds "
    "video_length audio_length length_seconds audio_duration video_duration music_length "
    "length"
)
MILLISECONDS = ("music_length_ms", "duration_ms", "length_ms", "durationMs", "audio_length_ms")
FRAMES = ("num_frames", "frames", "number_of_frames", "numFrames", "video_frames", "frame_count")
FPS = _words("fps frames_per_second framesPerSecond frame_rate framerate frameRate video_fps")

NUMBERS: Mapping[str, tuple[str, ...]] = {
    "steps": (
        "steps",
        "num_inference_steps",
        "numInferenceSteps",
        "num_steps",
        "inference_steps",
        "sampling_steps",
        "sample_steps",
        "ddim_steps",
    ),
    "guidance": (
        "guidance",
        "guidance_scale",
        "guidanceScale",
        "cfg_scale",
        "cfgScale",
        "cfg",
        "true_cfg_scale",
        "scale",
    ),
    "fps": FPS,
    "speed": ("speed", "voice_speed", "speaking_rate", "speakingRate", "speech_rate"),
}
"""Canonical options that are numbers everywhere."""

PLAIN: Mapping[str, tuple[str, ...]] = {
    "negative_prompt": ("negative_prompt", "negativePrompt", "negative", "negative_text"),
    "quality": ("quality", "image_quality", "output_quality"),
    "background": ("background", "background_type"),
    "voice": (
        "voice",
        "voice_id",
        "voiceId",
        "voice_name",
        "voiceName",
        "voice_preset",
        "speaker",
        "speaker_id",
    ),
}
"""Canonical options whose value goes over as it is, or as the allowed word that it spells."""

TRANSPARENT = ("transparent_background", "transparent", "transparentBackground")
"""Switches that stand for `background: transparent`."""
SOUND = _words(
    "sound generate_audio generateAudio with_audio enable_audio audio_enabled include_audio "
    "add_audio audio"
)
FORMAT = _words(
    "format output_format outputFormat response_format mime_type mimeType output_mime_type "
    "outputMimeType audio_format image_format video_format file_format container"
)
FORMAT_WORDS: Mapping[str, tuple[str, ...]] = {
    "png": ("png",),
    "jpeg": ("jpeg", "jpg"),
    "jpg": ("jpeg", "jpg"),
    "webp": ("webp",),
    "avif": ("avif",),
    "svg": ("svg", "svg+xml"),
    "gif": ("gif",),
    "mp4": ("mp4", "h264"),
    "webm": ("webm", "vp9"),
    "mov": ("mov", "quicktime", "prores"),
    "wav": ("wav", "x-wav", "wave"),
    "mp3": ("mp3", "mpeg", "mpga"),
    "ogg": ("ogg", "opus", "ogg_opus", "vorbis"),
    "opus": ("opus", "ogg_opus", "ogg"),
    "flac": ("flac", "x-flac"),
    "aac": ("aac", "m4a"),
    "m4a": ("m4a", "aac", "mp4a"),
    "pcm": ("pcm", "l16"),
}
"""Other words for a file format, bare or behind the `/` of a media type."""

LANGUAGE = _words(
    "language language_code languageCode lang lang_code target_language language_boost "
    "text_language"
)
LANGUAGE_NAMES: Mapping[str, str] = {
    code: name
    for code, _, name in (
        pair.partition(":")
        for pair in _words(
            "af:Afrikaans ar:Arabic bg:Bulgarian bn:Bengali ca:Catalan cs:Czech cy:Welsh da:Danish "
            "de:German el:Greek en:English es:Spanish et:Estonian eu:Basque fa:Persian fi:Finnish "
            "fil:Filipino fr:French ga:Irish gl:Galician gu:Gujarati he:Hebrew hi:Hindi hr:Croatian "
            "hu:Hungarian hy:Armenian id:Indonesian is:Icelandic it:Italian ja:Japanese ka:Georgian "
            "kk:Kazakh kn:Kannada ko:Korean lt:Lithuanian lv:Latvian mk:Macedonian ml:Malayalam "
            "mr:Marathi ms:Malay nb:Norwegian ne:Nepali nl:Dutch no:Norwegian pa:Punjabi pl:Polish "
            "pt:Portuguese ro:Romanian ru:Russian sk:Slovak sl:Slovenian sr:Serbian sv:Swedish "
            "sw:Swahili ta:Tamil te:Telugu th:Thai tr:Turkish uk:Ukrainian ur:Urdu vi:Vietnamese "
            "zh:Chinese"
        )
    )
}
"""English names of languages, by their ISO 639 codes: some vendors want the name."""

_START = _words(
    "first_frame_image first_frame_image_url first_frame_url first_frame firstFrame "
    "start_image_url start_image start_frame start_frame_url"
)
_END = _words(
    "last_frame_image last_frame_image_url last_frame_url last_frame lastFrame end_image_url "
    "end_image end_frame end_frame_url tail_image_url tail_image image_tail"
)
_REFERENCES = _words(
    "reference_image_urls reference_images referenceImages input_references inputReferences "
    "references reference_urls reference_image_url reference_image subject_reference "
    "subject_images style_reference_images style_image_url style_image image_prompt "
    "image_prompt_url"
)
_IMAGES = _words(
    "image_url image_urls image images init_image init_image_url input_image input_image_url "
    "input_images input_image_urls image_input promptImage prompt_image source_image "
    "source_image_url source_images img image_file base_image input_reference frame_images "
    "init_images control_image control_image_url"
)
SLOTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("mask", "image"): (
        "mask_url",
        "mask_image_url",
        "mask_image",
        "mask",
        "image_mask",
        "mask_urls",
        "inpaint_mask",
    ),
    ("first_frame", "image"): (*_START, *_IMAGES),
    ("last_frame", "image"): _END,
    ("reference", "image"): (*_REFERENCES, "image_urls", "images", "input_images", "image_input"),
    ("image", "image"): (*_IMAGES, *_START, *_REFERENCES),
    ("video", "video"): (
        "video_url",
        "video",
        "input_video",
        "input_video_url",
        "video_input",
        "source_video",
        "source_video_url",
        "videoUri",
        "promptVideo",
        "init_video",
        "video_urls",
        "videos",
        "driving_video",
        "driving_video_url",
    ),
    ("reference", "video"): (
        "reference_video_urls",
        "reference_videos",
        "referenceVideos",
        "reference_video_url",
        "reference_video",
        "video_urls",
        "videos",
    ),
    ("audio", "audio"): (
        "audio_url",
        "audio",
        "input_audio",
        "input_audio_url",
        "audio_input",
        "source_audio",
        "audio_file",
        "driven_audio",
        "driving_audio",
        "audio_urls",
        "audios",
        "song",
        "music_url",
    ),
    ("reference", "audio"): (
        "reference_audio_urls",
        "reference_audios",
        "referenceAudios",
        "referenceAudio",
        "reference_audio_url",
        "reference_audio",
        "ref_audio_url",
        "ref_audio",
        "speaker_audio",
        "voice_sample",
        "audio_urls",
    ),
}
"""Properties that take an input, by its role and its medium."""
ROLE_OF: Mapping[str, str] = {
    **{name: role for (role, _), names in SLOTS.items() for name in names},
    **dict.fromkeys(_REFERENCES, "reference"),
    **dict.fromkeys(_IMAGES, "image"),
    **dict.fromkeys(_START, "first_frame"),
    **dict.fromkeys(SLOTS["video", "video"], "video"),
    **dict.fromkeys(SLOTS["audio", "audio"], "audio"),
}
"""What a property that takes an input is for, for telling a caller."""

OWN_WORDS: Mapping[str, str] = {
    **{name: "options.size" for name in SIZED},
    **{name: "options.width" for name in WIDTH},
    **{name: "options.height" for name in HEIGHT},
    **{name: "options.seconds" for name in (*SECONDS, *MILLISECONDS, *FRAMES)},
    **{name: "options.sound" for name in SOUND},
    **{name: "options.format" for name in FORMAT},
    **{name: "options.language" for name in LANGUAGE},
    **{name: f"options.{word}" for word, names in (NUMBERS | PLAIN).items() for name in names},
    **{name: "options.background" for name in TRANSPARENT},
    **{name: "options.seed" for name in SEED},
    **{name: "n" for name in COUNT},
    **{name: "prompt" for name in ("prompt", "promptText", "prompt_text", "text_prompt")},
}
"""What a caller would say for a property: for errors, and to tell what an unknown option may have meant."""
